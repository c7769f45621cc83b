/** What must be true of a segment, a head and a receipt before a node keeps them. Whoever sent them is not trusted. */
import { DongboError } from '#agent/core/errors.ts';
import type { NodeId, SpaceId } from '#agent/core/ids.ts';
import type { Head, Receipt, Segment } from '#agent/core/segment.ts';
import { encodeHeader, headSigned, receiptSigned } from '#agent/core/segment-codec.ts';
import type { SigningDomain } from '#agent/core/signing.ts';
import { digestOf, type Position } from './feed-store.ts';

/** `verifySignature` of `seal/verify.ts`. */
export type Verify = (
  node: NodeId,
  domain: SigningDomain,
  bytes: Uint8Array,
  signature: Uint8Array,
) => boolean;

export interface SegmentRules {
  readonly verify: Verify;
  readonly space: SpaceId;
  /** Of the agreement in force and of its earlier revisions: what was signed under those stays valid. */
  readonly agreements: ReadonlySet<string>;
  /** Where the segment must join on, when that is known; `append` checks it again. */
  readonly after?: Position | undefined;
}

/**
 * Throws SEGMENT_REFUSED with the `rule` that is broken, FEED_GAP or FEED_FORK. A body may be missing: whether a later
 * record excuses that is only known when the stream has ended (`SpaceState.owed`).
 */
export function checkSegment(segment: Segment, rules: SegmentRules): void {
  const { header, headerBytes, signature, bodies } = segment;
  const refuse = (rule: string) => refused(header.space, header.origin.node, header.first, rule);
  if (header.space !== rules.space) throw refuse('must be of this space');
  if (!rules.agreements.has(header.agreement)) throw refuse('must name the agreement in force');
  if (bodies.length !== header.entries.length) throw refuse('must have a place for each body');
  if (Buffer.compare(encodeHeader(header), headerBytes) !== 0) throw refuse('must be what was signed');
  checkChain(segment, rules.after);
  if (!rules.verify(header.origin.node, 'segment', headerBytes, signature)) {
    throw refuse('must be signed by its origin');
  }
  header.entries.forEach(({ hash }, i) => {
    const body = bodies[i];
    if (body && digestOf(body) !== hash) throw refuse('must have the bodies that its header names');
  });
}

function checkChain({ header }: Segment, after: Position | undefined): void {
  if (!after || header.first <= after.seq) return;
  const details = { space: header.space, node: header.origin.node, seq: header.first };
  if (header.first > after.seq + 1) throw new DongboError('FEED_GAP', details, { retry: 'later' });
  if (header.prev !== after.digest) throw new DongboError('FEED_FORK', details);
}

/** Throws SEGMENT_REFUSED. */
export function checkHead(head: Head, { verify, space }: Pick<SegmentRules, 'verify' | 'space'>): void {
  const refuse = (rule: string) => refused(head.space, head.origin.node, head.seq, rule);
  if (head.space !== space) throw refuse('must be of this space');
  if (!verify(head.origin.node, 'head', headSigned(head), head.signature)) {
    throw refuse('must be signed by its origin');
  }
}

/** Throws SEGMENT_REFUSED. */
export function checkReceipt(
  receipt: Receipt,
  { verify, space }: Pick<SegmentRules, 'verify' | 'space'>,
): void {
  const refuse = (rule: string) => refused(receipt.space, receipt.reader, receipt.seq, rule);
  if (receipt.space !== space) throw refuse('must be of this space');
  if (!verify(receipt.reader, 'receipt', receiptSigned(receipt), receipt.signature)) {
    throw refuse('must be signed by its reader');
  }
}

const refused = (space: SpaceId, node: NodeId, seq: number, rule: string): DongboError =>
  new DongboError('SEGMENT_REFUSED', { space, node, seq, rule });

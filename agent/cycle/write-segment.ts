/** Records → segment: chained, signed, and read back as every other node will read it, before it goes into the feed. */
import { type Agreement, agreementDigest } from '#agent/core/agreement.ts';
import { DongboError } from '#agent/core/errors.ts';
import { parseDigest, type Tag } from '#agent/core/ids.ts';
import type { Head, Segment, SegmentEntry } from '#agent/core/segment.ts';
import {
  decodeHead,
  decodeSegment,
  encodeHead,
  encodeHeader,
  encodeSegment,
  headSigned,
} from '#agent/core/segment-codec.ts';
import type { SpaceBatch } from '#agent/feed/space-batch.ts';
import { sha256 } from '#agent/seal/verify.ts';
import { checkAuthored } from './accept.ts';
import type { PublisherParts } from './publisher.ts';

/** Returns the number of the last record. Throws FEED_UNWRITABLE; then nothing is in the batch. */
export async function appendSegment(
  parts: Pick<PublisherParts, 'state' | 'space' | 'origin' | 'identity' | 'clock'>,
  agreement: Agreement,
  batch: SpaceBatch,
  records: readonly { readonly tag: Tag; readonly body: Uint8Array }[],
): Promise<number> {
  const { state, space, origin, identity, clock } = parts;
  const before = await state.head(origin);
  const header = {
    space,
    origin,
    first: (before?.seq ?? 0) + 1,
    prev: before?.digest,
    agreement: agreementDigest(agreement),
    time: clock.now(),
    entries: records.map(({ tag, body }): SegmentEntry => ({ tag, hash: sha256(body) })),
  };
  const headerBytes = encodeHeader(header);
  const signature = identity.sign(agreement.suite, 'segment', headerBytes);
  const seq = header.first + records.length - 1;
  const unsigned = { space, origin, seq, digest: parseDigest(sha256(headerBytes)), time: header.time };
  const head: Head = {
    ...unsigned,
    signature: identity.sign(agreement.suite, 'head', headSigned(unsigned)),
  };
  const segment = { header, headerBytes, signature, bodies: records.map(({ body }) => body) };
  readBackSegment(agreement, { segment, head, before });
  await batch.append(segment, head);
  return seq;
}

/** What all would refuse must not become a link of the chain: everything behind it would wait for ever. */
function readBackSegment(
  agreement: Agreement,
  written: { readonly segment: Segment; readonly head: Head; readonly before: Head | undefined },
): void {
  try {
    const segment = decodeSegment(encodeSegment(written.segment));
    const head = decodeHead(encodeHead(written.head));
    checkAuthored(agreement, { segment, head, after: written.before });
  } catch (error) {
    if (!(error instanceof DongboError)) throw error;
    const { field = '(all)', rule = error.code } = error.details;
    const details = { space: agreement.space, field, rule };
    throw new DongboError('FEED_UNWRITABLE', details, { retry: 'later', cause: error });
  }
}

/** Segments of a feed in the words of the record: which, how many, how large. */
import { type NodeId, type Origin, originKey, type SpaceId } from '#agent/core/ids.ts';
import { encodeReceipt } from '#agent/core/receipt-codec.ts';
import { lastSeq, type Receipt, type Segment } from '#agent/core/segment.ts';
import type { AuditTrail, Sharing } from './audit-trail.ts';

export const reference = (origin: Origin, from: number, to: number): string =>
  `${originKey(origin)}#${from}-${to}`;

/** `segments` are in a row, at least one. */
export function stretchOf(segments: readonly Segment[]): Pick<Sharing, 'reference' | 'records' | 'bytes'> {
  const [head] = segments;
  const last = segments.at(-1);
  if (!head || !last) return { reference: 'nothing', records: 0, bytes: 0 };
  return {
    reference: reference(head.header.origin, head.header.first, lastSeq(last.header)),
    records: segments.reduce((sum, { header }) => sum + header.entries.length, 0),
    bytes: segments.reduce((sum, segment) => sum + segmentBytes(segment), 0),
  };
}

const segmentBytes = ({ headerBytes, bodies }: Segment): number =>
  bodies.reduce((sum, body) => sum + (body?.length ?? 0), headerBytes.length);

export interface Known {
  receipts(): Promise<readonly Receipt[]>;
}

/** Records the receipts that say more than what is held; called before they are taken in. */
export async function newReceipts(known: Known, given: readonly Receipt[]): Promise<readonly Receipt[]> {
  if (given.length === 0) return [];
  const keyOf = ({ reader, origin }: Receipt) => `${reader} ${originKey(origin)}`;
  const held = new Map((await known.receipts()).map((r) => [keyOf(r), r.seq]));
  return given.filter((r) => r.seq > (held.get(keyOf(r)) ?? 0));
}

/** One record for each: a reader's signed word that a feed is durable on its disk. */
export async function noteReceipts(
  trail: AuditTrail,
  { space, asked }: { readonly space: SpaceId; readonly asked: number },
  receipts: readonly Receipt[],
): Promise<void> {
  const noted = receipts.map((receipt) => {
    const { reader, origin, seq } = receipt;
    const parties: { requester: NodeId; supplier: NodeId } = { requester: reader, supplier: origin.node };
    const what = { reference: reference(origin, 1, seq), records: seq, bytes: encodeReceipt(receipt).length };
    return trail.done('receipt', {
      ...parties,
      ...what,
      ...{ space, asked, form: 'receipt', result: 'durable at the reader' },
    });
  });
  await Promise.all(noted);
}

/** Segments of a feed in the words of the record: which, how many, how large. */
import { type NodeId, type Origin, originKey, type SpaceId } from '#agent/core/ids.ts';
import { encodeReceipt } from '#agent/core/receipt-codec.ts';
import { lastSeq, type Receipt, type Segment } from '#agent/core/segment.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
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

type Known = Pick<SpaceState, 'receiptSeqs'>;

/** Runs `take`, and returns of the receipts given those that it has kept, also when it fails behind that. */
export async function keptReceipts(
  known: Known,
  given: readonly Receipt[],
  take: () => Promise<void>,
): Promise<{ readonly fresh: readonly Receipt[]; readonly error?: unknown }> {
  const before = await known.receiptSeqs(given);
  const failure = await take().then(
    () => ({}),
    (error: unknown) => ({ error }),
  );
  const after = await known.receiptSeqs(given);
  // Of several for one feed the furthest is kept.
  const fresh = given.filter(({ seq }, i) => seq > (before[i] ?? 0) && seq === after[i]);
  return { fresh, ...failure };
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

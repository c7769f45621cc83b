/** Segments of the right form under made-up signatures: the exchange moves them, others verify them. */
import { createHash } from 'node:crypto';
import type { AuditHead } from '#agent/core/audit-head.ts';
import {
  type ChunkId,
  type Digest,
  type Incarnation,
  type NodeId,
  type Origin,
  parseChunkId,
  parseDigest,
  parseIncarnation,
  parseNodeId,
  parseSpaceId,
  parseTag,
  type SpaceId,
} from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { type Head, lastSeq, type Receipt, type Segment } from '#agent/core/segment.ts';
import { encodeHeader } from '#agent/core/segment-codec.ts';
import type { AuditWords } from '#agent/exchange/audit-words.ts';

export const sha256 = (bytes: Uint8Array | string): Digest =>
  parseDigest(createHash('sha256').update(bytes).digest('hex'));

export const nodeNamed = (name: string): NodeId => parseNodeId(sha256(`node ${name}`));
export const spaceNamed = (name: string): SpaceId => parseSpaceId(sha256(`space ${name}`).slice(0, 32));
export const digestNamed = (name: string): Digest => sha256(`digest ${name}`);
const incarnation: Incarnation = parseIncarnation('00000000000000aa');
export const originOf = (node: NodeId): Origin => ({ node, incarnation });

export const signature = new Uint8Array(64).fill(7);

export const auditHeadOf = (node: NodeId, seq: number): AuditHead => ({
  node,
  seq,
  hash: digestNamed(`audit ${seq}`),
  time: '2026-07-01T02:03:04.000005Z',
  signature,
});

/** What `node` tells `other` of audit logs. */
export const auditWordsOf = (node: NodeId, other: NodeId): AuditWords => ({
  head: auditHeadOf(node, 120),
  remembered: [auditHeadOf(other, 60), auditHeadOf(other, 140)],
});

export function headAt(segment: Segment): Head {
  const { space, origin, time } = segment.header;
  return {
    space,
    origin,
    seq: lastSeq(segment.header),
    digest: sha256(segment.headerBytes),
    time,
    signature,
  };
}

/** The next segment after `before`, of `records` records with bodies of `size` bytes. */
export function segmentAfter(
  space: SpaceId,
  origin: Origin,
  before: Segment | undefined,
  records = 2,
  size = 20,
): Segment {
  const first = before ? lastSeq(before.header) + 1 : 1;
  const bodies = Array.from({ length: records }, (_, i) => new Uint8Array(size).fill(first + i));
  const header = {
    space,
    origin,
    first,
    prev: before && sha256(before.headerBytes),
    agreement: digestNamed('agreement'),
    time: 1_700_000_000_000 + first,
    entries: bodies.map((body, i) => ({
      tag: parseTag(sha256(`tag ${first + i}`).slice(0, 32)),
      hash: sha256(body),
    })),
  };
  return { header, headerBytes: encodeHeader(header), signature, bodies };
}

export function feedOf(space: SpaceId, origin: Origin, count: number, records = 2, size = 20): Segment[] {
  const segments: Segment[] = [];
  for (let i = 0; i < count; i++) segments.push(segmentAfter(space, origin, segments.at(-1), records, size));
  return segments;
}

export function receiptFor(head: Head, reader: NodeId): Receipt {
  const { space, origin, seq, digest, time } = head;
  return { space, reader, origin, seq, digest, time, signature };
}

export const idNamed = (name: string): ChunkId => parseChunkId(sha256(`chunk ${name}`));

export function chunkNamed(name: string, size = 1000): SealedChunk {
  return { id: idNamed(name), sealed: new Uint8Array(Buffer.alloc(size, sha256(name), 'hex')) };
}

export async function* streamOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

export async function gather<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

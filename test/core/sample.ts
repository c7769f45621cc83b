/** Small values for tests of the core. */
import {
  type Digest,
  type Origin,
  parseChunkId,
  parseDigest,
  parseIncarnation,
  parseNodeId,
} from '#agent/core/ids.ts';
import type { ChunkRef, ItemState } from '#agent/core/item.ts';

/** `n` in hex, as long as an identifier of so many bytes. */
export const hexOf = (n: number, bytes: number): string => n.toString(16).padStart(bytes * 2, '0');

export const originOf = (node: number, life = 1): Origin => ({
  node: parseNodeId(hexOf(node, 32)),
  incarnation: parseIncarnation(hexOf(life, 8)),
});

export const digestOf = (n: number): Digest => parseDigest(hexOf(n, 32));

export const refOf = (n: number, length = 100): ChunkRef => ({ id: parseChunkId(hexOf(n, 32)), length });

export const fileOf = (content: number, mtime = 0n, mode = 0o644): ItemState => ({
  kind: 'file',
  mode,
  mtimeNs: mtime,
  size: content,
  sha256: digestOf(content),
});

export const gone: ItemState = { kind: 'gone' };

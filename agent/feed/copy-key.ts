/**
 * A vault keeps a chunk once for each node that pushed it. Anyone can push anything under an id that it has seen, so
 * what one node pushes must never stand in the way of another's copy.
 */
import { bytesOf, type ChunkId, type NodeId, parseChunkId, type SpaceId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';

/** First 16 bytes of the id of the node that pushed a copy, in hex. */
export type Pusher = string;

/** Space, chunk id and pusher, in hex. */
export type CopyKey = string;

export interface Copy extends SealedChunk {
  readonly from: Pusher;
}

const spaceDigits = 32;
const idDigits = 64;
const pusherDigits = 32;
export const copyKeyBytes = (spaceDigits + idDigits + pusherDigits) / 2;

export const pusherOf = (node: NodeId): Pusher => node.slice(0, pusherDigits);
export const copyKey = (space: SpaceId, id: ChunkId, from: Pusher): CopyKey => space + id + from;
export const pusherIn = (key: CopyKey): Pusher => key.slice(spaceDigits + idDigits);
/** What the keys of all copies of a chunk begin with. */
export const copiesPrefix = (space: SpaceId, id: ChunkId): Uint8Array => bytesOf(space + id);

/** `sealed` with the names that its key holds. */
export const copyOf = (key: CopyKey, sealed: Uint8Array): Copy => ({
  id: parseChunkId(key.slice(spaceDigits, spaceDigits + idDigits)),
  from: key.slice(spaceDigits + idDigits),
  sealed,
});

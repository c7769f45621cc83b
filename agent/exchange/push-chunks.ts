/**
 * Brings chunks to a peer: asks in batches which are missing and sends those, in requests small enough that a kill
 * wastes little, two at a time. Holds a batch of ids and a few chunks, however many there are.
 */
import type { ChunkId, SpaceId } from '#agent/core/ids.ts';
import { mapAhead } from '#agent/core/map-ahead.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { chunkFrameBytes } from './frames.ts';
import { maxIdsPerRequest, pushChunkBytes, pushesInFlight } from './limits.ts';
import type { Peer } from './peer.ts';
import type { Semaphore } from './semaphore.ts';

export interface ChunkTarget {
  readonly peer: Peer;
  readonly space: SpaceId;
  /** Shared by everything that this node sends to the peer. */
  readonly uploads: Semaphore;
}

/** Chunks that are read and sealed while others are on their way; each is at most 288 KiB. */
const sealedAhead = 12;

type Seal = (id: ChunkId, signal: AbortSignal) => Promise<Uint8Array | undefined>;

/** Returns once everything that could be sealed is durable at the peer; an id that cannot be sealed is passed over. */
export async function pushChunks(
  target: ChunkTarget,
  ids: AsyncIterable<ChunkId>,
  seal: Seal,
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const both = AbortSignal.any([signal, failed.signal]);
  const chunks = mapAhead(missingOnly(target, ids, both), sealedAhead, async (id) => ({
    id,
    sealed: await seal(id, both),
  }));
  const next = async (): Promise<SealedChunk | undefined> => {
    for (;;) {
      const { value, done } = await chunks.next();
      if (done || !value) return undefined;
      const { id, sealed } = value;
      if (sealed) return { id, sealed };
    }
  };
  const worker = () =>
    sendAll(target, next, both).catch((error) => {
      failed.abort(error);
      throw error;
    });
  const done = await Promise.allSettled(Array.from({ length: pushesInFlight }, worker));
  await chunks.return(undefined);
  signal.throwIfAborted();
  if (failed.signal.aborted || done.some(({ status }) => status === 'rejected')) throw failed.signal.reason;
}

async function sendAll(
  { peer, space, uploads }: ChunkTarget,
  next: () => Promise<SealedChunk | undefined>,
  signal: AbortSignal,
): Promise<void> {
  for (let first = await next(); first; first = await next()) {
    const body = oneRequest(first, next);
    await uploads.run(() => peer.putChunks(space, body, signal), signal);
  }
}

async function* oneRequest(
  first: SealedChunk,
  next: () => Promise<SealedChunk | undefined>,
): AsyncGenerator<SealedChunk> {
  let bytes = 0;
  for (let chunk: SealedChunk | undefined = first; chunk; chunk = await next()) {
    bytes += chunkFrameBytes(chunk);
    yield chunk;
    if (bytes >= pushChunkBytes) return;
  }
}

/** The same chunk may be needed twice within this many ids, while its first sending is still under way. */
const remembered = 16 * maxIdsPerRequest;

async function* missingOnly(
  { peer, space }: ChunkTarget,
  ids: AsyncIterable<ChunkId>,
  signal: AbortSignal,
): AsyncGenerator<ChunkId, undefined> {
  const asked = new Set<ChunkId>();
  let batch: ChunkId[] = [];
  for await (const id of ids) {
    if (asked.has(id)) continue;
    asked.add(id);
    batch.push(id);
    if (batch.length < maxIdsPerRequest) continue;
    yield* await peer.missing(space, batch, signal);
    batch = [];
    forgetOldest(asked);
  }
  if (batch.length > 0) yield* await peer.missing(space, batch, signal);
  return undefined;
}

function forgetOldest(asked: Set<ChunkId>): void {
  for (const id of asked) {
    if (asked.size <= remembered) return;
    asked.delete(id);
  }
}

/**
 * Brings chunks to a peer: asks in batches which are missing and sends those, in requests small enough that a kill
 * wastes little, two at a time. Holds a batch of ids and a few chunks, however many there are.
 */
import type { DongboError } from '#agent/core/errors.ts';
import type { ChunkId, SpaceId } from '#agent/core/ids.ts';
import { mapAhead } from '#agent/core/map-ahead.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { chunkFrameBytes } from './frames.ts';
import { isolating, isOfForm } from './isolate.ts';
import { maxIdsPerRequest, pushChunkBytes, pushesInFlight } from './limits.ts';
import type { Peer } from './peer.ts';
import type { Semaphore } from './semaphore.ts';

export interface ChunkTarget {
  readonly peer: Peer;
  readonly space: SpaceId;
  /** Shared by everything that this node sends to the peer. */
  readonly uploads: Semaphore;
  /** Told of a chunk that the peer refuses for its form; the others are brought. */
  readonly setAside: (id: ChunkId, why: DongboError) => Promise<void>;
}

/** Chunks that are read and sealed while others are on their way; each is at most 288 KiB. */
const sealedAhead = 12;

type Seal = (id: ChunkId, signal: AbortSignal) => Promise<Uint8Array | undefined>;

/**
 * Returns once everything that could be sealed is durable at the peer; an id that cannot be sealed is passed over. False
 * when `enough`, asked before each chunk, ended it before that.
 */
export async function pushChunks(
  target: ChunkTarget,
  ids: AsyncIterable<ChunkId>,
  seal: Seal,
  signal: AbortSignal,
  enough: () => boolean = () => false,
): Promise<boolean> {
  const failed = new AbortController();
  const both = AbortSignal.any([signal, failed.signal]);
  const chunks = mapAhead(missingOnly(target, ids, both), sealedAhead, async (id) => ({
    id,
    sealed: await seal(id, both),
  }));
  let whole = true;
  const next = async (): Promise<SealedChunk | undefined> => {
    for (;;) {
      if (!whole || enough()) {
        whole = false;
        return undefined;
      }
      const { value, done } = await chunks.next();
      if (done || !value) return undefined;
      const { id, sealed } = value;
      if (sealed) return { id, sealed };
    }
  };
  const worker = () =>
    sendAll(target, next, seal, both).catch((error) => {
      failed.abort(error);
      throw error;
    });
  const done = await Promise.allSettled(Array.from({ length: pushesInFlight }, worker));
  await chunks.return(undefined);
  signal.throwIfAborted();
  if (failed.signal.aborted || done.some(({ status }) => status === 'rejected')) throw failed.signal.reason;
  return whole;
}

async function sendAll(
  { peer, space, uploads, setAside }: ChunkTarget,
  next: () => Promise<SealedChunk | undefined>,
  seal: Seal,
  signal: AbortSignal,
): Promise<void> {
  const put = (body: AsyncIterable<SealedChunk>) =>
    uploads.run(() => peer.putChunks(space, body, signal), signal);
  for (let first = await next(); first; first = await next()) {
    const sent: ChunkId[] = [];
    try {
      await put(oneRequest(first, next, sent));
    } catch (error) {
      if (!isOfForm(error)) throw error;
      await isolating(sent, (some) => put(sealedAnew(some, seal, signal)), setAside);
    }
  }
}

async function* sealedAnew(
  ids: readonly ChunkId[],
  seal: Seal,
  signal: AbortSignal,
): AsyncGenerator<SealedChunk> {
  for (const id of ids) {
    const sealed = await seal(id, signal);
    if (sealed) yield { id, sealed };
  }
}

async function* oneRequest(
  first: SealedChunk,
  next: () => Promise<SealedChunk | undefined>,
  sent: ChunkId[],
): AsyncGenerator<SealedChunk> {
  let bytes = 0;
  for (let chunk: SealedChunk | undefined = first; chunk; chunk = await next()) {
    sent.push(chunk.id);
    bytes += chunkFrameBytes(chunk);
    yield chunk;
    if (bytes >= pushChunkBytes) return;
  }
}

/** The same chunk may be needed twice within this many ids, while its first sending is still under way. */
const remembered = 16 * maxIdsPerRequest;

async function* missingOnly(
  { peer, space, setAside }: ChunkTarget,
  ids: AsyncIterable<ChunkId>,
  signal: AbortSignal,
): AsyncGenerator<ChunkId, undefined> {
  const missing = async (some: readonly ChunkId[]): Promise<ChunkId[]> => {
    const absent: ChunkId[] = [];
    const ask = async (part: readonly ChunkId[]) =>
      void absent.push(...(await peer.missing(space, part, signal)));
    await isolating(some, ask, setAside);
    return absent;
  };
  const asked = new Set<ChunkId>();
  let batch: ChunkId[] = [];
  for await (const id of ids) {
    if (asked.has(id)) continue;
    asked.add(id);
    batch.push(id);
    if (batch.length < maxIdsPerRequest) continue;
    yield* await missing(batch);
    batch = [];
    forgetOldest(asked);
  }
  if (batch.length > 0) yield* await missing(batch);
  return undefined;
}

function forgetOldest(asked: Set<ChunkId>): void {
  for (const id of asked) {
    if (asked.size <= remembered) return;
    asked.delete(id);
  }
}

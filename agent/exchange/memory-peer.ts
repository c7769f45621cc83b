/** A peer in the same process: the backend called directly, under the rules of the wire that a caller can notice. */
import { DongboError } from '#agent/core/errors.ts';
import type { ChunkId, NodeId, Origin, SpaceId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { Head, Receipt, Segment } from '#agent/core/segment.ts';
import type { AuditWords } from './audit-words.ts';
import type { ExchangeBackend } from './backend.ts';
import { chunkFrameBytes } from './frames.ts';
import { maxChunkStreamBytes, maxIdsPerRequest, maxReceiptsPerRequest } from './limits.ts';
import type { HeadsReply, Peer, PeerEvent } from './peer.ts';
import { watched } from './watched.ts';
import { errorOfReply, refusalBody, refusalOf, statusOf } from './wire-error.ts';

export class MemoryPeer implements Peer {
  readonly node: NodeId;
  readonly #backend: ExchangeBackend;
  readonly #caller: NodeId;

  constructor(node: NodeId, backend: ExchangeBackend, caller: NodeId) {
    this.node = node;
    this.#backend = backend;
    this.#caller = caller;
  }

  heads(space: SpaceId, signal: AbortSignal, audit?: AuditWords): Promise<HeadsReply> {
    return this.#ask(signal, () => this.#backend.heads(this.#caller, space, signal, audit, true));
  }

  segments(space: SpaceId, origin: Origin, from: number, signal: AbortSignal): AsyncIterable<Segment> {
    return this.#stream(signal, (s) => this.#backend.segments(this.#caller, space, origin, from, s));
  }

  pushSegments(space: SpaceId, segments: readonly Segment[], head: Head, signal: AbortSignal): Promise<void> {
    return this.#ask(signal, () => this.#backend.pushSegments(this.#caller, space, segments, head, signal));
  }

  pushReceipts(space: SpaceId, receipts: readonly Receipt[], signal: AbortSignal): Promise<void> {
    return this.#ask(signal, () => {
      limit(receipts.length, maxReceiptsPerRequest);
      return this.#backend.pushReceipts(this.#caller, space, receipts, signal);
    });
  }

  missing(space: SpaceId, ids: readonly ChunkId[], signal: AbortSignal): Promise<ChunkId[]> {
    return this.#ask(signal, async () => {
      checkIds(ids);
      return [...(await this.#backend.missing(this.#caller, space, ids, signal))];
    });
  }

  async *getChunks(
    space: SpaceId,
    author: NodeId,
    ids: readonly ChunkId[],
    signal: AbortSignal,
  ): AsyncGenerator<SealedChunk> {
    let bytes = 0;
    const source = (s: AbortSignal) => {
      checkIds(ids);
      return this.#backend.getChunks(this.#caller, space, author, ids, s);
    };
    for await (const chunk of this.#stream(signal, source)) {
      bytes += chunkFrameBytes(chunk);
      if (bytes > maxChunkStreamBytes) return;
      yield chunk;
    }
  }

  putChunks(space: SpaceId, chunks: AsyncIterable<SealedChunk>, signal: AbortSignal): Promise<void> {
    const own: { error?: unknown } = {};
    const body = limited(watched(chunks, own), signal);
    return this.#ask(signal, () => this.#backend.putChunks(this.#caller, space, body, signal)).catch(
      (error) => {
        throw 'error' in own && !signal.aborted ? own.error : error;
      },
    );
  }

  dropChunks(space: SpaceId, ids: readonly ChunkId[], signal: AbortSignal): Promise<number> {
    return this.#ask(signal, async () => {
      checkIds(ids);
      return this.#backend.dropChunks(this.#caller, space, ids, signal);
    });
  }

  async *events(signal: AbortSignal): AsyncGenerator<PeerEvent | undefined> {
    const left = new AbortController();
    const both = AbortSignal.any([signal, left.signal]);
    const stream = this.#stream(both, (s) => this.#backend.events(this.#caller, s));
    try {
      // Listening begins before the caller is told so, or what happens in between would be lost.
      let next = stream.next();
      next.catch(() => {});
      yield undefined;
      for (let came = await next; !came.done; came = await next) {
        yield came.value;
        next = stream.next();
      }
    } finally {
      left.abort();
      await stream.return(undefined);
    }
    throw new DongboError('PEER_LOST', { peer: this.node }, { retry: 'later' });
  }

  async #ask<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      return await run();
    } catch (error) {
      throw this.#seen(error, signal);
    }
  }

  /** Leaving the stream aborts the backend's signal, as a closed connection does. */
  async *#stream<T>(
    signal: AbortSignal,
    open: (s: AbortSignal) => AsyncIterable<T>,
  ): AsyncGenerator<T, undefined> {
    signal.throwIfAborted();
    const left = new AbortController();
    try {
      for await (const one of open(AbortSignal.any([signal, left.signal]))) {
        yield one;
        signal.throwIfAborted();
      }
      signal.throwIfAborted();
    } catch (error) {
      throw this.#seen(error, signal);
    } finally {
      left.abort();
    }
  }

  /** A failure as it looks from the other end of a wire. */
  #seen(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    const code = refusalOf(error);
    return errorOfReply(statusOf(code), refusalBody(code), { peer: this.node });
  }
}

function limit(count: number, most: number): void {
  if (count > most) throw new DongboError('BODY_TOO_LARGE', { limit: most });
}

function checkIds(ids: readonly ChunkId[]): void {
  limit(ids.length, maxIdsPerRequest);
  if (new Set(ids).size !== ids.length) throw new DongboError('BODY_MALFORMED', { rule: 'each id once' });
}

async function* limited(
  chunks: AsyncIterable<SealedChunk>,
  signal: AbortSignal,
): AsyncGenerator<SealedChunk> {
  let bytes = 0;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    bytes += chunkFrameBytes(chunk);
    limit(bytes, maxChunkStreamBytes);
    yield chunk;
  }
}

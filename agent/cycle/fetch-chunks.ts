/** Where sealed chunks come from when the apply step wants them: what was pushed to us, then peers, the nearest first. */
import { isCode } from '#agent/core/errors.ts';
import type { ChunkId, NodeId, SpaceId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { Peer } from '#agent/exchange/peer.ts';
import type { Vault } from '#agent/feed/vault.ts';
import type { Clock } from '#agent/sys/clock.ts';

export interface FetchParts {
  readonly vault: Vault;
  /** Peers in order of preference: direct ones before relays. */
  readonly peers: (space: SpaceId) => readonly Peer[];
  readonly clock: Clock;
  /** Told of ids that nobody had, so that they are asked for again at the next exchange. */
  readonly wanted: (space: SpaceId, ids: readonly ChunkId[]) => void;
  /** Told of each that came, so that nobody is asked for it any more. */
  readonly got: (space: SpaceId, ids: readonly ChunkId[]) => void;
}

/** A peer that failed is passed over for this long. */
const restMs = 2_000;
/** What is pushed beyond this before it is dropped stays until it is used again. */
const maxServed = 100_000;

export class ChunkFetcher {
  readonly #parts: FetchParts;
  readonly #resting = new Map<NodeId, number>();
  readonly #served = new Map<SpaceId, Set<ChunkId>>();

  constructor(parts: FetchParts) {
    this.#parts = parts;
  }

  /** Streams what can be had of `ids`, in any order; what nobody has is absent, and is remembered as wanted. */
  async *fetch(space: SpaceId, ids: readonly ChunkId[], signal: AbortSignal): AsyncGenerator<SealedChunk> {
    const open = new Set(ids);
    for await (const chunk of this.#parts.vault.many(space, ids)) {
      open.delete(chunk.id);
      this.#noteServed(space, chunk.id);
      yield chunk;
    }
    for (const peer of this.#parts.peers(space)) {
      if (open.size === 0) return;
      if ((this.#resting.get(peer.node) ?? 0) > this.#parts.clock.monotonic()) continue;
      yield* this.#from(peer, space, open, signal);
    }
    if (open.size > 0) this.#parts.wanted(space, [...open]);
  }

  /** What was pushed to us and has been used: once it is applied nobody needs it here. */
  takeServed(space: SpaceId): readonly ChunkId[] {
    const served = [...(this.#served.get(space) ?? [])];
    this.#served.delete(space);
    return served;
  }

  #noteServed(space: SpaceId, id: ChunkId): void {
    const served = this.#served.get(space) ?? new Set();
    this.#served.set(space, served);
    if (served.size < maxServed) served.add(id);
  }

  async *#from(
    peer: Peer,
    space: SpaceId,
    open: Set<ChunkId>,
    signal: AbortSignal,
  ): AsyncGenerator<SealedChunk> {
    try {
      for await (const chunk of peer.getChunks(space, [...open], signal)) {
        // A peer may send what was not asked for; it is not passed on.
        if (!open.delete(chunk.id)) continue;
        this.#parts.got(space, [chunk.id]);
        yield chunk;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (isCode(error, 'INVARIANT')) throw error;
      this.#resting.set(peer.node, this.#parts.clock.monotonic() + restMs);
    }
  }
}

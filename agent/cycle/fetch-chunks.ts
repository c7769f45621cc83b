/** Where sealed chunks come from when the apply step wants them: what was pushed to us, then peers, the nearest first. */
import { isOwnFault } from '#agent/core/errors.ts';
import type { ChunkId, NodeId, SpaceId } from '#agent/core/ids.ts';
import { maxSealedChunk, type SealedChunk } from '#agent/core/sealed-chunk.ts';
import { chunkFrameBytes, chunkHeadBytes } from '#agent/exchange/frames.ts';
import { maxChunkStreamBytes, maxIdsPerRequest } from '#agent/exchange/limits.ts';
import type { Peer } from '#agent/exchange/peer.ts';
import type { Copy } from '#agent/feed/copy-key.ts';
import type { Vault } from '#agent/feed/vault.ts';
import type { Clock } from '#agent/sys/clock.ts';

export interface FetchParts {
  readonly vault: Vault;
  /** Peers in order of preference: direct ones before relays. */
  readonly peers: (space: SpaceId) => readonly Peer[];
  readonly clock: Clock;
  /** Told of ids that nobody had, so that they are asked for again at the next exchange. */
  readonly wanted: (space: SpaceId, author: NodeId, ids: readonly ChunkId[]) => void;
  /** Told of those that came, so that nobody is asked for them any more. */
  readonly got: (space: SpaceId, ids: readonly ChunkId[]) => void;
}

/** Chunks of one author; `take` says whether one is what its id names. */
export interface ChunkRequest {
  readonly space: SpaceId;
  readonly author: NodeId;
  readonly take: (chunk: SealedChunk) => boolean;
  readonly signal: AbortSignal;
}

/** A peer that failed is passed over for this long. */
const restMs = 2_000;
/** What is pushed beyond this before it is dropped stays until it is used again. */
const maxServed = 100_000;
/** A reply that grew beyond this may have been ended by its bound. */
const fullBytes = maxChunkStreamBytes - maxSealedChunk - chunkHeadBytes;

export class ChunkFetcher {
  readonly #parts: FetchParts;
  readonly #resting = new Map<NodeId, number>();
  readonly #served = new Map<SpaceId, Set<ChunkId>>();

  constructor(parts: FetchParts) {
    this.#parts = parts;
  }

  /**
   * Hands copies of `ids` to `take`, in any order, from source after source, until it has taken one of each. What
   * nobody has a true copy of is remembered as wanted.
   */
  async fetch(ids: readonly ChunkId[], request: ChunkRequest): Promise<void> {
    const { space, author } = request;
    const open = new Set(ids);
    await this.#fromVault(open, request);
    for (const peer of this.#parts.peers(space)) {
      if (open.size === 0) return;
      if ((this.#resting.get(peer.node) ?? 0) > this.#parts.clock.monotonic()) continue;
      await this.#fromPeer(peer, open, request);
    }
    if (open.size > 0) this.#parts.wanted(space, author, [...open]);
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

  /** A false copy is dropped, which uncovers those behind it: each round has fewer, and the last finds none. */
  async #fromVault(open: Set<ChunkId>, { space, author, take, signal }: ChunkRequest): Promise<void> {
    const { vault, got } = this.#parts;
    for (;;) {
      const bad: Pick<Copy, 'id' | 'from'>[] = [];
      for await (const { id, from, sealed } of vault.copies(space, author, [...open])) {
        signal.throwIfAborted();
        if (!open.has(id)) continue;
        if (take({ id, sealed })) {
          open.delete(id);
          this.#noteServed(space, id);
          got(space, [id]);
        } else bad.push({ id, from });
      }
      if (bad.length === 0) return;
      await vault.dropCopies(space, bad);
    }
  }

  async #fromPeer(peer: Peer, open: Set<ChunkId>, request: ChunkRequest): Promise<void> {
    const ids = [...open];
    try {
      for (let at = 0; at < ids.length; at += maxIdsPerRequest) {
        await this.#ask(peer, ids.slice(at, at + maxIdsPerRequest), open, request);
      }
    } catch (error) {
      request.signal.throwIfAborted();
      if (isOwnFault(error)) throw error;
      this.#resting.set(peer.node, this.#parts.clock.monotonic() + restMs);
    }
  }

  /** Asks again for what a full reply had no room for. Of each id a peer is heard once: there is an end to it. */
  async #ask(
    peer: Peer,
    ids: readonly ChunkId[],
    open: Set<ChunkId>,
    { space, author, take, signal }: ChunkRequest,
  ): Promise<void> {
    const unheard = new Set(ids);
    for (let full = true; full && unheard.size > 0; ) {
      const before = unheard.size;
      let bytes = 0;
      for await (const chunk of peer.getChunks(space, author, [...unheard], signal)) {
        bytes += chunkFrameBytes(chunk);
        unheard.delete(chunk.id);
        // A peer may send what was not asked for, or more copies than are needed.
        if (!open.has(chunk.id) || !take(chunk)) continue;
        open.delete(chunk.id);
        this.#parts.got(space, [chunk.id]);
      }
      full = bytes > fullBytes && unheard.size < before;
    }
  }
}

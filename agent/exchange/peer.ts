/**
 * Another node, as this one reaches it. Implementations: `https-peer.ts` (the wire), `memory-peer.ts` (in process);
 * both pass `test/contract/peer.ts`.
 *
 * Every method may be called at any time, side by side with others. Failures are `DongboError`: codes of the
 * connection (PEER_*), which say `retry: 'later'`, and codes of the other side's refusal (AGREEMENT_MISMATCH,
 * NOT_A_MEMBER, …). An aborted signal rejects with the signal's reason. Streams are lazy: nothing is asked for before
 * the first `next()`, nothing is read ahead beyond the socket's buffer, and leaving a loop early ends the request.
 */
import type { ChunkId, NodeId, Origin, SpaceId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { Head, Receipt, Segment } from '#agent/core/segment.ts';
import type { AuditWords } from './audit-words.ts';

/** A chunk that is sealed under an epoch of `author`. */
export interface Wanted {
  readonly author: NodeId;
  readonly id: ChunkId;
}

export interface HeadsReply {
  /**
   * One per feed that the node holds: `seq` and `digest` are those of the last segment that it holds durably, so the
   * next segment wanted is `seq + 1`.
   */
  readonly heads: readonly Head[];
  /** Receipts about feeds of the caller. */
  readonly receipts: readonly Receipt[];
  /** True while the node has a working link of its own to the caller: it fetches for itself, nothing need be pushed. */
  readonly dialsBack: boolean;
  readonly role: 'agent' | 'relay';
  /** Chunks that readers asked the node for and it did not have, at most `maxWantedIds`: whoever can, puts them. */
  readonly wanted: readonly Wanted[];
  /** The node's own audit log, and what it remembered of the caller's before this question. */
  readonly audit: AuditWords;
}

/** "Ask me for the heads of this space again": a head moved, or a receipt about it arrived, or its chunks are wanted. */
export interface PeerEvent {
  readonly space: SpaceId;
  readonly origin: Origin;
  readonly seq: number;
}

export interface Peer {
  readonly node: NodeId;

  /** `audit`: what is told of this node's audit log, and of the peer's. */
  heads(space: SpaceId, signal: AbortSignal, audit?: AuditWords): Promise<HeadsReply>;

  /** The segment that holds `from`, and all after it, in order. Their form is checked; their signatures are not. */
  segments(space: SpaceId, origin: Origin, from: number, signal: AbortSignal): AsyncIterable<Segment>;

  /**
   * Segments of one feed, in order; `head` is the head at the last of them, or beyond it when
   * the feed is the peer's own. Durable at the peer on return.
   * Segments that the peer holds already are skipped by it; a gap is refused (FEED_GAP).
   */
  pushSegments(space: SpaceId, segments: readonly Segment[], head: Head, signal: AbortSignal): Promise<void>;

  /** At most `maxReceiptsPerRequest`. Durable at the peer on return. */
  pushReceipts(space: SpaceId, receipts: readonly Receipt[], signal: AbortSignal): Promise<void>;

  /** Which of at most `maxIdsPerRequest` chunks the peer has not got from the caller, and could use. */
  missing(space: SpaceId, ids: readonly ChunkId[], signal: AbortSignal): Promise<ChunkId[]>;

  /**
   * At most `maxIdsPerRequest` chunks of one author, in any order; absent ones are simply not in the stream, and a
   * reply ends before `maxChunkStreamBytes`: ask again for the rest. What comes back is unverified bytes under a
   * claimed id, never an id that was not asked for. What the author itself put comes first; where the peer has that of
   * others alone, one chunk may come as several copies, of which any or none is true.
   */
  getChunks(
    space: SpaceId,
    author: NodeId,
    ids: readonly ChunkId[],
    signal: AbortSignal,
  ): AsyncIterable<SealedChunk>;

  /** At most `maxChunkStreamBytes` in all. Durable at the peer on return; of a cut-off stream, nothing or a part is kept. */
  putChunks(space: SpaceId, chunks: AsyncIterable<SealedChunk>, signal: AbortSignal): Promise<void>;

  /**
   * The peer destroys its copies of at most `maxIdsPerRequest` chunks that the caller has put; those of others stay.
   * They are gone from its disk on return. Returns how many there were.
   */
  dropChunks(space: SpaceId, ids: readonly ChunkId[], signal: AbortSignal): Promise<number>;

  /**
   * Ends only by failing or when left. Yields `undefined` at once when the stream stands, and for each heartbeat, so
   * that the caller knows it to be alive; a stream silent for `silenceMs` fails with PEER_TIMEOUT.
   */
  events(signal: AbortSignal): AsyncIterable<PeerEvent | undefined>;
}

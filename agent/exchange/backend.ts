/**
 * What a node answers when others ask: the operations of `Peer` with the caller's identity first. The server has
 * already established who calls, that an agreement for the space is in force here, that the caller is a member of it
 * and holds the same document. The backend decides by role (who may publish, what a relay may see) and verifies
 * signatures. Refusals are `DongboError`; codes in `wire-error.ts` reach the caller, any other becomes PEER_INTERNAL.
 */
import type { ChunkId, NodeId, Origin, SpaceId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { Head, Receipt, Segment } from '#agent/core/segment.ts';
import type { AuditWords } from './audit-words.ts';
import type { HeadsReply, PeerEvent } from './peer.ts';

export interface ExchangeBackend {
  /**
   * `audit`: what the caller tells of its audit log, and of this node's. `left`: whether it wants the receipts about
   * authors that have left, too.
   */
  heads(
    caller: NodeId,
    space: SpaceId,
    signal: AbortSignal,
    audit?: AuditWords,
    left?: boolean,
  ): Promise<HeadsReply>;

  segments(
    caller: NodeId,
    space: SpaceId,
    origin: Origin,
    from: number,
    signal: AbortSignal,
  ): AsyncIterable<Segment>;

  /**
   * Whether the caller's role lets it bring chunks, or segments of a feed (`any`: of some feed). Asked before anything of
   * the body is read. Throws ROLE_REFUSED.
   */
  mustBring(caller: NodeId, space: SpaceId, feed?: Origin | 'any'): void;

  /** Durable on return. Skips what it holds; FEED_GAP, FEED_FORK, SEGMENT_REFUSED otherwise. */
  pushSegments(
    caller: NodeId,
    space: SpaceId,
    segments: readonly Segment[],
    head: Head,
    signal: AbortSignal,
  ): Promise<void>;

  pushReceipts(
    caller: NodeId,
    space: SpaceId,
    receipts: readonly Receipt[],
    signal: AbortSignal,
  ): Promise<void>;

  /** What others have put does not count: it may be garbage under the id. */
  missing(
    caller: NodeId,
    space: SpaceId,
    ids: readonly ChunkId[],
    signal: AbortSignal,
  ): Promise<readonly ChunkId[]>;

  /** `ids` has no doubles. The consumer stops reading when its reply is full and returns the generator. */
  getChunks(
    caller: NodeId,
    space: SpaceId,
    author: NodeId,
    ids: readonly ChunkId[],
    signal: AbortSignal,
  ): AsyncIterable<SealedChunk>;

  /** Durable on return. The stream throws when the caller goes away or sends garbage: pass that on. */
  putChunks(
    caller: NodeId,
    space: SpaceId,
    chunks: AsyncIterable<SealedChunk>,
    signal: AbortSignal,
  ): Promise<void>;

  /**
   * The caller's own copies of at most `maxIdsPerRequest` chunks are gone from this disk on return; those of others
   * stay. Returns how many there were.
   */
  dropChunks(caller: NodeId, space: SpaceId, ids: readonly ChunkId[], signal: AbortSignal): Promise<number>;

  /** Every event that concerns a space of the caller, until the signal ends it. See `EventHub`. */
  events(caller: NodeId, signal: AbortSignal): AsyncIterable<PeerEvent>;
}

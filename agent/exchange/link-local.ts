/** What a link needs of its own node. The composition root puts it together from feed, vault and keyring. */
import type { ChunkId, NodeId, Origin, SpaceId } from '#agent/core/ids.ts';
import type { Head, Receipt, Segment } from '#agent/core/segment.ts';
import type { AuditWords } from './audit-words.ts';
import type { HeadsReply, Wanted } from './peer.ts';

/** A stretch of a feed, small enough for one request. */
export interface Outgoing {
  /** In a row, at least one. */
  readonly segments: readonly Segment[];
  /** Signed, at the last of them. */
  readonly head: Head;
  /**
   * The chunks that the records of these segments need, lists included, and that the peer may lack; lazily, doubles
   * allowed. `lacks` asks the peer which of at most `maxIdsPerRequest` it does not have.
   */
  chunkIds(lacks: Lacks): AsyncIterable<ChunkId>;
  /** Once those were walked through: whether chunks of large files were left out of them (`largeIds`). */
  hasLarge?(): boolean;
}

/** Asks the peer which of at most `maxIdsPerRequest` chunks it does not have. */
export type Lacks = (ids: readonly ChunkId[]) => Promise<readonly ChunkId[]>;

/** What a peer refuses for its form. */
export type Refused =
  | { readonly chunk: ChunkId }
  | { readonly seq: number; readonly body: Uint8Array | undefined };

export interface LinkLocal {
  /** What is told to a peer of this node's audit log, and of the peer's: with every look. */
  auditWords(peer: NodeId): Promise<AuditWords>;

  /**
   * What the peer says it holds: at every look, before anything is fetched. Here a node sees that a peer knows a later
   * sequence of its own feed (a restored image), keeps the receipts, and learns for its status how far the peer is.
   * Resolves with what of the reply counts.
   */
  peerHolds(space: SpaceId, peer: NodeId, reply: HeadsReply): Promise<HeadsReply>;

  /** Last sequence number of a feed that is durable here, 0 when none; undefined for a feed that is not fetched. */
  held(space: SpaceId, origin: Origin): Promise<number | undefined>;

  /**
   * Verifies and keeps segments, each durable before the next is asked for, so that a break resumes where it was. The
   * stream holds those from `held + 1` up to `head`, and throws when the connection breaks.
   */
  accept(
    space: SpaceId,
    peer: NodeId,
    segments: AsyncIterable<Segment>,
    head: Head,
    signal: AbortSignal,
  ): Promise<void>;

  /** Heads of the feeds that this node brings to others: its own. */
  offers(space: SpaceId, peer: NodeId): Promise<readonly Head[]>;

  /** One of those feeds from a sequence number on, stretch by stretch, for `peer`; nothing is made before it is asked for. */
  outgoing(
    space: SpaceId,
    origin: Origin,
    from: number,
    signal: AbortSignal,
    peer: NodeId,
  ): AsyncIterable<Outgoing>;

  /** Heads of what is held, whole, of the peer's own feeds in all its lives. */
  returns(space: SpaceId, peer: NodeId): Promise<readonly Head[]>;

  /** The segments of such a feed, from the one that holds `from`. */
  returned(space: SpaceId, origin: Origin, from: number): AsyncIterable<Segment>;

  /**
   * A chunk of `author`'s that this node's files hold, sealed on demand; undefined when the bytes are no longer there
   * (the file has moved on), or are not that author's.
   */
  sealed(space: SpaceId, chunk: Wanted, signal: AbortSignal): Promise<Uint8Array | undefined>;

  /** Whether it is a list of a large file of this node: a list is brought behind all that it names (`largeIds`). */
  isLargeList(space: SpaceId, id: ChunkId): Promise<boolean>;

  /** This node's own receipts, one for each feed. */
  receipts(space: SpaceId): Promise<readonly Receipt[]>;

  /**
   * Chunks of this node's, at most `maxIdsPerRequest`, that the peer was brought and nobody is to have any more; none
   * that is live again. The same come again until `dropped` takes them.
   */
  drops(space: SpaceId, peer: NodeId): Promise<readonly ChunkId[]>;

  /** Chunks of any author's are about to be brought to the peer: it may have to be told to drop them. */
  brings(space: SpaceId, peer: NodeId): Promise<void>;

  /** The peer has answered that these are gone from its disk. */
  dropped(space: SpaceId, peer: NodeId, ids: readonly ChunkId[]): Promise<void>;

  /** First numbers of the segments of this node's feed whose large contents the peer may still lack. */
  later(space: SpaceId, peer: NodeId): Promise<readonly number[]>;

  /** Durably: the large contents from the segment at `first` on are still to be brought; undefined: none are. */
  putOff(space: SpaceId, peer: NodeId, first: number | undefined): Promise<void>;

  /** As `Outgoing.chunkIds`, of the large files of the segment at `first` that still stand. */
  largeIds(space: SpaceId, origin: Origin, first: number, lacks: Lacks): AsyncIterable<ChunkId>;

  /** The peer will not have this one (`code`); everything else was brought. Shown with the item. */
  setAside(space: SpaceId, peer: NodeId, what: Refused, code: string): Promise<void>;

  /** The peer holds this node's feed up to here, durably. */
  delivered(space: SpaceId, peer: NodeId, head: Head): Promise<void>;
}

/** A small node in memory: what the contract suites let peers talk to. It keeps count of what it is asked for. */
import { DongboError } from '#agent/core/errors.ts';
import { type ChunkId, type NodeId, type Origin, originKey, type SpaceId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { type Head, lastSeq, type Receipt, type Segment } from '#agent/core/segment.ts';
import { type AuditWords, noWords } from '#agent/exchange/audit-words.ts';
import type { ExchangeBackend } from '#agent/exchange/backend.ts';
import { EventHub } from '#agent/exchange/event-hub.ts';
import type { HeadsReply, PeerEvent, Wanted } from '#agent/exchange/peer.ts';
import { sha256 } from './sample-feed.ts';

interface Feed {
  readonly segments: Segment[];
  head: Head;
}

export class MemoryBackend implements ExchangeBackend {
  feeds = new Map<string, Feed>();
  /** Copies by who put them. */
  readonly chunks = new Map<ChunkId, Map<NodeId, Uint8Array>>();
  readonly receipts: Receipt[] = [];
  readonly hub = new EventHub();
  readonly callers = new Set<NodeId>();
  /** Bytes of chunks that arrived, and how often each came. */
  readonly arrivals = new Map<ChunkId, number>();
  /** Generators handed out and not yet finished or returned. */
  open = 0;
  wanted: Wanted[] = [];
  dialsBack = false;
  audit: AuditWords = noWords;
  /** What callers have told of audit logs. */
  readonly told: AuditWords[] = [];
  role: 'agent' | 'relay' = 'relay';
  /** Throws before each operation when set. */
  fault: ((operation: string, space: SpaceId) => void) | undefined;

  async heads(
    caller: NodeId,
    space: SpaceId,
    _signal: AbortSignal,
    told: AuditWords = noWords,
  ): Promise<HeadsReply> {
    this.#note('heads', caller, space);
    this.told.push(told);
    const { dialsBack, role, wanted, audit } = this;
    const heads = [...this.feeds.values()].map((feed) => feed.head).filter((head) => head.space === space);
    const receipts = this.receipts.filter((r) => r.space === space && r.origin.node === caller);
    return { heads, receipts, dialsBack, role, wanted, audit };
  }

  async *segments(caller: NodeId, space: SpaceId, origin: Origin, from: number): AsyncGenerator<Segment> {
    this.#note('segments', caller, space);
    this.open += 1;
    try {
      for (const segment of this.feeds.get(key(space, origin))?.segments ?? []) {
        if (lastSeq(segment.header) >= from) yield segment;
      }
    } finally {
      this.open -= 1;
    }
  }

  mustBring(): void {}

  async pushSegments(
    caller: NodeId,
    space: SpaceId,
    segments: readonly Segment[],
    head: Head,
  ): Promise<void> {
    this.#note('pushSegments', caller, space);
    const name = key(space, head.origin);
    const feed = this.feeds.get(name) ?? { segments: [], head };
    for (const segment of segments) {
      const before = feed.segments.at(-1);
      const next = before ? lastSeq(before.header) + 1 : 1;
      if (lastSeq(segment.header) < next) continue;
      if (segment.header.first !== next) throw new DongboError('FEED_GAP', { seq: next });
      if (before && segment.header.prev !== sha256(before.headerBytes)) throw new DongboError('FEED_FORK');
      feed.segments.push(segment);
    }
    feed.head = head;
    this.feeds.set(name, feed);
    this.hub.publish({ space, origin: head.origin, seq: head.seq }, caller);
  }

  async pushReceipts(caller: NodeId, space: SpaceId, receipts: readonly Receipt[]): Promise<void> {
    this.#note('pushReceipts', caller, space);
    this.receipts.push(...receipts);
    for (const { origin, seq } of receipts) this.hub.publish({ space, origin, seq }, caller);
  }

  async missing(caller: NodeId, space: SpaceId, ids: readonly ChunkId[]): Promise<ChunkId[]> {
    this.#note('missing', caller, space);
    return ids.filter((id) => !this.chunks.get(id)?.has(caller));
  }

  async *getChunks(
    caller: NodeId,
    space: SpaceId,
    author: NodeId,
    ids: readonly ChunkId[],
  ): AsyncGenerator<SealedChunk> {
    this.#note('getChunks', caller, space);
    this.open += 1;
    try {
      for (const id of ids) {
        const copies = this.chunks.get(id);
        const own = copies?.get(author);
        for (const sealed of own ? [own] : (copies?.values() ?? [])) yield { id, sealed };
      }
    } finally {
      this.open -= 1;
    }
  }

  async putChunks(caller: NodeId, space: SpaceId, chunks: AsyncIterable<SealedChunk>): Promise<void> {
    this.#note('putChunks', caller, space);
    for await (const { id, sealed } of chunks) {
      if (!this.chunks.get(id)?.has(caller)) this.keep(caller, { id, sealed });
      this.arrivals.set(id, (this.arrivals.get(id) ?? 0) + 1);
    }
  }

  async dropChunks(caller: NodeId, space: SpaceId, ids: readonly ChunkId[]): Promise<number> {
    this.#note('dropChunks', caller, space);
    return ids.filter((id) => this.chunks.get(id)?.delete(caller)).length;
  }

  keep(from: NodeId, { id, sealed }: SealedChunk): void {
    const copies = this.chunks.get(id) ?? new Map<NodeId, Uint8Array>();
    this.chunks.set(id, copies.set(from, sealed));
  }

  async *events(caller: NodeId, signal: AbortSignal): AsyncGenerator<PeerEvent> {
    this.callers.add(caller);
    this.open += 1;
    try {
      yield* this.hub.subscribe(caller, () => true, signal);
    } finally {
      this.open -= 1;
    }
  }

  #note(operation: string, caller: NodeId, space: SpaceId): void {
    this.callers.add(caller);
    this.fault?.(operation, space);
  }
}

const key = (space: SpaceId, origin: Origin): string => `${space}/${originKey(origin)}`;

/** What this node's links send and take, on the record before it goes out; without a log that can be written, nothing. */

import { type ChunkId, type NodeId, type Origin, originKey, type SpaceId } from '#agent/core/ids.ts';
import type { Head, Receipt, Segment } from '#agent/core/segment.ts';
import type { AuditWords } from '#agent/exchange/audit-words.ts';
import type { Lacks, LinkLocal, Outgoing, Refused } from '#agent/exchange/link-local.ts';
import type { HeadsReply, Wanted } from '#agent/exchange/peer.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { keptReceipts, noteReceipts, reference, stretchOf } from './audit-feed.ts';
import type { AuditHeads } from './audit-heads.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { NodeSpace } from './node-space.ts';

export interface AuditedLinkParts {
  readonly trail: AuditTrail;
  readonly heads: AuditHeads;
  readonly clock: Clock;
  readonly me: NodeId;
  readonly space: (id: SpaceId) => NodeSpace;
}

/** Feeds and peers whose last stretch is on record and not delivered yet: tried again, it is the same sharing. */
const maxTried = 4096;

export class AuditedLinkLocal implements LinkLocal {
  readonly #inner: LinkLocal;
  readonly #parts: AuditedLinkParts;
  readonly #tried = new Map<string, string>();

  constructor(inner: LinkLocal, parts: AuditedLinkParts) {
    this.#inner = inner;
    this.#parts = parts;
  }

  auditWords(peer: NodeId): Promise<AuditWords> {
    return this.#parts.heads.words(peer);
  }

  async peerHolds(space: SpaceId, peer: NodeId, reply: HeadsReply): Promise<HeadsReply> {
    const { trail, clock, heads } = this.#parts;
    await heads.hear(peer, reply.audit);
    trail.mustBeWritable();
    const asked = clock.now();
    const { state } = this.#parts.space(space);
    let counted = reply;
    const take = async () => {
      counted = await this.#inner.peerHolds(space, peer, reply);
    };
    const { fresh, error } = await keptReceipts(state, reply.receipts, take);
    await noteReceipts(trail, { space, asked }, fresh);
    if (error !== undefined) throw error;
    return counted;
  }

  held(space: SpaceId, origin: Origin): Promise<number | undefined> {
    return this.#inner.held(space, origin);
  }

  async accept(
    space: SpaceId,
    peer: NodeId,
    segments: AsyncIterable<Segment>,
    head: Head,
    signal: AbortSignal,
  ): Promise<void> {
    const { trail, clock, me } = this.#parts;
    trail.mustBeWritable();
    const asked = clock.now();
    const sums = new Sums();
    const { state } = this.#parts.space(space);
    const seqNow = async () => (await state.position(head.origin))?.seq ?? 0;
    const before = await seqNow();
    try {
      await this.#inner.accept(space, peer, sums.counted(segments), head, signal);
    } finally {
      // What came before a break is kept, so it is on the record.
      const after = await seqNow();
      const what = { reference: reference(head.origin, before + 1, after), records: after - before };
      const parties = { space, form: 'fetch', requester: me, supplier: peer, asked } as const;
      const result = 'verified and kept';
      if (after > before) await trail.done('received', { ...parties, ...what, bytes: sums.bytes, result });
    }
  }

  async offers(space: SpaceId, peer: NodeId): Promise<readonly Head[]> {
    this.#parts.trail.mustBeWritable();
    return this.#inner.offers(space, peer);
  }

  async *outgoing(
    space: SpaceId,
    origin: Origin,
    from: number,
    signal: AbortSignal,
    peer: NodeId,
  ): AsyncGenerator<Outgoing> {
    const { trail, clock, me } = this.#parts;
    const common = { space, form: 'push', requester: peer, supplier: me, asked: clock.now() } as const;
    for await (const stretch of this.#inner.outgoing(space, origin, from, signal, peer)) {
      trail.mustBeWritable();
      const what = stretchOf(stretch.segments);
      const key = pushKey(space, peer, origin);
      if (this.#tried.get(key) !== what.reference)
        await trail.shared('supplied', { ...common, ...what, result: 'sent' });
      this.#tried.set(key, what.reference);
      const [oldest] = this.#tried.size > maxTried ? this.#tried.keys() : [];
      if (oldest !== undefined) this.#tried.delete(oldest);
      yield stretch;
    }
  }

  returns(space: SpaceId, peer: NodeId): Promise<readonly Head[]> {
    this.#parts.trail.mustBeWritable();
    return this.#inner.returns(space, peer);
  }

  /** A peer's own feed goes back to it: on the record like whatever is supplied. */
  async *returned(space: SpaceId, origin: Origin, from: number): AsyncGenerator<Segment> {
    const { trail, clock, me } = this.#parts;
    const common = { space, form: 'push', requester: origin.node, supplier: me, asked: clock.now() } as const;
    for await (const segment of this.#inner.returned(space, origin, from)) {
      trail.mustBeWritable();
      await trail.shared('supplied', { ...common, ...stretchOf([segment]), result: 'returned' });
      yield segment;
    }
  }

  async sealed(space: SpaceId, chunk: Wanted, signal: AbortSignal): Promise<Uint8Array | undefined> {
    this.#parts.trail.mustBeWritable();
    return this.#inner.sealed(space, chunk, signal);
  }

  isLargeList(space: SpaceId, id: ChunkId): Promise<boolean> {
    return this.#inner.isLargeList(space, id);
  }

  async receipts(space: SpaceId): Promise<readonly Receipt[]> {
    this.#parts.trail.mustBeWritable();
    return this.#inner.receipts(space);
  }

  drops(space: SpaceId, peer: NodeId): Promise<readonly ChunkId[]> {
    return this.#inner.drops(space, peer);
  }

  brings(space: SpaceId, peer: NodeId): Promise<void> {
    return this.#inner.brings(space, peer);
  }

  async dropped(space: SpaceId, peer: NodeId, ids: readonly ChunkId[]): Promise<void> {
    await this.#inner.dropped(space, peer, ids);
    await this.#parts.trail.note('content.withdrawn', { space, peer, chunks: ids.length });
  }

  later(space: SpaceId, peer: NodeId): Promise<readonly number[]> {
    return this.#inner.later(space, peer);
  }

  putOff(space: SpaceId, peer: NodeId, first: number | undefined): Promise<void> {
    return this.#inner.putOff(space, peer, first);
  }

  largeIds(space: SpaceId, origin: Origin, first: number, lacks: Lacks): AsyncIterable<ChunkId> {
    return this.#inner.largeIds(space, origin, first, lacks);
  }

  setAside(space: SpaceId, peer: NodeId, what: Refused, code: string): Promise<void> {
    return this.#inner.setAside(space, peer, what, code);
  }

  delivered(space: SpaceId, peer: NodeId, head: Head): Promise<void> {
    this.#tried.delete(pushKey(space, peer, head.origin));
    return this.#inner.delivered(space, peer, head);
  }
}

const pushKey = (space: SpaceId, peer: NodeId, origin: Origin): string =>
  `${peer} ${space} ${originKey(origin)}`;

/** Bytes of what passed by. */
class Sums {
  bytes = 0;

  async *counted(segments: AsyncIterable<Segment>): AsyncGenerator<Segment> {
    for await (const segment of segments) {
      this.bytes += stretchOf([segment]).bytes;
      yield segment;
    }
  }
}

/** What others ask of this node, on the record before it is given; while the log cannot be written, nothing is. */
import { DongboError } from '#agent/core/errors.ts';
import type { ChunkId, NodeId, Origin, SpaceId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { type Head, lastSeq, type Receipt, type Segment } from '#agent/core/segment.ts';
import { type AuditWords, noWords } from '#agent/exchange/audit-words.ts';
import type { ExchangeBackend } from '#agent/exchange/backend.ts';
import type { HeadsReply, PeerEvent } from '#agent/exchange/peer.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { keptReceipts, noteReceipts, stretchOf } from './audit-feed.ts';
import type { AuditHeads } from './audit-heads.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { ContentTally } from './content-tally.ts';
import type { NodeSpace } from './node-space.ts';

export interface AuditedParts {
  readonly trail: AuditTrail;
  readonly heads: AuditHeads;
  readonly content: ContentTally;
  readonly clock: Clock;
  readonly me: NodeId;
  readonly space: (id: SpaceId) => NodeSpace;
}

/** Records of one request, and their size, that one record of the log covers. */
const together = { segments: 32, bytes: 1024 * 1024 };

export class AuditedBackend implements ExchangeBackend {
  readonly #inner: ExchangeBackend;
  readonly #parts: AuditedParts;

  constructor(inner: ExchangeBackend, parts: AuditedParts) {
    this.#inner = inner;
    this.#parts = parts;
  }

  async heads(
    caller: NodeId,
    space: SpaceId,
    signal: AbortSignal,
    words: AuditWords = noWords,
    left = false,
  ): Promise<HeadsReply> {
    const audit = await this.#parts.heads.hear(caller, words);
    this.#mustBeWritable();
    return { ...(await this.#inner.heads(caller, space, signal, words, left)), audit };
  }

  async *segments(
    caller: NodeId,
    space: SpaceId,
    origin: Origin,
    from: number,
    signal: AbortSignal,
  ): AsyncGenerator<Segment> {
    this.#mustBeWritable();
    const { trail, clock, me } = this.#parts;
    const common = { space, form: 'fetch', requester: caller, supplier: me, asked: clock.now() } as const;
    for await (const stretch of stretches(this.#inner.segments(caller, space, origin, from, signal))) {
      await orBusy(trail.shared('supplied', { ...common, ...stretchOf(stretch), result: 'sent' }));
      yield* stretch;
    }
  }

  mustBring(caller: NodeId, space: SpaceId, feed?: Origin | 'any'): void {
    this.#mustBeWritable();
    this.#inner.mustBring(caller, space, feed);
  }

  async pushSegments(
    caller: NodeId,
    space: SpaceId,
    segments: readonly Segment[],
    head: Head,
    signal: AbortSignal,
  ): Promise<void> {
    this.#mustBeWritable();
    const { trail, clock, me } = this.#parts;
    const asked = clock.now();
    const held = (await this.#parts.space(space).state.position(head.origin))?.seq ?? 0;
    await this.#inner.pushSegments(caller, space, segments, head, signal);
    const fresh = segments.filter(({ header }) => lastSeq(header) > held);
    if (fresh.length === 0) return;
    const parties = { space, form: 'push', requester: me, supplier: caller, asked } as const;
    await trail.done('received', { ...parties, ...stretchOf(fresh), result: 'verified and kept' });
  }

  async pushReceipts(
    caller: NodeId,
    space: SpaceId,
    receipts: readonly Receipt[],
    signal: AbortSignal,
  ): Promise<void> {
    this.#mustBeWritable();
    const asked = this.#parts.clock.now();
    const { state } = this.#parts.space(space);
    const take = () => this.#inner.pushReceipts(caller, space, receipts, signal);
    const { fresh, error } = await keptReceipts(state, receipts, take);
    await noteReceipts(this.#parts.trail, { space, asked }, fresh);
    if (error !== undefined) throw error;
  }

  async missing(
    caller: NodeId,
    space: SpaceId,
    ids: readonly ChunkId[],
    signal: AbortSignal,
  ): Promise<readonly ChunkId[]> {
    this.#mustBeWritable();
    return this.#inner.missing(caller, space, ids, signal);
  }

  async *getChunks(
    caller: NodeId,
    space: SpaceId,
    author: NodeId,
    ids: readonly ChunkId[],
    signal: AbortSignal,
  ): AsyncGenerator<SealedChunk> {
    this.#mustBeWritable();
    const count = await orBusy(this.#parts.content.begin(caller, space));
    for await (const chunk of this.#inner.getChunks(caller, space, author, ids, signal)) {
      this.#mustBeWritable();
      count(chunk.sealed.length);
      yield chunk;
    }
  }

  async putChunks(
    caller: NodeId,
    space: SpaceId,
    chunks: AsyncIterable<SealedChunk>,
    signal: AbortSignal,
  ): Promise<void> {
    this.#mustBeWritable();
    await this.#inner.putChunks(caller, space, chunks, signal);
  }

  /** On the record afterwards: what is gone is not shared. */
  async dropChunks(
    caller: NodeId,
    space: SpaceId,
    ids: readonly ChunkId[],
    signal: AbortSignal,
  ): Promise<number> {
    this.#mustBeWritable();
    const dropped = await this.#inner.dropChunks(caller, space, ids, signal);
    const by = { member: caller, space, reference: 'chunks' };
    if (dropped > 0)
      await this.#parts.trail.caused('content.dropped', by, { space, requester: caller, chunks: dropped });
    return dropped;
  }

  async *events(caller: NodeId, signal: AbortSignal): AsyncGenerator<PeerEvent> {
    this.#mustBeWritable();
    yield* this.#inner.events(caller, signal);
  }

  #mustBeWritable(): void {
    if (this.#parts.trail.halt()) throw busy();
  }
}

/** The state of our log is no business of the caller's: it is told to come back. */
const busy = () => new DongboError('PEER_BUSY', {}, { retry: 'later' });

async function orBusy<T>(recorded: Promise<T>): Promise<T> {
  try {
    return await recorded;
  } catch (error) {
    throw error instanceof DongboError ? busy() : error;
  }
}

async function* stretches(segments: AsyncIterable<Segment>): AsyncGenerator<Segment[]> {
  let waiting: Segment[] = [];
  let bytes = 0;
  for await (const segment of segments) {
    waiting.push(segment);
    bytes += segment.bodies.reduce((sum, body) => sum + (body?.length ?? 0), 0);
    if (waiting.length < together.segments && bytes < together.bytes) continue;
    yield waiting;
    waiting = [];
    bytes = 0;
  }
  if (waiting.length > 0) yield waiting;
}

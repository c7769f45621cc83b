/**
 * The line from a member to the relay: the relay's own backend, in the same process, under the checks that its server
 * makes. Requests wait until the history lets the line work; it can be cut.
 */
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { agreementDigest } from '#agent/core/agreement.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { ChunkId, NodeId, Origin, SpaceId } from '#agent/core/ids.ts';
import type { Head, Receipt, Segment } from '#agent/core/segment.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { Node } from '#agent/cycle/node.ts';
import type { AuditWords } from '#agent/exchange/audit-words.ts';
import { MemoryPeer } from '#agent/exchange/memory-peer.ts';
import type { HeadsReply, Peer, PeerEvent } from '#agent/exchange/peer.ts';
import { isRefusal } from '#agent/seal/agreement-book.ts';
import { AgreementTrust } from '#agent/seal/agreement-trust.ts';
import type { PartClock } from './time.ts';

/** Beyond these many requests in one go the two do not come to rest with each other. */
const stormRequests = 3000;
/** So long without a sign of life, with nothing under way, is rest, whatever a loop is waiting for. */
const stillMs = 60;

export interface Ends {
  /** Undefined while that machine is off. */
  readonly near: () => Node | undefined;
  readonly far: () => Node | undefined;
  readonly clock: PartClock;
}

export class Line implements Peer, AsyncDisposable {
  readonly node: NodeId;
  readonly #ends: Ends;
  #up = true;
  #works = false;
  #let = Promise.withResolvers<void>();
  #cut = new AbortController();
  #streams = 0;
  #under = 0;
  #waiting = 0;
  #last = 0;
  /** What the far end refused, or failed at, since somebody took these away. */
  readonly refusals: { readonly what: string; readonly code: string }[] = [];
  /** Requests since the line began to work. */
  requests = 0;

  constructor(node: NodeId, ends: Ends) {
    this.node = node;
    this.#ends = ends;
  }

  get up(): boolean {
    return this.#up;
  }

  get connected(): boolean {
    return this.#streams > 0;
  }

  set up(up: boolean) {
    this.#up = up;
    if (up) return;
    this.#cut.abort();
    this.#cut = new AbortController();
  }

  /** Lets it work until both ends rest. Throws when they never do. */
  async work(): Promise<void> {
    this.requests = 0;
    this.open();
    try {
      await this.rest();
    } finally {
      this.close();
    }
  }

  open(): void {
    this.#works = true;
    this.#let.resolve();
  }

  close(): void {
    this.#works = false;
    this.#let = Promise.withResolvers<void>();
  }

  async rest(): Promise<void> {
    this.#note();
    for (let still = 0; still < 4; ) {
      await (still > 0 ? setImmediate() : delay(1));
      if (this.requests > stormRequests) throw new Error('requests without end on the line');
      const idle = this.#under === 0 && this.#waiting === 0;
      const parked = this.#ends.clock.resting >= (this.connected ? 2 : 1);
      const quiet = performance.now() - this.#last > stillMs;
      still = idle && (parked || quiet) ? still + 1 : 0;
    }
  }

  #note(): void {
    this.#last = performance.now();
  }

  /** Whether a request may go, and to whom: as the server decides before its backend hears of it. */
  #far(space?: SpaceId): MemoryPeer {
    const { near, far } = this.#ends;
    const [caller, relay] = [near(), far()];
    const peer = this.node;
    if (!this.#up || !caller || !relay)
      throw new DongboError('PEER_UNREACHABLE', { peer }, { retry: 'later' });
    const trust = new AgreementTrust(relay.book);
    const me = caller.identity.node;
    if (!trust.certificates().some(({ node }) => node === me))
      throw new DongboError('PEER_REFUSED', { peer, status: 403 }, { retry: 'later' });
    if (space !== undefined) this.#checkAgreement(caller, trust, space);
    return new MemoryPeer(peer, relay.backend(), me);
  }

  #checkAgreement(caller: Node, trust: AgreementTrust, space: SpaceId): void {
    const [theirs, mine] = [trust.inForce(space), caller.book.inForce(space)];
    const about = { peer: this.node };
    const later = { retry: 'after-change' } as const;
    if (!theirs) throw new DongboError('SPACE_NOT_SHARED', about, later);
    if (!theirs.members.has(caller.identity.node)) throw new DongboError('NOT_A_MEMBER', about, later);
    if (isRefusal(mine) || theirs.digest !== agreementDigest(mine))
      throw new DongboError('AGREEMENT_MISMATCH', about, later);
  }

  async #pass(signal: AbortSignal): Promise<void> {
    this.#waiting += 1;
    try {
      while (!this.#works) {
        const aborted = new Promise<void>((_, no) => {
          signal.addEventListener('abort', () => no(signal.reason), { once: true });
        });
        aborted.catch(() => undefined);
        signal.throwIfAborted();
        await Promise.race([this.#let.promise, aborted]);
      }
    } finally {
      this.#waiting -= 1;
    }
  }

  async #ask<T>(
    what: string,
    { space, signal }: { readonly space: SpaceId; readonly signal: AbortSignal },
    run: (far: MemoryPeer) => Promise<T>,
  ): Promise<T> {
    await this.#pass(signal);
    this.#under += 1;
    this.requests += 1;
    try {
      return await run(this.#far(space));
    } catch (error) {
      if (error instanceof DongboError) this.refusals.push({ what, code: error.code });
      throw error;
    } finally {
      this.#under -= 1;
      this.#note();
    }
  }

  heads(space: SpaceId, signal: AbortSignal, audit?: AuditWords): Promise<HeadsReply> {
    return this.#ask('heads', { space, signal }, (far) => far.heads(space, signal, audit));
  }

  async *segments(
    space: SpaceId,
    origin: Origin,
    from: number,
    signal: AbortSignal,
  ): AsyncGenerator<Segment, undefined> {
    await this.#pass(signal);
    this.#under += 1;
    try {
      yield* this.#far(space).segments(space, origin, from, signal);
    } finally {
      this.#under -= 1;
      this.#note();
    }
    return undefined;
  }

  pushSegments(space: SpaceId, segments: readonly Segment[], head: Head, signal: AbortSignal): Promise<void> {
    return this.#ask('pushSegments', { space, signal }, (far) =>
      far.pushSegments(space, segments, head, signal),
    );
  }

  pushReceipts(space: SpaceId, receipts: readonly Receipt[], signal: AbortSignal): Promise<void> {
    return this.#ask('pushReceipts', { space, signal }, (far) => far.pushReceipts(space, receipts, signal));
  }

  missing(space: SpaceId, ids: readonly ChunkId[], signal: AbortSignal): Promise<ChunkId[]> {
    return this.#ask('missing', { space, signal }, (far) => far.missing(space, ids, signal));
  }

  putChunks(space: SpaceId, chunks: AsyncIterable<SealedChunk>, signal: AbortSignal): Promise<void> {
    return this.#ask('putChunks', { space, signal }, (far) => far.putChunks(space, chunks, signal));
  }

  dropChunks(space: SpaceId, ids: readonly ChunkId[], signal: AbortSignal): Promise<number> {
    return this.#ask('dropChunks', { space, signal }, (far) => far.dropChunks(space, ids, signal));
  }

  /** Asked for within a turn, which the history has let go already. */
  async *getChunks(
    space: SpaceId,
    author: NodeId,
    ids: readonly ChunkId[],
    signal: AbortSignal,
  ): AsyncGenerator<SealedChunk> {
    yield* this.#far(space).getChunks(space, author, ids, signal);
  }

  async *events(signal: AbortSignal): AsyncGenerator<PeerEvent | undefined> {
    await this.#pass(signal);
    const far = this.#far();
    const cut = this.#cut.signal;
    this.#streams += 1;
    try {
      yield* far.events(AbortSignal.any([signal, cut]));
    } catch (error) {
      if (signal.aborted || !cut.aborted) throw error;
      throw new DongboError('PEER_LOST', { peer: this.node }, { retry: 'later' });
    } finally {
      this.#streams -= 1;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

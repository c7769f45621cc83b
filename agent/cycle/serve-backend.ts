/** What this node answers when others ask: the exchange's backend over feed, vault and the files themselves. */
import { memberOf } from '#agent/core/agreement.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { ChunkId, NodeId, Origin, SpaceId } from '#agent/core/ids.ts';
import { mapAhead } from '#agent/core/map-ahead.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { Head, Receipt, Segment } from '#agent/core/segment.ts';
import { type AuditWords, noWords } from '#agent/exchange/audit-words.ts';
import type { ExchangeBackend } from '#agent/exchange/backend.ts';
import type { EventHub } from '#agent/exchange/event-hub.ts';
import { pushChunkBytes } from '#agent/exchange/limits.ts';
import type { HeadsReply, PeerEvent } from '#agent/exchange/peer.ts';
import { pusherOf } from '#agent/feed/copy-key.ts';
import { maxCopies, type Vault } from '#agent/feed/vault.ts';
import { headsToTell, receiptsToTell } from './lives.ts';
import type { NodeSpace } from './node-space.ts';
import type { PeerBook } from './peer-book.ts';
import type { WantList } from './wanted.ts';

/** Chunks that are read and sealed while others are being sent. */
const servedAhead = 12;

export interface ServeParts {
  readonly role: 'agent' | 'relay';
  readonly space: (id: SpaceId) => NodeSpace;
  readonly vault: Vault;
  readonly wanted: WantList;
  readonly hub: EventHub;
  readonly peers: PeerBook;
}

export class ServeBackend implements ExchangeBackend {
  readonly #parts: ServeParts;

  constructor(parts: ServeParts) {
    this.#parts = parts;
  }

  async heads(
    caller: NodeId,
    space: SpaceId,
    _signal?: AbortSignal,
    _audit?: AuditWords,
    left = false,
  ): Promise<HeadsReply> {
    const { role, wanted, peers } = this.#parts;
    peers.noteAsked(caller, space);
    const own = this.#parts.space(space);
    const concerns = ({ reader, origin: { node } }: Receipt): boolean =>
      memberOf(own.agreement(), reader) !== undefined &&
      (node === caller || (left && !own.acceptor.publishes(node)));
    const receipts = receiptsToTell((await own.state.receipts()).filter(concerns));
    const heads = headsToTell(await this.#heads(space), own.agreement());
    const told = { heads, receipts, role, audit: noWords };
    return { ...told, dialsBack: peers.dials(caller), wanted: wanted.list(space, caller) };
  }

  /** Of our own feed what came with holes is said not to be held: whoever has it brings it whole. */
  async #heads(space: SpaceId): Promise<readonly Head[]> {
    const { state, origin } = this.#parts.space(space);
    const heads: Head[] = [];
    for (const head of await state.origins()) {
      const whole = head.origin.node !== origin.node || (await state.owed(head.origin)) === undefined;
      if (whole) heads.push(head);
    }
    return heads;
  }

  segments(_caller: NodeId, space: SpaceId, origin: Origin, from: number): AsyncIterable<Segment> {
    return this.#parts.space(space).state.segments(origin, from);
  }

  async pushSegments(
    caller: NodeId,
    space: SpaceId,
    segments: readonly Segment[],
    head: Head,
  ): Promise<void> {
    const own = this.#parts.space(space);
    this.mustBring(caller, space, head.origin);
    await own.acceptor.accept(caller, segments, head);
    if (segments.length > 0) this.#parts.peers.noteBrought(caller, space, head.origin, head.seq);
  }

  async pushReceipts(caller: NodeId, space: SpaceId, receipts: readonly Receipt[]): Promise<void> {
    await this.#parts.space(space).receipts.accept(caller, receipts);
  }

  /**
   * What others have brought under an id may be garbage, so it counts for nobody but them. A relay keeps everything; an
   * agent wants what it can neither find on its own disk nor has been sent.
   */
  async missing(caller: NodeId, space: SpaceId, ids: readonly ChunkId[]): Promise<readonly ChunkId[]> {
    this.mustBring(caller, space);
    this.#parts.peers.noteOffer(caller, space);
    const absent = await this.#parts.vault.missing(space, caller, ids);
    if (this.#parts.role === 'relay') return absent;
    const { local } = this.#parts.space(space);
    const needed: ChunkId[] = [];
    for (const id of absent) if (!(await local?.holds(id))) needed.push(id);
    return needed;
  }

  async *getChunks(
    caller: NodeId,
    space: SpaceId,
    author: NodeId,
    ids: readonly ChunkId[],
    signal: AbortSignal,
  ): AsyncGenerator<SealedChunk> {
    const { local } = this.#parts.space(space);
    const absent = new Set(ids);
    const sealed = local ? mapAhead(ids, servedAhead, (id) => local.sealedById(author, id)) : [];
    for await (const chunk of sealed) {
      signal.throwIfAborted();
      if (chunk && absent.delete(chunk.id)) yield chunk;
    }
    const others = new Map<ChunkId, number>();
    for await (const { id, from, sealed } of this.#parts.vault.copies(space, author, [...absent])) {
      if (from === pusherOf(author)) absent.delete(id);
      else others.set(id, (others.get(id) ?? 0) + 1);
      yield { id, sealed };
    }
    if (absent.size > 0) await this.#want({ caller, space, author }, [...absent], others);
  }

  /** Copies of others may all be false, and only readers can tell: the author's own is wanted besides. */
  async #want(
    { caller, space, author }: { readonly caller: NodeId; readonly space: SpaceId; readonly author: NodeId },
    ids: readonly ChunkId[],
    others: ReadonlyMap<ChunkId, number>,
  ): Promise<void> {
    const wants = ids.map((id) => ({ author, id, open: (others.get(id) ?? 0) < maxCopies }));
    if (this.#parts.wanted.add(space, caller, wants)) await this.#parts.space(space).announceAll();
  }

  async putChunks(caller: NodeId, space: SpaceId, chunks: AsyncIterable<SealedChunk>): Promise<void> {
    this.mustBring(caller, space);
    this.#parts.peers.noteOffer(caller, space);
    let batch: SealedChunk[] = [];
    let bytes = 0;
    const store = async () => {
      await this.#store(caller, space, batch);
      batch = [];
      bytes = 0;
    };
    for await (const chunk of chunks) {
      batch.push(chunk);
      bytes += chunk.sealed.length;
      if (bytes >= pushChunkBytes) await store();
    }
    await store();
    this.#parts.space(space).arrived();
  }

  /** Whoever has put a copy may take it back, whatever its roles are by now. */
  async dropChunks(caller: NodeId, space: SpaceId, ids: readonly ChunkId[]): Promise<number> {
    this.#parts.space(space).agreement();
    return this.#parts.vault.withdraw(space, caller, ids);
  }

  async #store(caller: NodeId, space: SpaceId, batch: readonly SealedChunk[]): Promise<void> {
    const { role, vault, wanted } = this.#parts;
    const ids = batch.map(({ id }) => id);
    // Another's copy ends the asking of everyone, but only once: garbage could be sent again and again to end it. An
    // agent finds out for itself whether the copy is true.
    const fresh = role === 'relay' ? await vault.missing(space, caller, ids) : [];
    await vault.put(space, caller, batch);
    wanted.gotFrom(caller, space, ids);
    wanted.got(space, fresh);
  }

  async *events(caller: NodeId, signal: AbortSignal): AsyncGenerator<PeerEvent> {
    const { hub, peers } = this.#parts;
    peers.inbound(caller, 1);
    try {
      yield* hub.subscribe(caller, (e) => this.#parts.space(e.space).isMember(caller), signal);
    } finally {
      peers.inbound(caller, -1);
    }
  }

  /**
   * Another's feed could come with bodies cut out, and its author would think that it is all here. Of our own feeds we
   * know what must be there, and that somebody holds them may be news.
   */
  mustBring(caller: NodeId, space: SpaceId, feed?: Origin | 'any'): void {
    const own = this.#parts.space(space);
    const publishes = (node: NodeId) => memberOf(own.agreement(), node)?.roles.includes('publish') ?? false;
    const me = own.origin.node;
    const isOurs = feed === 'any' ? publishes(me) : feed?.node === me;
    const isTheirs = publishes(caller) && (feed === undefined || feed === 'any' || feed.node === caller);
    if (!isOurs && !isTheirs) throw new DongboError('ROLE_REFUSED', { role: 'publish' });
  }
}

/** Brings this node's feeds, wanted chunks and receipts to a peer, from where the peer is. */
import { type DongboError, isCode } from '#agent/core/errors.ts';
import { type ChunkId, originKey, type SpaceId } from '#agent/core/ids.ts';
import type { Head, Receipt } from '#agent/core/segment.ts';
import { maxReceiptsPerRequest, maxWantedIds } from './limits.ts';
import type { HeadsReply, Wanted } from './peer.ts';
import { pushChunks } from './push-chunks.ts';
import { FeedPush, type PushParts } from './push-feed.ts';

export type { PushParts } from './push-feed.ts';

export class SpacePush {
  readonly #parts: PushParts;
  readonly #space: SpaceId;
  /** Sequence of each of our feeds that the peer holds, by its word or by ours after a push. */
  #theirs = new Map<string, number>();
  /** Feeds pushed since the last look began: its answer may be older than that. */
  readonly #pushed = new Set<string>();
  #reply: HeadsReply | undefined;
  /** Time of each of our heads that was sent alone since the connection stands. */
  readonly #renewed = new Map<string, number>();
  /** Receipts told since the connection stands: one for each feed. */
  readonly #told = new Map<string, number>();
  /**
   * Wanted chunks that this node did not have when it stood at `#lookedAt`, by author and id: not looked for again at
   * every event.
   */
  readonly #unable = new Set<string>();
  /** Whether the peer is of a version that drops nothing. */
  #keepsAll = false;
  readonly #feeds: FeedPush;
  /** Our own heads then. What has been published since may be what is wanted. */
  #lookedAt = '';

  constructor(parts: PushParts, space: SpaceId) {
    this.#parts = parts;
    this.#space = space;
    this.#feeds = new FeedPush(parts, space, this.#setAside);
  }

  #setAside = (chunk: ChunkId, { code }: DongboError): Promise<void> => {
    const { local, peer } = this.#parts;
    return local.setAside(this.#space, peer.node, { chunk }, code);
  };

  /** Call before the peer is asked for its heads. */
  lookBegins(): void {
    this.#pushed.clear();
  }

  /** The peer's own word on what it holds replaces what was reckoned: it may have lost something. */
  noteReply(reply: HeadsReply): void {
    this.#reply = reply;
    const theirs = new Map(reply.heads.map((head) => [originKey(head.origin), head.seq]));
    for (const key of this.#pushed)
      theirs.set(key, Math.max(theirs.get(key) ?? 0, this.#theirs.get(key) ?? 0));
    this.#theirs = theirs;
  }

  /**
   * Brings everything that is new, then the content of large files until `isNews`. Does nothing before the first reply.
   */
  async run(signal: AbortSignal, isNews: () => boolean = () => false): Promise<void> {
    const reply = this.#reply;
    if (!reply) return;
    await this.#pushReceipts(reply, signal);
    await this.#drop(signal);
    if (reply.role === 'agent' && reply.dialsBack) return;
    const offers = await this.#parts.local.offers(this.#space, this.#parts.peer.node);
    this.#noteStand(offers);
    await this.#pushWanted(reply, signal);
    for (const head of offers) {
      if (this.#theirsOf(head) < head.seq) await this.#pushFeed(head, signal);
      else await this.#renew(head, reply, signal);
    }
    for (const head of offers) await this.#feeds.bringLater(head, isNews, signal);
  }

  /** The peer holds the same under an older signature of ours: what it passes on would seem out of date. */
  async #renew(head: Head, reply: HeadsReply, signal: AbortSignal): Promise<void> {
    const { peer, uploads } = this.#parts;
    const key = originKey(head.origin);
    const theirs = reply.heads.find((told) => originKey(told.origin) === key && told.digest === head.digest);
    if (!theirs || theirs.time === head.time || this.#renewed.get(key) === head.time) return;
    await uploads.run(() => peer.pushSegments(this.#space, [], head, signal), signal);
    this.#renewed.set(key, head.time);
  }

  /**
   * Before anything is brought, and never beside it: a chunk that is live again by then is brought anew. A peer that
   * does not know the request keeps what it has.
   */
  async #drop(signal: AbortSignal): Promise<void> {
    const { local, peer } = this.#parts;
    while (!this.#keepsAll) {
      const ids = await local.drops(this.#space, peer.node);
      if (ids.length === 0) return;
      try {
        await peer.dropChunks(this.#space, ids, signal);
      } catch (error) {
        if (!isCode(error, 'ROUTE_UNKNOWN')) throw error;
        this.#keepsAll = true;
        return;
      }
      await local.dropped(this.#space, peer.node, ids);
    }
  }

  #noteStand(offers: readonly Head[]): void {
    const stand = offers.map(({ origin, seq }) => `${originKey(origin)}@${seq}`).join();
    if (stand !== this.#lookedAt) this.#unable.clear();
    this.#lookedAt = stand;
  }

  #theirsOf = ({ origin }: Head): number => this.#theirs.get(originKey(origin)) ?? 0;

  async #pushFeed(head: Head, signal: AbortSignal): Promise<void> {
    const reached = ({ origin, seq }: Head): void => {
      this.#theirs.set(originKey(origin), seq);
      this.#pushed.add(originKey(origin));
    };
    await this.#feeds.bring(head, this.#theirsOf(head) + 1, { signal, reached });
  }

  /** A want may name any author, so that one id may stand in several: only that of the true author leads to a push. */
  async #pushWanted(reply: HeadsReply, signal: AbortSignal): Promise<void> {
    const { local, peer, uploads } = this.#parts;
    const space = this.#space;
    const wanted = Map.groupBy(
      reply.wanted.filter((one) => !this.#unable.has(keyOf(one))),
      ({ id }) => id,
    );
    if (wanted.size === 0) return;
    if (this.#unable.size > 8 * maxWantedIds) this.#unable.clear();
    const isUnderWay = (await this.#feeds.later()).length > 0;
    const seal = async (id: ChunkId, s: AbortSignal) => {
      // A peer that has a list is asked for nothing beneath it: one that came before its time would leave that out.
      if (isUnderWay && (await local.isLargeList(space, id))) return undefined;
      for (const one of wanted.get(id) ?? []) {
        const sealed = await local.sealed(space, one, s);
        if (sealed) return sealed;
        this.#unable.add(keyOf(one));
      }
      return undefined;
    };
    await local.brings(space, peer.node);
    const target = { peer, space, uploads, setAside: this.#setAside };
    await pushChunks(target, each([...wanted.keys()]), seal, signal);
  }

  /**
   * A relay keeps everybody's receipts; an agent only wants those about itself. Nobody takes one for more than it holds:
   * it waits until the peer's head has come so far.
   */
  async #pushReceipts(reply: HeadsReply, signal: AbortSignal): Promise<void> {
    const { local, peer } = this.#parts;
    const concerns = ({ origin }: Receipt) => reply.role === 'relay' || origin.node === peer.node;
    const isNew = ({ origin, seq }: Receipt) =>
      (this.#told.get(originKey(origin)) ?? 0) < seq && seq <= (this.#theirs.get(originKey(origin)) ?? 0);
    const fresh = (await local.receipts(this.#space)).filter((r) => concerns(r) && isNew(r));
    for (let at = 0; at < fresh.length; at += maxReceiptsPerRequest) {
      const some = fresh.slice(at, at + maxReceiptsPerRequest);
      await peer.pushReceipts(this.#space, some, signal);
      for (const { origin, seq } of some) this.#told.set(originKey(origin), seq);
    }
  }
}

const keyOf = ({ author, id }: Wanted): string => author + id;

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** What one batch does to the feed of one origin: chain checks, and dropping of superseded bodies. */
import { DongboError } from '#agent/core/errors.ts';
import type { Origin, Tag } from '#agent/core/ids.ts';
import { type Head, lastSeq, type Segment } from '#agent/core/segment.ts';
import { encodeHead } from '#agent/core/segment-codec.ts';
import type { Op } from './db.ts';
import {
  decodeLive,
  decodeStored,
  digestOf,
  encodeLive,
  encodePosition,
  encodeStored,
  type LiveRecord,
  type Position,
  readPosition,
} from './feed-store.ts';
import { headerKept, headKept } from './kept.ts';
import { LedgerChanges } from './ledger-changes.ts';
import type { SpaceCore } from './space-core.ts';

const nothing = new Uint8Array();

export class FeedChanges {
  readonly #core: SpaceCore;
  readonly #origin: Origin;
  readonly #before: Position | undefined;
  #position: Position | undefined;
  #head: Head | undefined;
  readonly #segments = new Map<number, Uint8Array>();
  readonly #tags = new Map<Tag, LiveRecord>();
  readonly #bodies = new Map<number, Uint8Array | undefined>();
  readonly #owed = new Map<number, boolean>();
  readonly #ledger: LedgerChanges;

  private constructor(core: SpaceCore, origin: Origin, before: Position | undefined) {
    this.#core = core;
    this.#origin = origin;
    this.#before = before;
    this.#position = before;
    this.#ledger = new LedgerChanges(core, origin);
  }

  static async begin(core: SpaceCore, origin: Origin): Promise<FeedChanges> {
    return new FeedChanges(core, origin, await readPosition(core, origin));
  }

  /**
   * `head` is signed by the origin and may claim more than this segment reaches; it is kept once it is reached.
   * Of a segment that is here already, only bodies that were owed are taken.
   * Throws FEED_GAP and FEED_FORK.
   */
  async append(segment: Segment, head: Head): Promise<void> {
    const { header } = segment;
    const end = this.#position?.seq ?? 0;
    if (header.first > end + 1) throw this.#error('FEED_GAP', header.first, { held: end });
    if (header.first <= end) return this.#fill(segment);
    if (header.prev !== this.#position?.digest) throw this.#error('FEED_FORK', header.first);
    const position = { seq: lastSeq(header), digest: digestOf(segment.headerBytes) };
    if (head.seq === position.seq && head.digest !== position.digest) {
      throw this.#error('FEED_FORK', head.seq);
    }
    await this.#loadTags(segment);
    this.#take(segment);
    this.#ledger.take(segment);
    this.#segments.set(header.first, encodeStored(segment));
    this.#position = position;
    if (head.seq === position.seq) this.#head = head;
  }

  /**
   * Keeps a head that what is held reaches, in the place of one as far that is older: the caller says which is younger.
   * Throws FEED_FORK when it names another history than the one held.
   */
  async putHead(head: Head): Promise<void> {
    if (head.seq > (this.#position?.seq ?? 0)) return;
    if ((await this.#digestAt(head.seq)) !== head.digest) throw this.#error('FEED_FORK', head.seq);
    if (head.seq >= (this.#head?.seq ?? 0)) this.#head = head;
  }

  /** Called under the commit lock. Throws FEED_MOVED when another batch has changed this feed meanwhile. */
  async ops(): Promise<Op[]> {
    const { core, origin } = { core: this.#core, origin: this.#origin };
    const { keys } = core;
    const now = await readPosition(core, origin);
    if (now?.digest !== this.#before?.digest) throw this.#error('FEED_MOVED', now?.seq ?? 0);
    const ops: Op[] = [];
    for (const [first, value] of this.#segments) ops.push({ key: keys.segment(origin, first), value });
    for (const [seq, value] of this.#bodies) {
      const key = keys.body(origin, seq);
      ops.push(value ? { key, value } : { key });
    }
    for (const [tag, live] of this.#tags) ops.push({ key: keys.tag(origin, tag), value: encodeLive(live) });
    for (const [seq, owed] of this.#owed) {
      const key = keys.owed(origin, seq);
      ops.push(owed ? { key, value: nothing } : { key });
    }
    if (this.#position) ops.push({ key: keys.position(origin), value: encodePosition(this.#position) });
    ops.push(...(await this.#ledger.ops()));
    const head = await this.#highestHead();
    if (head) ops.push({ key: keys.head(origin), value: encodeHead(head) });
    return ops;
  }

  async #highestHead(): Promise<Head | undefined> {
    if (!this.#head) return undefined;
    const bytes = await this.#core.db.get(this.#core.keys.head(this.#origin));
    return bytes && (headKept(bytes)?.seq ?? 0) > this.#head.seq ? undefined : this.#head;
  }

  async #loadTags(segment: Segment): Promise<void> {
    const { db, keys } = this.#core;
    const unknown = [...new Set(segment.header.entries.map((e) => e.tag))].filter((t) => !this.#tags.has(t));
    const values = await db.getMany(unknown.map((tag) => keys.tag(this.#origin, tag)));
    unknown.forEach((tag, i) => {
      const value = values[i];
      if (value) this.#tags.set(tag, decodeLive(value));
    });
  }

  #take({ header, bodies }: Segment): void {
    header.entries.forEach(({ tag }, i) => {
      const seq = header.first + i;
      const before = this.#tags.get(tag);
      if (before?.missing) this.#owed.set(before.seq, false);
      else if (before) this.#bodies.set(before.seq, undefined);
      const body = bodies[i];
      if (body) this.#bodies.set(seq, body);
      else this.#owed.set(seq, true);
      this.#tags.set(tag, { seq, missing: !body });
    });
  }

  /** A segment held already may come again with bodies that were left out the first time. */
  async #fill(segment: Segment): Promise<void> {
    const { header, headerBytes } = segment;
    const stored = await this.#stored(header.first);
    const same = stored && Buffer.compare(decodeStored(stored).headerBytes, headerBytes) === 0;
    if (!same) throw this.#error('FEED_FORK', header.first);
    await this.#loadTags(segment);
    header.entries.forEach(({ tag }, i) => {
      const seq = header.first + i;
      const body = segment.bodies[i];
      const live = this.#tags.get(tag);
      if (!body || live?.seq !== seq || !live.missing) return;
      this.#bodies.set(seq, body);
      this.#owed.set(seq, false);
      this.#tags.set(tag, { seq, missing: false });
      this.#ledger.fill(header, i, body);
    });
  }

  async #stored(first: number): Promise<Uint8Array | undefined> {
    const { db, keys } = this.#core;
    return this.#segments.get(first) ?? db.get(keys.segment(this.#origin, first));
  }

  /** Digest of the segment that ends at `seq`; undefined when none does. */
  async #digestAt(seq: number): Promise<string | undefined> {
    if (seq === this.#position?.seq) return this.#position.digest;
    const { db, keys } = this.#core;
    const range = keys.segmentsUpTo(this.#origin, seq);
    for await (const [, value] of db.entries(range, { reverse: true, limit: 1 })) {
      const { headerBytes } = decodeStored(value);
      if (lastSeq(headerKept(headerBytes)) === seq) return digestOf(headerBytes);
    }
    return undefined;
  }

  #error(code: string, seq: number, more: { held?: number } = {}): DongboError {
    const { node } = this.#origin;
    const retry = code === 'FEED_FORK' ? 'never' : 'later';
    return new DongboError(code, { space: this.#core.space, node, seq, ...more }, { retry });
  }
}

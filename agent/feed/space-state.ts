/** The durable state of one space: index of items, want-list, feeds, receipts, cursors, problems. */
import type { Problem } from '#agent/core/errors.ts';
import type { ChunkId, NodeId, Origin, Tag } from '#agent/core/ids.ts';
import type { ItemState, Row } from '#agent/core/item.ts';
import type { Head, Receipt, Segment } from '#agent/core/segment.ts';
import { noCounts, type SpaceCounts, withMeasure } from './counts.ts';
import { damaged, type Op } from './db.ts';
import { readSegments } from './feed-read.ts';
import { decodeLive, type Position, readPosition } from './feed-store.ts';
import { History } from './history.ts';
import { headKept, receiptKept } from './kept.ts';
import { KeyLedger } from './key-ledger.ts';
import { numberFrom, SpaceKeys } from './keys.ts';
import type { Location } from './location.ts';
import { findLocations, findManyLocations } from './locations.ts';
import { Losses } from './losses.ts';
import { decodeOpened, type Opened } from './opened.ts';
import { isPlaced, notePushedTo, type OwedDrop, owedDrops, settleDrops, sweepsOwed } from './owed-drops.ts';
import { problemFrom } from './problem-row.ts';
import { decodeRow, measureOf } from './row-codec.ts';
import { comingAt, pathsOf, verifyContents } from './same-content.ts';
import { SpaceBatch } from './space-batch.ts';
import type { SpaceCore } from './space-core.ts';
import { decodeWithdrawal, type Withdrawal } from './withdrawals.ts';

const forgottenAtOnce = 1000;

/** Every iteration shows one moment, that of its first step, whatever is committed meanwhile. */
export class SpaceState {
  /** Who was ever granted which epoch. */
  readonly keyLedger: KeyLedger;
  /** What stood at paths and stands there no more. */
  readonly history: History;
  readonly losses: Losses;
  readonly #core: SpaceCore;

  constructor(core: SpaceCore) {
    this.#core = core;
    this.keyLedger = new KeyLedger(core);
    this.history = new History(core);
    this.losses = new Losses(core);
  }

  /**
   * Read, decide, commit: one at a time in a space, so that no other such work comes between. Not re-entrant; commits
   * within are fine.
   */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.#core.decisions.run(work);
  }

  /**
   * Forgets everything of the space: index, feeds, receipts, want-list. The agreement, keys, key ledger and files stay.
   * Nothing else may be under way in the space but what waits for `exclusive`.
   */
  forget(): Promise<void> {
    return this.exclusive(() =>
      this.#core.commits.run(async () => {
        const { db, keys } = this.#core;
        for (const range of keys.everything()) {
          let ops: Op[] = [];
          for await (const [key] of db.entries(range)) {
            ops.push({ key });
            if (ops.length < forgottenAtOnce) continue;
            await db.write(ops);
            ops = [];
          }
          if (ops.length > 0) await db.write(ops);
        }
        this.#core.counts = noCounts;
        this.#core.nextFile = undefined;
        this.#core.pushedTo = undefined;
      }),
    );
  }

  batch(): SpaceBatch {
    return new SpaceBatch(this.#core);
  }

  /** As of the last commit, exact after a crash too. */
  counts(): SpaceCounts {
    return this.#core.counts;
  }

  /**
   * Reads every row and compares with the counts: LevelDB passes over a damaged block of a table in silence, and rows
   * that vanish so would be taken for items never known. Throws STATE_DAMAGED.
   */
  async verify(): Promise<void> {
    const { db, keys, counts } = this.#core;
    let found: SpaceCounts = { ...noCounts, pending: counts.pending, problems: counts.problems };
    for await (const [, value] of db.entries(keys.allRows())) found = withMeasure(found, measureOf(value), 1);
    const { items, files, bytes } = this.#core.counts;
    if (found.items !== items || found.files !== files || found.bytes !== bytes)
      throw damaged('db', `the index must hold ${items} items, and holds ${found.items}`);
    await verifyContents(this.#core);
  }

  async row(path: string): Promise<Row | undefined> {
    const bytes = await this.#core.db.get(this.#core.keys.row(path));
    return bytes && decodeRow(bytes);
  }

  /** Those of `paths`, in their order, in one read. */
  async rows(paths: readonly string[]): Promise<(Row | undefined)[]> {
    const found = await this.#core.db.getMany(paths.map(this.#core.keys.row));
    return found.map((bytes) => bytes && decodeRow(bytes));
  }

  /** Files that hold the same on this disk, by the index. */
  pathsOf(file: Pick<Extract<ItemState, { kind: 'file' }>, 'size' | 'sha256'>): Promise<string[]> {
    return pathsOf(this.#core, file);
  }

  comingAt(file: Pick<Extract<ItemState, { kind: 'file' }>, 'size' | 'sha256'>): Promise<string[]> {
    return comingAt(this.#core, file);
  }

  /** Direct children of a directory ('' is the root) with their names, sorted by the bytes of the name. */
  async *children(dir: string): AsyncGenerator<[name: string, row: Row]> {
    const { db, keys } = this.#core;
    for await (const [key, value] of db.entries(keys.rowsIn(dir))) {
      yield [keys.nameIn(dir, key), decodeRow(value)];
    }
  }

  async *everyRow(): AsyncGenerator<[path: string, row: Row]> {
    for await (const [key, value] of this.#core.db.entries(this.#core.keys.allRows()))
      yield [SpaceKeys.rowPath(key), decodeRow(value)];
  }

  /** Paths waiting for the apply step, sorted by their bytes, so that parents come first; those after `after`. */
  async *pending(limit?: number, after?: string): AsyncGenerator<string> {
    const { db, keys } = this.#core;
    const { gte, lt } = keys.allPending();
    // No path goes on with a NUL, so this is the least key behind `after`.
    const from = after === undefined ? gte : keys.pending(`${after}\0`);
    for await (const [key] of db.entries({ gte: from, lt }, limit === undefined ? {} : { limit })) {
      yield SpaceKeys.textOf(key);
    }
  }

  /** Paths that were set aside, sorted by their bytes. */
  async *asides(): AsyncGenerator<string> {
    for await (const [key] of this.#core.db.entries(this.#core.keys.allAsides())) yield SpaceKeys.textOf(key);
  }

  pendingCount(): number {
    return this.#core.counts.pending;
  }

  /** At most 16 places that held the chunk when they were noted; what is there now must be hashed before use. */
  locations(id: ChunkId): Promise<Location[]> {
    return findLocations(this.#core, id);
  }

  /** The same for many chunks, in their order. */
  locationsOf(ids: readonly ChunkId[]): Promise<Location[][]> {
    return findManyLocations(this.#core, ids);
  }

  /** The newest signed head of every feed, as far as it is held. */
  async origins(): Promise<Head[]> {
    const heads: Head[] = [];
    for await (const [, value] of this.#core.db.entries(this.#core.keys.allHeads())) {
      const head = headKept(value);
      if (head) heads.push(head);
    }
    return heads;
  }

  /** The newest signed head that what is held reaches; `position` may be further, in the midst of a transfer. */
  async head(origin: Origin): Promise<Head | undefined> {
    const bytes = await this.#core.db.get(this.#core.keys.head(origin));
    return bytes && headKept(bytes);
  }

  /** The end of what is held: the next segment must start at `seq + 1` and name `digest`. */
  position(origin: Origin): Promise<Position | undefined> {
    return readPosition(this.#core, origin);
  }

  /** How many feeds of a node are held, begun ones too. */
  async lives(node: NodeId): Promise<number> {
    let count = 0;
    for await (const _ of this.#core.db.entries(this.#core.keys.positionsOf(node))) count += 1;
    return count;
  }

  /** The segment that holds `from`, and all after it. */
  segments(origin: Origin, from: number): AsyncGenerator<Segment> {
    return readSegments(this.#core, origin, from);
  }

  /** The body of a record; undefined when it was superseded or has not come. */
  record(origin: Origin, seq: number): Promise<Uint8Array | undefined> {
    return this.#core.db.get(this.#core.keys.body(origin, seq));
  }

  /** Sequence number of the newest record with this tag. */
  async liveSeq(origin: Origin, tag: Tag): Promise<number | undefined> {
    const bytes = await this.#core.db.get(this.#core.keys.tag(origin, tag));
    return bytes && decodeLive(bytes).seq;
  }

  /** What was opened under tags of another's feed, in their order. */
  async opened(origin: Origin, tags: readonly Tag[]): Promise<(Opened | undefined)[]> {
    const found = await this.#core.db.getMany(tags.map((tag) => this.#core.keys.opened(origin, tag)));
    return found.map((bytes) => bytes && decodeOpened(bytes));
  }

  /** A peer is brought chunks of this node's: when they are superseded, it is told to drop them. Durable on return. */
  notePushedTo(peer: NodeId): Promise<void> {
    return notePushedTo(this.#core, peer);
  }

  /** What a peer is to drop, withdrawn chunks first, then in the order of the feed. */
  async *owedDrops(peer: NodeId): AsyncGenerator<OwedDrop> {
    // Commits sweep up what went; here all of it is wanted.
    while (await sweepsOwed(this.#core)) await this.batch().commit();
    yield* owedDrops(this.#core, peer);
  }

  /** Durable on return: these are owed no more. */
  settleDrops(peer: NodeId, done: readonly OwedDrop[]): Promise<void> {
    return settleDrops(this.#core, peer, done);
  }

  /** Whether some file here still holds the chunk: exact, where `locations` may overlook some. */
  isPlaced(id: ChunkId): Promise<boolean> {
    return isPlaced(this.#core, id);
  }

  /** What this node has withdrawn and members have yet to confirm, by feed and sequence number. */
  async *withdrawals(): AsyncGenerator<Withdrawal> {
    for await (const [key, value] of this.#core.db.entries(this.#core.keys.allWithdrawals()))
      yield decodeWithdrawal(key, value);
  }

  /**
   * The first record whose body was left out though nothing held supersedes it. When this remains after a whole stream
   * up to the head, the peer withholds (FEED_WITHHELD): ask another one from this number on and `append` again.
   */
  async owed(origin: Origin): Promise<number | undefined> {
    for await (const [key] of this.#core.db.entries(this.#core.keys.allOwed(origin), { limit: 1 })) {
      return numberFrom(key, -6);
    }
    return undefined;
  }

  /** One per reader and origin. */
  async receipts(): Promise<Receipt[]> {
    const receipts: Receipt[] = [];
    for await (const [, value] of this.#core.db.entries(this.#core.keys.allReceipts())) {
      const receipt = receiptKept(value);
      if (receipt) receipts.push(receipt);
    }
    return receipts;
  }

  /** How far the reader of each has signed for its feed, 0 when it has not; in their order. */
  async receiptSeqs(receipts: readonly Pick<Receipt, 'reader' | 'origin'>[]): Promise<number[]> {
    const { db, keys } = this.#core;
    const found = await db.getMany(receipts.map(({ reader, origin }) => keys.receipt(reader, origin)));
    return found.map((bytes) => (bytes && receiptKept(bytes)?.seq) ?? 0);
  }

  /** 0 until first set. */
  async cursor(name: string): Promise<number> {
    const bytes = await this.#core.db.get(this.#core.keys.cursor(name));
    return bytes ? numberFrom(bytes) : 0;
  }

  /** What is kept of corrections (R36) under a prefix that ends in `/`, by what follows it; as of the first step. */
  async *corrections(prefix: string): AsyncGenerator<[id: string, value: Uint8Array]> {
    const { db, keys } = this.#core;
    const skip = Buffer.byteLength(prefix, 'utf8');
    for await (const [key, value] of db.entries(keys.corrections(prefix)))
      yield [SpaceKeys.textOf(key, skip), value];
  }

  correction(id: string): Promise<Uint8Array | undefined> {
    return this.#core.db.get(this.#core.keys.correction(id));
  }

  async *problems(): AsyncGenerator<Problem> {
    for await (const [key, value] of this.#core.db.entries(this.#core.keys.allProblems()))
      yield problemFrom(SpaceKeys.textOf(key), value);
  }

  async problem(path: string): Promise<Problem | undefined> {
    const value = await this.#core.db.get(this.#core.keys.problem(path));
    return value && problemFrom(path, value);
  }
}

/**
 * What happens together in one space. Nothing is visible, and nothing is durable, before `commit`; then all of it is,
 * or, on any error, none. A batch is used once.
 */
import { DongboError, type Problem } from '#agent/core/errors.ts';
import { type ChunkId, type Origin, originKey, type Tag } from '#agent/core/ids.ts';
import type { Brought, Row } from '#agent/core/item.ts';
import type { Head, Receipt, Segment } from '#agent/core/segment.ts';
import { encodeReceipt } from '#agent/core/segment-codec.ts';
import { encodeCounts, type SpaceCounts, withMeasure } from './counts.ts';
import type { Op } from './db.ts';
import { FeedChanges } from './feed-changes.ts';
import { broughtOp, historyOps } from './history.ts';
import { receiptKept } from './kept.ts';
import { numberAsBytes } from './keys.ts';
import type { Location } from './location.ts';
import { LocationChanges } from './locations.ts';
import { encodeOpened, type Opened } from './opened.ts';
import type { Superseded } from './owed-drops.ts';
import { encodeProblem } from './problem-row.ts';
import { decodeRow, encodeRow, isEmpty, measureOf } from './row-codec.ts';
import { contentOps } from './same-content.ts';
import type { SpaceCore } from './space-core.ts';
import { encodeWithdrawal, type Withdrawal } from './withdrawals.ts';

type Marks = Map<string, Uint8Array | undefined>;

const marked = new Uint8Array();

export class SpaceBatch {
  readonly #core: SpaceCore;
  readonly #rows: Marks = new Map();
  readonly #pending: Marks = new Map();
  readonly #asides: Marks = new Map();
  readonly #corrections: Marks = new Map();
  readonly #problems: Marks = new Map();
  readonly #cursors = new Map<string, number>();
  readonly #receipts = new Map<string, Receipt>();
  readonly #feeds = new Map<string, FeedChanges>();
  readonly #locations: LocationChanges;
  /** By key: what is said outright counts before what follows from the rows. */
  readonly #brought = new Map<string, Op>();
  /** What is written as it is; of the same key, the last counts. */
  readonly #ops: Op[] = [];
  readonly #born: [path: string, isFile: boolean][] = [];
  #spent = false;

  constructor(core: SpaceCore) {
    this.#core = core;
    this.#locations = new LocationChanges(core);
  }

  /** Replaces the whole row; an empty one is deleted. Counts follow by themselves. */
  putRow(path: string, row: Row): void {
    this.#rows.set(path, isEmpty(row) ? undefined : encodeRow(row));
  }

  markPending(path: string): void {
    this.#pending.set(path, marked);
  }

  clearPending(path: string): void {
    this.#pending.set(path, undefined);
  }

  /** Remembers a path that the rules of the store leave out, until `takeUp`. */
  setAside(path: string): void {
    this.#asides.set(path, marked);
  }

  takeUp(path: string): void {
    this.#asides.set(path, undefined);
  }

  addLocation(id: ChunkId, location: Location): void {
    this.#locations.add(id, location);
  }

  /** All locations in `path`, those added earlier in this batch too. `superseded`: peers are to drop the chunks. */
  dropLocations(path: string, superseded?: Superseded): void {
    this.#locations.drop(path, superseded);
  }

  /**
   * Puts a segment at the end of its feed, bodies and all, and drops the bodies that its tags supersede. The segment
   * has been checked (`segment-check.ts`). Throws FEED_GAP when there is a hole before it, FEED_FORK when it belongs to
   * another history than the one held. Of a segment that is here already, only bodies that were owed are taken.
   */
  async append(segment: Segment, head: Head): Promise<void> {
    if (segment.header.space !== this.#core.space) {
      throw new DongboError('INVARIANT', { what: 'a segment of another space' });
    }
    await (await this.#feed(segment.header.origin)).append(segment, head);
  }

  /** Keeps a newer head for what is held already. Throws FEED_FORK when it names another history. */
  async putHead(head: Head): Promise<void> {
    await (await this.#feed(head.origin)).putHead(head);
  }

  /** One per reader and origin is kept: the one that reaches furthest. */
  putReceipt(receipt: Receipt): void {
    const id = `${receipt.reader} ${originKey(receipt.origin)}`;
    const known = this.#receipts.get(id);
    if (!known || known.seq <= receipt.seq) this.#receipts.set(id, receipt);
  }

  /** What is kept of a correction (R36); undefined forgets it. */
  putCorrection(id: string, value: Uint8Array | undefined): void {
    this.#corrections.set(id, value);
  }

  setCursor(name: string, value: number): void {
    this.#cursors.set(name, value);
  }

  /** What was opened under a tag of another's feed. */
  putOpened(origin: Origin, tag: Tag, opened: Opened): void {
    this.#ops.push({ key: this.#core.keys.opened(origin, tag), value: encodeOpened(opened) });
  }

  /** A content came to a path, or was made there, without a record that stood in its row; or it was withdrawn. */
  putBrought(path: string, brought: Brought): void {
    const op = broughtOp(this.#core.keys, path, brought);
    this.#brought.set(Buffer.from(op.key).toString('latin1'), op);
  }

  forgetBrought(path: string, brought: Brought): void {
    const { key } = broughtOp(this.#core.keys, path, brought);
    this.#brought.set(Buffer.from(key).toString('latin1'), { key });
  }

  /** Peers that were brought these chunks are to drop them, unless a file here holds them still. */
  oweDrops(ids: readonly ChunkId[], superseded: Superseded): void {
    this.#locations.owe(ids, superseded);
  }

  /** One that nobody is left to confirm is forgotten. */
  putWithdrawal(one: Withdrawal): void {
    const key = this.#core.keys.withdrawal(one.origin, one.seq);
    this.#ops.push(one.open.length === 0 ? { key } : { key, value: encodeWithdrawal(one) });
  }

  /** One per path is kept: the newest. */
  putProblem(problem: Problem): void {
    this.#problems.set(problem.path, encodeProblem(problem));
  }

  clearProblem(path: string): void {
    this.#problems.set(path, undefined);
  }

  /**
   * Throws STATE_WRITE_FAILED, and FEED_MOVED when another batch has appended to the same feed since `append`: read
   * again and decide again.
   */
  async commit(): Promise<void> {
    if (this.#spent) throw new DongboError('INVARIANT', { what: 'a batch is committed once' });
    this.#spent = true;
    const core = this.#core;
    await core.commits.run(async () => {
      const ops: Op[] = [...this.#ops];
      for (const feed of this.#feeds.values()) ops.push(...(await feed.ops()));
      ops.push(...(await this.#locations.ops()), ...(await this.#receiptOps()));
      for (const [name, n] of this.#cursors) {
        ops.push({ key: core.keys.cursor(name), value: numberAsBytes(n) });
      }
      for (const [path, value] of this.#asides) {
        ops.push({ key: core.keys.aside(path), ...(value ? { value } : {}) });
      }
      for (const [id, value] of this.#corrections) {
        ops.push({ key: core.keys.correction(id), ...(value ? { value } : {}) });
      }
      const counts = await this.#countedOps(ops);
      if (counts !== core.counts) ops.push({ key: core.keys.counts(), value: encodeCounts(counts) });
      await core.db.write(ops);
      core.counts = counts;
    });
    for (const [path, isFile] of this.#born) core.born?.(path, isFile);
  }

  async #feed(origin: Origin): Promise<FeedChanges> {
    const id = originKey(origin);
    const known = this.#feeds.get(id);
    if (known) return known;
    const begun = await FeedChanges.begin(this.#core, origin);
    this.#feeds.set(id, begun);
    return begun;
  }

  async #receiptOps(): Promise<Op[]> {
    const { db, keys } = this.#core;
    const ops: Op[] = [];
    for (const receipt of this.#receipts.values()) {
      const key = keys.receipt(receipt.reader, receipt.origin);
      const known = await db.get(key);
      if (known && (receiptKept(known)?.seq ?? 0) > receipt.seq) continue;
      ops.push({ key, value: encodeReceipt(receipt) });
    }
    return ops;
  }

  /** Pushes rows, pending marks and problems; returns the counts as they will be, the same object when unchanged. */
  async #countedOps(ops: Op[]): Promise<SpaceCounts> {
    const { keys } = this.#core;
    let counts = this.#core.counts;
    await this.#replace(ops, this.#rows, keys.row, (before, after, path) => {
      const [was, is] = [measureOf(before), measureOf(after)];
      counts = withMeasure(withMeasure(counts, was, -1), is, 1);
      if (this.#core.born && was.items < is.items) this.#born.push([path, is.files > 0]);
      const [wasRow, isRow] = [before && decodeRow(before), after && decodeRow(after)];
      ops.push(...contentOps(keys, path, wasRow, isRow));
      if (wasRow) ops.push(...historyOps(this.#core, path, wasRow, isRow));
    });
    ops.push(...this.#brought.values());
    await this.#replace(ops, this.#pending, keys.pending, (before, after) => {
      counts = { ...counts, pending: counts.pending + presence(after) - presence(before) };
    });
    await this.#replace(ops, this.#problems, keys.problem, (before, after) => {
      counts = { ...counts, problems: counts.problems + presence(after) - presence(before) };
    });
    return counts;
  }

  async #replace(
    ops: Op[],
    changes: Marks,
    keyOf: (path: string) => Uint8Array,
    replaced: (before: Uint8Array | undefined, after: Uint8Array | undefined, path: string) => void,
  ): Promise<void> {
    const wanted = [...changes].map(([path, after]) => ({ key: keyOf(path), after, path }));
    const befores = await this.#core.db.getMany(wanted.map(({ key }) => key));
    wanted.forEach(({ key, after, path }, i) => {
      const before = befores[i];
      if (!before && !after) return;
      ops.push(after ? { key, value: after } : { key });
      if (!before || !after || Buffer.compare(before, after) !== 0) replaced(before, after, path);
    });
  }
}

const presence = (value: Uint8Array | undefined): number => (value ? 1 : 0);

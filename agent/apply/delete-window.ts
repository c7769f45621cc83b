/**
 * What the folder lost within the last minutes. The brakes count it together: what comes in several segments, or in
 * slices on purpose, is one mass delete all the same [4]. What came within those minutes itself, or is back, or lies
 * under another name, is no loss: editors and exports make and delete files all day long [23].
 */
import { fewDeletes, type Loss, LossCount, type LossSide } from '#agent/core/guard.ts';
import type { Row } from '#agent/core/item.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { LossState } from './ports.ts';

const windowMs = 10 * 60_000;
/** Of items that came within the window, so many are remembered; what went out of mind counts when it goes. */
const bornKept = 65_536;
const pageItems = 128;
/** More copies than this of one content are not told apart: then it lives elsewhere. */
const manyCopies = 256;
const rememberedContents = 100_000;

/** What came into the folder within the window; what is there when an agent starts was there before. */
export class Births {
  readonly #clock: Clock;
  readonly #items = new Map<string, number>();
  #others: number[] = [];
  #begun = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Of a space, by its index. */
  static watching(clock: Clock, { losses }: LossState): Births {
    const births = new Births(clock);
    losses.watchBirths((path, isFile) => births.note(path, isFile));
    return births;
  }

  /** The folder has been looked through since the start. */
  begin(): void {
    this.#begun = true;
  }

  note(path: string, isFile: boolean): void {
    const now = this.#clock.monotonic();
    if (!isFile && this.#others.length < bornKept) this.#others.push(now);
    if (!this.#begun) return;
    this.#items.delete(path);
    this.#items.set(path, now);
    const [oldest] = this.#items.keys();
    if (this.#items.size > bornKept && oldest !== undefined) this.#items.delete(oldest);
  }

  has(path: string): boolean {
    return (this.#items.get(path) ?? -Infinity) > this.#since();
  }

  forget(path: string): void {
    this.#items.delete(path);
  }

  /** Items that came and have not gone again. */
  count(): number {
    const since = this.#since();
    for (const [path, at] of this.#items) {
      if (at > since) break;
      this.#items.delete(path);
    }
    return this.#items.size;
  }

  /** Directories and links that came. */
  others(): number {
    const since = this.#since();
    this.#others = this.#others.filter((at) => at > since);
    return this.#others.length;
  }

  #since(): number {
    return this.#clock.monotonic() - windowMs;
  }
}

/** Deletes of one look or pass. `old`: of items that had been there before the window. */
interface Run {
  readonly run: number;
  readonly at: number;
  readonly count: number;
  readonly old: number;
}

export interface WindowParts {
  readonly clock: Clock;
  readonly state: LossState;
  readonly births: Births;
  readonly side: LossSide;
}

/** Deletes that are about to be done, and what the brake has to know of them. */
export interface Going {
  readonly count: number;
  paths(): AsyncIterable<string> | Iterable<string>;
  /** How many of these items stay. */
  staying(paths: readonly string[]): Promise<number>;
}

export interface Counted {
  readonly deletes: number;
  /** Items that stay, and those that count as deleted. */
  readonly items: number;
}

export class DeleteWindow {
  readonly #parts: WindowParts;
  /** Undefined until what was noted before the start has been read. */
  #runs: Run[] | undefined;
  #next = 1;

  constructor(parts: WindowParts) {
    this.#parts = parts;
  }

  /** No more than this can count, what is going included: cheap to ask. */
  async most({ count }: Going): Promise<Counted> {
    const deletes = (await this.#recent()).reduce((sum, run) => sum + run.count, count);
    return { deletes, items: this.#left(count) + deletes };
  }

  /** Reads the rows of all deletes of the window, so ask only when `most` is alarming. */
  async count(going: Going): Promise<Counted> {
    const { state, births, side } = this.#parts;
    await this.#recent();
    const losses = new LossCount();
    const elsewhere = new Elsewhere(state, going);
    for await (const page of pages(state.losses.of(side))) {
      const rows = await state.rows(page.map(([, { path }]) => path));
      for (const [i, [, loss]] of page.entries())
        if (!isHere(rows[i]) && !(await elsewhere.has(loss))) losses.add(loss);
    }
    for await (const loss of this.#lossesOf(going.paths()))
      if (!(await elsewhere.has(loss))) losses.add(loss);
    const left = this.#left(going.count);
    const deletes = losses.deletes({ left, othersCame: births.others() });
    return { deletes, items: left + deletes };
  }

  /** What is deleted next. Durable on return, so note it before: what was not deleted after all does not count. */
  async note(paths: Iterable<string>): Promise<void> {
    const { state, births, side, clock } = this.#parts;
    await this.#recent();
    const run = this.#next++;
    let [count, old] = [0, 0];
    for await (const page of pages(this.#lossesOf(paths))) {
      await state.losses.put(side, run, page);
      count += page.length;
      old += page.filter(isOld).length;
    }
    for (const path of paths) births.forget(path);
    if (count > 0) this.#runs?.push({ run, at: clock.monotonic(), count, old });
  }

  /** A person has looked: the count starts anew. */
  async clear(): Promise<void> {
    const { state, side } = this.#parts;
    await this.#recent();
    this.#runs = [];
    await state.losses.forget(side, this.#next);
  }

  /** As losses, without what came within the window; in a folder that is being filled that is told by itself. */
  async *#lossesOf(paths: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Loss> {
    const { state, births } = this.#parts;
    const stood = state.counts().items;
    const before = (await this.#recent()).reduce((sum, { old }) => sum + old, stood - births.count());
    const filling = before <= fewDeletes;
    for await (const page of pages(paths)) {
      const rows = await state.rows(page);
      for (const [i, path] of page.entries()) {
        const born = births.has(path);
        if (born && !filling) continue;
        const was = rows[i]?.local?.state;
        const content = was?.kind === 'file' ? { content: { size: was.size, sha256: was.sha256 } } : {};
        yield { path, ...content, ...(born ? { stood } : {}) };
      }
    }
  }

  #left(going: number): number {
    return Math.max(0, this.#parts.state.counts().items - going);
  }

  /** Time counts that this process has lived through: what it finds at its start is as if it were of now. */
  async #recent() {
    const { state, clock, side } = this.#parts;
    const now = clock.monotonic();
    if (!this.#runs) {
      const found = new Map<number, { count: number; old: number }>();
      for await (const [run, loss] of state.losses.of(side)) {
        const { count, old } = found.get(run) ?? { count: 0, old: 0 };
        found.set(run, { count: count + 1, old: old + (isOld(loss) ? 1 : 0) });
      }
      this.#runs = [...found].map(([run, counts]) => ({ run, ...counts, at: now }));
      this.#next = (this.#runs.at(-1)?.run ?? 0) + 1;
    }
    const old = this.#runs.filter(({ at }) => at <= now - windowMs);
    const last = old.at(-1);
    if (last) await state.losses.forget(side, last.run);
    this.#runs = this.#runs.slice(old.length);
    return this.#runs;
  }
}

/** Whether what a file held lies under another name; each of those stands for one that went. */
class Elsewhere {
  readonly #state: LossState;
  readonly #going: Going;
  readonly #left = new Map<string, number>();

  constructor(state: LossState, going: Going) {
    this.#state = state;
    this.#going = going;
  }

  async has({ content, stood }: Loss): Promise<boolean> {
    if (!content) return false;
    // What came of late may have gone through several names.
    if (stood !== undefined) return (await this.#copies(content)) > 0;
    const key = `${content.size} ${content.sha256}`;
    const left = this.#left.get(key) ?? (await this.#copies(content));
    if (this.#left.size >= rememberedContents) this.#left.clear();
    if (left > 0 || this.#left.has(key)) this.#left.set(key, left - 1);
    return left > 0;
  }

  async #copies(content: NonNullable<Loss['content']>): Promise<number> {
    const paths = await this.#state.pathsOf(content);
    return paths.length >= manyCopies ? Infinity : this.#going.staying(paths);
  }
}

const isOld = ({ stood }: Loss): boolean => stood === undefined;
const isHere = (row: Row | undefined): boolean => (row?.local?.state.kind ?? 'gone') !== 'gone';

async function* pages<T>(of: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T[]> {
  let page: T[] = [];
  for await (const one of of) {
    page.push(one);
    if (page.length < pageItems) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

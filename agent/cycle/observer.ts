/** Watch → scan → diff: brings the local tree of the index up to date with the disk and publishes what changed. */
import type { Births } from '#agent/apply/delete-window.ts';
import { asNoted } from '#agent/core/as-noted.ts';
import { isToBeOwned } from '#agent/core/correction.ts';
import { type Halt, isCode, type Problem } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import { isToBeInherited } from '#agent/core/heritage.ts';
import type { Row } from '#agent/core/item.ts';
import { mapAhead } from '#agent/core/map-ahead.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import { type Observation, scanStarts, scanTree } from '#agent/store/scan.ts';
import type { Found, Store } from '#agent/store/store.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { answerDue, proposedIn } from './correction-work.ts';
import { DeleteBrake } from './delete-brake.ts';
import { FileReader } from './file-reader.ts';
import type { HeldFiles } from './held-files.ts';
import type { Kin } from './kin.ts';
import type { Gate, LabelGate } from './label-gate.ts';
import { Leaving } from './leaving.ts';
import { planOf } from './planner.ts';
import type { Publisher } from './publisher.ts';
import { type PutOff, putOffListing } from './put-off.ts';
import { type Seen, smallState } from './read-local.ts';
import { clearStaleProblems } from './stale-problems.ts';
import { unlessCipherGone } from './unless-cipher-gone.ts';

export interface ObserverParts {
  readonly space: SpaceId;
  readonly emit: Emit;
  readonly state: SpaceState;
  readonly store: Store;
  readonly labels: LabelGate;
  readonly kin: Kin;
  readonly clock: Clock;
  readonly held: HeldFiles;
  readonly births: Births;
  readonly putOff: PutOff;
  readonly problem: (problem: Problem) => Promise<void>;
}

type Same = Pick<Extract<Observation, { type: 'same' }>, 'found' | 'row'>;
type Here = Extract<Observation, { found: Found }>;

/** Takes note of one observation; called in the order of the scan. */
type Settle = () => Promise<void>;

/** What one look at the disk came to. `unquiet` are directories to list again soon: something there is being written. */
export interface Observed {
  readonly seen: number;
  readonly changed: number;
  readonly unquiet: ReadonlySet<string>;
  readonly halt?: Halt;
}

/** Larger ones are read when everything else is out. */
const largeBytes = 64 * 1024 * 1024;
/** Deletes, items in the place of directories, and large files, beyond this many wait for the next look, so that memory is bounded. */
const maxDeletesPerLook = 100_000;
/** Files that are read side by side, so that many small ones do not wait for the disk one by one; each may hold 2 MiB. */
const filesAtOnce = 8;

const keep = <T>(list: T[], one: T): boolean => list.length < maxDeletesPerLook && list.push(one) > 0;

export class Observer {
  readonly #parts: ObserverParts;
  readonly #brake: DeleteBrake;
  #seen = 0;
  #changed = 0;
  #unquiet = new Set<string>();
  #gone = new Set<string>();
  /** Why the deletes of the look before were kept back: only a look at the whole tree tells whether they still are. */
  #braked: Halt | undefined;
  #replacing: Found[] = [];
  #entered = false;
  #met = new Set<string>();
  #whole = false;
  readonly #leaving: Leaving;
  readonly #files: FileReader;
  #large: Here[] = [];

  constructor(parts: ObserverParts) {
    this.#parts = parts;
    this.#brake = new DeleteBrake(parts);
    this.#leaving = new Leaving(parts.clock);
    this.#files = new FileReader(parts);
  }

  /**
   * Looks at `under` (one directory, or the whole tree when undefined). Puts are published before deletes, so that a
   * rename finds its content still in place at the readers; only what takes a directory's place comes after the
   * deletes of what was in it. `released` lifts the brake on mass deletes once.
   */
  async look(
    under: readonly string[] | undefined,
    publisher: Publisher,
    options: { released: boolean; signal: AbortSignal },
  ): Promise<Observed> {
    this.#seen = 0;
    this.#changed = 0;
    this.#whole = under === undefined;
    this.#unquiet = new Set();
    this.#met = new Set();
    this.#gone = new Set();
    this.#large = [];
    this.#leaving.begin();
    this.#replacing = [];
    const { state: index, store } = this.#parts;
    for (const dir of under ? await scanStarts({ store, index, under }) : [undefined]) {
      // What was found in a new directory must be in the index before that directory is a start itself.
      if (this.#entered) await publisher.flush();
      this.#entered = false;
      await this.#scan(dir, publisher, options.signal);
    }
    await publisher.flush();
    // Nothing waits for a large file: all else is out before the first byte of it is read.
    await this.#readAll(this.#large, publisher, options.signal, true);
    await publisher.flush();
    const { state, space, emit, births } = this.#parts;
    if (options.released) this.#braked = undefined;
    const halt = options.released ? undefined : await this.#brakes(under);
    if (!halt) {
      await this.#brake.note(this.#gone, options.released);
      await this.#deletes(publisher, options.signal);
    }
    if (!under) births.begin();
    if (!under && !halt) await this.#parts.held.looked();
    this.#parts.putOff.looked();
    await clearStaleProblems({ state, space, emit }, { under: under && new Set(under), met: this.#met });
    const seen = { seen: this.#seen, changed: this.#changed, unquiet: this.#unquiet };
    return halt ? { ...seen, halt } : seen;
  }

  async #scan(dir: string | undefined, publisher: Publisher, signal: AbortSignal): Promise<void> {
    const { state: index, store } = this.#parts;
    const observations = scanTree({ store, index, under: dir, recursive: dir === undefined, signal });
    await this.#readAll(observations, publisher, signal);
  }

  async #readAll(
    from: AsyncIterable<Observation> | readonly Here[],
    publisher: Publisher,
    signal: AbortSignal,
    last = false,
  ): Promise<void> {
    const read = (o: Observation) =>
      unlessCipherGone(
        () => this.#read(o, publisher, signal, last),
        () => void ('found' in o && this.#unquiet.add(o.found.path)),
      );
    for await (const settle of mapAhead(from, filesAtOnce, read)) await settle?.();
  }

  /** Reads what an observation calls for; what is returned settles it, in the order of the scan. */
  async #read(
    o: Observation,
    publisher: Publisher,
    signal: AbortSignal,
    last: boolean,
  ): Promise<Settle | undefined> {
    if (o.type === 'problem') {
      this.#met.add(o.problem.path);
      putOffListing(this.#parts.putOff, o.problem);
      return () => this.#tell(o.problem);
    }
    if (o.type === 'gone') return async () => this.#noteGone(o.path);
    this.#seen += 1;
    const { found } = o;
    this.#leaving.isHere(found.path);
    if (o.type === 'same') this.#parts.putOff.same(found.path);
    if (o.type === 'same' && !(await this.#raised(o, publisher))) return this.#stays(o, publisher);
    if (!last && found.kind === 'file' && found.facts.size >= largeBytes && keep(this.#large, o))
      return undefined;
    this.#changed += 1;
    if (o.type === 'changed' && o.replacesDir) return async () => void keep(this.#replacing, found);
    if (o.type === 'changed' && o.short) return this.#readShort(found, publisher, signal);
    return this.#readFound(found, publisher, signal);
  }

  async #raised({ found, row }: Same, { me }: Publisher): Promise<boolean> {
    if (row && (isToBeOwned(row, me) || isToBeInherited(row, me))) return true;
    return me.publishes && this.#parts.labels.isRaised(found.path, found.kind, row);
  }

  /** What others have and may have no more is told, or a stricter rule would leave it with them in silence. */
  async #stays({ found, row }: Same, { me }: Publisher): Promise<Settle | undefined> {
    const { labels } = this.#parts;
    const stays = me.publishes ? await labels.staysShared(found.path, found.kind, row) : undefined;
    if (stays) this.#met.add(found.path);
    return stays && (() => this.#tell(stays));
  }

  async #readFound(found: Found, publisher: Publisher, signal: AbortSignal): Promise<Settle> {
    const { path, kind } = found;
    if (kind === 'dir') this.#entered = true;
    const gate = await this.#parts.labels.of(path, kind, await this.#parts.state.row(path));
    if ('refusal' in gate) return this.#refused(path, gate);
    const { labelClass } = gate;
    if (kind === 'file') return this.#readOne(found, labelClass, publisher, signal);
    return async () => void (await this.#settle(path, { local: smallState(found), labelClass }, publisher));
  }

  /** Not read, not in the index: what may not be shared leaves no trace but this. */
  #refused(path: string, { refusal, label }: Extract<Gate, { refusal: string }>): Settle {
    this.#met.add(path);
    return () => this.#parts.problem({ code: refusal, path, details: { label } });
  }

  async #readShort(found: Found, publisher: Publisher, signal: AbortSignal): Promise<Settle> {
    try {
      const held = await this.#parts.held.judge(found, signal);
      if (!held) return await this.#readFound(found, publisher, signal);
      this.#met.add(held.path);
      return () => held.note();
    } catch (error) {
      if (isCode(error, 'STORE_ITEM_GONE')) return async () => void this.#unquiet.add(found.path);
      throw error;
    }
  }

  #noteGone(path: string): void {
    this.#parts.labels.free(path);
    if (!this.#whole && this.#leaving.mayBeMoving(path)) return void this.#unquiet.add(path);
    if (this.#gone.size < maxDeletesPerLook) this.#gone.add(path);
  }

  async #readOne(found: Found, given: string, publisher: Publisher, signal: AbortSignal): Promise<Settle> {
    const { path } = found;
    const read = await this.#files.read(found, given, publisher, signal);
    if ('again' in read) return async () => void this.#unquiet.add(path);
    if ('seen' in read) {
      if (read.seen.unsure) this.#unquiet.add(path);
      return () => this.#settleFile(found, read.seen, publisher, signal);
    }
    this.#met.add(path);
    return async () => read.problem && this.#tell(read.problem);
  }

  /** Once while it lasts. */
  async #tell(problem: Problem): Promise<void> {
    const { state } = this.#parts;
    if ((await state.problem(problem.path))?.code !== problem.code) await this.#parts.problem(problem);
  }

  /** Whoever was removed while it was read gets none of it: it is read again, under the new epoch. */
  async #settleFile(found: Found, seen: Seen, publisher: Publisher, signal: AbortSignal): Promise<void> {
    if (await this.#settle(found.path, seen, publisher)) return;
    await (await this.#readFound(found, publisher, signal))();
  }

  /** Sets the local tree and does what the plan says of it. False when it must be read again. */
  async #settle(path: string, found: Seen, publisher: Publisher): Promise<boolean> {
    const before = await this.#parts.state.row(path);
    const local = asNoted(found.local, before?.local);
    const seen = { ...found, local };
    const { state: was } = local;
    const row: Row = { ...before, local };
    const { me } = publisher;
    const action = await planOf(path, row, { me, labels: this.#parts.labels, isDue: publisher.isDue(path) });
    const contentBytes = was.kind === 'file' ? was.size : 0;
    if (action.do !== 'publish')
      return publisher.add({ path, ...seen, local, ...proposedIn(path, row, publisher) });
    const { state, version } = action;
    const content = state.kind === 'file' && local.content ? { content: local.content } : {};
    const answer = await answerDue(this.#parts.state, path, row, publisher.me);
    const change = { path, state, version, ...content, ...answer };
    return publisher.add({ path, ...seen, change, contentBytes });
  }

  /** While deletes are kept back, a look at a part of the tree lets none of them through in slices. */
  async #brakes(under: readonly string[] | undefined): Promise<Halt | undefined> {
    if (under && this.#braked) return this.#gone.size > 0 ? this.#braked : undefined;
    this.#braked = await this.#brake.check(this.#gone);
    return this.#braked;
  }

  async #deletes(publisher: Publisher, signal: AbortSignal): Promise<void> {
    // Children before parents, as a reader must remove them.
    for (const path of [...this.#gone].reverse()) {
      // It may be back by now: then the next look tells what it is.
      if (this.#leaving.isAbove(path) || (await this.#parts.store.look(path))) this.#unquiet.add(path);
      else await this.#settleGone(path, publisher);
    }
    await publisher.flush();
    for (const found of this.#replacing) {
      if (this.#leaving.isAbove(found.path)) this.#unquiet.add(found.path);
      else await (await this.#readFound(found, publisher, signal))();
    }
    await publisher.flush();
  }

  async #settleGone(path: string, publisher: Publisher): Promise<void> {
    this.#changed += 1;
    const labelClass = await this.#parts.labels.ofRecord(await this.#parts.state.row(path));
    const seen = { local: { state: { kind: 'gone' } }, labelClass, dropPieces: true } as const;
    await this.#settle(path, seen, publisher);
  }
}

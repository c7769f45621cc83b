/**
 * What authors withdraw: copies that are theirs alone go from the folder, the trash and the stage folder, durably, and
 * only then does the index take note. Work of this node in a copy, and what another brought too, is set aside, in our
 * own folder where nothing is shared, and a problem names it; in the trash it stays. A crash anywhere leaves the row pending, and each step may be done twice.
 */
import { dirname } from 'node:path';
import type { Halt } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import { manyWithdrawn } from '#agent/core/guard.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import type { Row } from '#agent/core/item.ts';
import { isAtRest, type Planner, planItem } from '#agent/core/plan.ts';
import { settleWithdrawn } from '#agent/core/settle.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk, DiskStat } from '#agent/sys/disk.ts';
import { contentName, doomedNames } from '#agent/core/withdraw.ts';
import { factsOf, isAsKnown, isSameFile } from './facts.ts';
import { setbackOf } from './failure.ts';
import { Interims } from './interim.ts';
import { type Layout, lstatIfAny, rmdirIfEmpty, unlinkIfAny } from './layout.ts';
import type { Later } from './later.ts';
import { Leftovers } from './leftovers.ts';
import { Parents } from './parents.ts';
import type { ApplyState, Excludes } from './ports.ts';
import { syncDirs } from './sync-dirs.ts';
import type { Tally } from './tally.ts';
import { problem, type Setback, stale, waiting } from './task.ts';
import { Trash } from './trash.ts';
import { noteSetAside } from './withdrawn-edits.ts';

const groupItems = 256;
/** Copies destroyed since the last night, or since a person released the brake. */
export const destroyedCursor = 'withdrawn-destroyed';

/** Whether something that is here is destroyed, not set aside or left. Directories hold no bytes. */
export const isDestroyed = ({ local }: Row, { fate }: Pick<WithdrawAction, 'fate'>): boolean =>
  fate === 'destroy' && (local?.state.kind === 'file' || local?.state.kind === 'link');

/** What cannot be undone waits for a person, however the copies are sliced: counted from night to night, over restarts. */
export async function tooManyWithdrawn(
  state: Pick<ApplyState, 'cursor'>,
  destroys: number,
): Promise<Halt | undefined> {
  const items = destroys === 0 ? 0 : destroys + (await state.cursor(destroyedCursor));
  if (items <= manyWithdrawn) return undefined;
  return { code: 'MASS_WITHDRAWAL', details: { items, limit: manyWithdrawn }, needsRelease: true };
}

export async function forgetDestroyed(state: Pick<ApplyState, 'cursor' | 'batch'>): Promise<void> {
  if ((await state.cursor(destroyedCursor)) === 0) return;
  const batch = state.batch();
  batch.setCursor(destroyedCursor, 0);
  await batch.commit();
}

export interface WithdrawParts {
  readonly space: SpaceId;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly layout: Layout;
  readonly state: ApplyState;
  readonly me: Planner;
  readonly excludes: Excludes;
  readonly emit: Emit;
}

type WithdrawAction = Extract<ReturnType<typeof planItem>, { do: 'withdraw' }>;

interface Done {
  readonly path: string;
  readonly row: Row;
  readonly action: WithdrawAction;
}

export class Withdrawer {
  readonly #parts: WithdrawParts;
  readonly #tally: Tally;
  readonly #interims: Interims;
  readonly #asides: Trash;

  constructor(parts: WithdrawParts, tally: Tally) {
    const { disk, layout, clock, state, me } = parts;
    this.#parts = parts;
    this.#tally = tally;
    this.#interims = new Interims(state, me, tally);
    this.#asides = new Trash(disk, layout, clock, { dir: layout.withdrawn });
  }

  /** Children before parents. Between groups it may be aborted. */
  async withdraw(
    { withdrawFiles, withdrawDirs }: Pick<Later, 'withdrawFiles' | 'withdrawDirs'>,
    signal: AbortSignal,
  ): Promise<void> {
    if (withdrawFiles.length + withdrawDirs.length === 0) return;
    const leftovers = await Leftovers.look(this.#parts);
    // What was in a directory is settled before it is looked at.
    for (const paths of [withdrawFiles, withdrawDirs.toReversed()])
      for (let at = 0; at < paths.length; at += groupItems) {
        signal.throwIfAborted();
        await this.#group(paths.slice(at, at + groupItems), leftovers);
      }
  }

  async #group(paths: readonly string[], leftovers: Leftovers): Promise<void> {
    const done: Done[] = [];
    await using parents = new Parents(this.#parts, this.#interims);
    for (const path of paths) {
      const row = (await this.#parts.state.row(path)) ?? {};
      const action = planItem(row, this.#parts.me);
      if (action.do !== 'withdraw') continue;
      const outcome = await this.#tried({ path, row, action }, parents, leftovers);
      if ('outcome' in outcome) this.#tally.setback(path, outcome);
      else done.push(outcome);
    }
    await this.#commit(await this.#durable(done, leftovers));
  }

  async #tried(one: Done, parents: Parents, leftovers: Leftovers): Promise<Done | Setback> {
    try {
      return await this.#one(one, parents, leftovers);
    } catch (error) {
      return setbackOf(error);
    }
  }

  async #one(one: Done, parents: Parents, leftovers: Leftovers): Promise<Done | Setback> {
    const { path, row, action } = one;
    const names = doomedNames(row);
    await leftovers.unstage(path, names, (at) => this.#setAside(one, at));
    const blocked = await parents.ready(path);
    if (blocked && blocked !== 'missing') return blocked;
    const here = blocked ? undefined : await lstatIfAny(this.#parts.disk, this.#parts.layout.at(path));
    const found = here && parents.asFound(path, here);
    const known = isAsKnown(found, row.local);
    // The index does not follow what the rules leave out, so it cannot tell what is in it.
    const unseen = found !== undefined && !known && this.#isLeftOut(path, found);
    if (found && !known && !unseen) return stale;
    const fate = unseen && action.fate !== 'leave' ? 'aside' : action.fate;
    const left = found && (await this.#remove(one, found, fate, leftovers));
    if (left && 'outcome' in left) return left;
    await leftovers.empty(path, names);
    return left ?? one;
  }

  #isLeftOut(path: string, { kind }: DiskStat): boolean {
    const { excludes } = this.#parts;
    return (kind === 'file' || kind === 'link') && excludes(path, kind);
  }

  /** Undefined when it is gone as planned. */
  async #remove(
    one: Done,
    here: DiskStat,
    fate: WithdrawAction['fate'],
    leftovers: Leftovers,
  ): Promise<Done | Setback | undefined> {
    const { path } = one;
    const at = this.#parts.layout.at(path);
    if (fate === 'leave') return undefined;
    if (here.kind === 'dir') return this.#rmdir(one, at);
    if (fate === 'aside') {
      await this.#note(one);
      return this.#moved(here, at, await this.#asides.take(path));
    }
    const doomed = leftovers.doomed(path);
    await this.#parts.disk.renameNew(at, doomed);
    const setback = await this.#moved(here, at, doomed);
    if (!setback) await unlinkIfAny(this.#parts.disk, doomed);
    return setback;
  }

  /** Somebody may have written to it since it was looked at: then it goes back. */
  async #moved(here: DiskStat, from: string, to: string): Promise<Setback | undefined> {
    const { disk } = this.#parts;
    if (isSameFile(await disk.lstat(to), factsOf(here))) return undefined;
    await disk.renameNew(to, from);
    return stale;
  }

  /** What is in it may stay, and needs it: then so does the directory. */
  async #rmdir(one: Done, at: string): Promise<Done | Setback | undefined> {
    const { disk, state } = this.#parts;
    if (await rmdirIfEmpty(disk, at)) return undefined;
    for await (const [, child] of state.children(one.path)) if (child.withdrawn) return waiting;
    return { ...one, action: { do: 'withdraw', fate: 'leave' } };
  }

  async #setAside(one: Done, from: string): Promise<void> {
    await this.#note(one);
    await this.#asides.put(one.path, from);
  }

  /** Why it is set aside: a change of this node's, or that the author was not alone in bringing it. */
  #note({ path, row }: Done): Promise<void> {
    const name = row.local && contentName(row.local.state);
    const came = (row.withdrawn ?? []).some(({ contents }) => name !== undefined && contents.includes(name));
    return noteSetAside(this.#parts, path, came ? 'WITHDRAWN_NOT_ALONE' : 'WITHDRAWN_BUT_EDITED');
  }

  async #durable(done: readonly Done[], leftovers: Leftovers): Promise<readonly Done[]> {
    const { disk, layout } = this.#parts;
    const common = [...leftovers.takeUnsynced(), ...this.#asides.takeUnsynced(), layout.stage];
    const dirs = new Set<string>();
    const wanted = [...common, ...done.map(({ path }) => dirname(layout.at(path)))];
    for (const dir of wanted) if (!dirs.has(dir) && (await lstatIfAny(disk, dir))) dirs.add(dir);
    const failed = await syncDirs(disk, layout.root, dirs);
    const commonFailed = common.map((dir) => failed.get(dir)).find((failure) => failure);
    return done.filter(({ path }) => {
      const failure = commonFailed ?? failed.get(dirname(layout.at(path)));
      if (failure) this.#tally.setback(path, problem('FSYNC_FAILED', failure));
      return !failure;
    });
  }

  async #commit(done: readonly Done[]): Promise<void> {
    if (done.length === 0) return;
    const { state, space, emit } = this.#parts;
    const settled = await state.exclusive(() => this.#settle(done));
    this.#tally.done(settled.length, 0);
    const marks = settled.flatMap(({ row }) => row.withdrawn ?? []);
    for (const [node, of] of Map.groupBy(marks, ({ author }) => author.node)) {
      const seq = Math.max(...of.map((mark) => mark.seq));
      emit({ type: 'note', code: 'WITHDRAWN', details: { space, node, items: of.length, seq } });
    }
  }

  /** Those of which nothing more has been withdrawn meanwhile. */
  async #settle(done: readonly Done[]): Promise<readonly Done[]> {
    const { state, me } = this.#parts;
    const batch = state.batch();
    const rows = await state.rows(done.map(({ path }) => path));
    const settled = done.filter(({ row }, i) => marksOf(row) === marksOf(rows[i]));
    for (const [i, { path, action, row: before }] of done.entries()) {
      const now = rows[i] ?? {};
      if (marksOf(before) !== marksOf(now)) continue;
      const row = settleWithdrawn(now, action);
      batch.putRow(path, row, now);
      if (action.agreed) batch.dropLocations(path);
      if (isAtRest(planItem(row, me))) batch.clearPending(path);
      this.#tally.clear(path, batch);
    }
    const destroyed = settled.filter(({ row, action }) => isDestroyed(row, action)).length;
    if (destroyed > 0) batch.setCursor(destroyedCursor, (await state.cursor(destroyedCursor)) + destroyed);
    await batch.commit();
    return settled;
  }
}

const marksOf = (row: Row | undefined): string =>
  (row?.withdrawn ?? [])
    .map(({ author, seq, contents, kept }) => `${author.node}${seq} ${contents.length} ${kept?.length}`)
    .join();

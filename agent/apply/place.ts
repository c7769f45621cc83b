/**
 * The moment of change at the target. A new item comes in under a rename that refuses to replace. One that replaces
 * another changes places with it in one step, so that the path is never empty; then the old one is looked at where it
 * lies now: an edit that no scan has seen is never overwritten, however late it came. Where the file system cannot
 * swap, and for directories, the old one is moved aside first. A crash in that moment leaves the path empty; the plan
 * does not take that for a delete (`core/plan.ts`).
 */

import { conflictName } from '#agent/core/conflict-name.ts';
import type { DiskFacts, LocalState } from '#agent/core/item.ts';
import { foldKey, joinPath, nameOf, parentOf } from '#agent/core/path.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk, DiskStat } from '#agent/sys/disk.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { setIfPossible } from './attributes.ts';
import { factsOf, isAsKnown, isSameFile } from './facts.ts';
import { setbackOf } from './failure.ts';
import { type Layout, lstatIfAny, rmdirIfEmpty } from './layout.ts';
import type { Parents } from './parents.ts';
import { notEmpty, type Prepared, type PutTask, problem, type Setback, stale, waiting } from './task.ts';
import type { Trash } from './trash.ts';

export interface Placed {
  readonly outcome: 'placed';
  readonly facts: DiskFacts;
  /** Path of the conflict copy, when there is one. */
  readonly copy?: string;
  /** The directory has a temporary mode until its children are in. */
  readonly temporaryMode?: number;
}

export interface PlaceParts {
  readonly disk: Disk;
  readonly layout: Layout;
  readonly clock: Clock;
  /** This node's agency: it stands in the names of conflict copies. */
  readonly agency: string;
}

interface Aside {
  readonly copy?: string;
  putBack(): Promise<void>;
}

const ownerAll = 0o700;
const specialBits = 0o7000;

export class Placer {
  readonly #parts: PlaceParts;
  readonly #parents: Parents;
  readonly #trash: Trash;

  constructor(parts: PlaceParts, parents: Parents, trash: Trash) {
    this.#parts = parts;
    this.#parents = parents;
    this.#trash = trash;
  }

  async place(item: Prepared): Promise<Placed | Setback> {
    try {
      return await this.#place(item);
    } catch (error) {
      return setbackOf(error);
    }
  }

  async #place(item: Prepared): Promise<Placed | Setback> {
    const { path, row, action } = item.task;
    const blocked = await this.#parents.ready(path, action.remote.author);
    if (blocked) return blocked === 'missing' ? waiting : blocked;
    const here = await lstatIfAny(this.#parts.disk, this.#parts.layout.at(path));
    if (item.shape === 'dir' && here?.kind === 'dir') {
      const known = row.local?.state.kind === 'dir' || (await this.#isNamed(path));
      return known ? this.#takeOverDir(item.task, here) : problem('NAME_CLASH');
    }
    if (!isAsKnown(here, row.local)) return this.#unexpected(path, here, row.local);
    if (item.shape === 'touch' && here) return this.#touch(item.task, here);
    if (!here) return this.#create(item);
    const swapped = await this.#swap(item, here);
    if (swapped) return swapped;
    const aside = await this.#moveAside(item.task, here);
    return 'outcome' in aside ? aside : this.#replace(item, aside);
  }

  /** Undefined when it has to be done in two steps. */
  async #swap({ task, stage }: Prepared, here: DiskStat): Promise<Placed | Setback | undefined> {
    if (!stage || here.kind === 'dir') return undefined;
    const { disk, layout } = this.#parts;
    const home = layout.at(task.path);
    const staged = await disk.lstat(stage);
    // The new one waits where the old one is to rest.
    const { place, copy } = await this.#moveAway(task, stage);
    try {
      await disk.exchange(place, home);
    } catch (error) {
      await disk.renameNew(place, stage);
      const errno = errnoCode(error);
      if (errno === 'ENOENT') return stale;
      if (errno === 'EINVAL' || errno === 'ENOSYS') return undefined;
      throw error;
    }
    if (!isSameFile(await disk.lstat(place), factsOf(here)))
      return this.#swapBack(place, home, stage, staged);
    const placed = await disk.lstat(home);
    if (copy === undefined) await this.#trash.displaced(task.path, place, here);
    if (placed.ino !== staged.ino) return stale;
    return { outcome: 'placed', facts: factsOf(placed), ...(copy === undefined ? {} : { copy }) };
  }

  /** Somebody wrote there after the look. If they have written again since, that stays, and the rest is in the trash. */
  async #swapBack(place: string, home: string, stage: string, staged: DiskStat): Promise<Setback> {
    const { disk } = this.#parts;
    await disk.exchange(place, home);
    if ((await disk.lstat(place)).ino === staged.ino) await disk.renameNew(place, stage);
    else await disk.exchange(place, home);
    return stale;
  }

  async #replace(item: Prepared, aside: Aside): Promise<Placed | Setback> {
    this.#parents.forget(item.task.path);
    let placed: Placed | Setback;
    try {
      placed = await this.#create(item);
    } catch (error) {
      await aside.putBack().catch(() => undefined);
      throw error;
    }
    return placed.outcome === 'placed' && aside.copy ? { ...placed, copy: aside.copy } : placed;
  }

  async #create({ task, shape, stage }: Prepared): Promise<Placed | Setback> {
    const { disk, layout } = this.#parts;
    const target = layout.at(task.path);
    const { state } = task.action.remote;
    try {
      if (shape === 'dir' && state.kind === 'dir') {
        await disk.mkdir(target, state.mode | ownerAll);
        return dirPlaced(await disk.lstat(target), state.mode);
      }
      if (!stage) return waiting;
      const staged = await disk.lstat(stage);
      await disk.renameNew(stage, target);
      const placed = await disk.lstat(target);
      return placed.ino === staged.ino ? { outcome: 'placed', facts: factsOf(placed) } : stale;
    } catch (error) {
      // Somebody made it in this very moment, and it stays.
      if (errnoCode(error) === 'EEXIST') return stale;
      throw error;
    }
  }

  /** A directory that is there already, made by a scan's user or in place of a parent: only its mode may differ. */
  async #takeOverDir(task: PutTask, here: DiskStat): Promise<Placed> {
    const { disk, layout } = this.#parts;
    const { state } = task.action.remote;
    const mode = state.kind === 'dir' ? state.mode : here.mode & 0o777;
    const at = layout.at(task.path);
    // Restrictive modes come when the children are in.
    if ((mode & ownerAll) !== ownerAll) return dirPlaced(here, mode);
    if ((here.mode & 0o777) !== mode)
      await setIfPossible(() => disk.chmod(at, (here.mode & specialBits) | mode));
    return { outcome: 'placed', facts: factsOf(await disk.lstat(at)) };
  }

  async #touch({ path, action }: PutTask, here: DiskStat): Promise<Placed> {
    const { disk, layout } = this.#parts;
    const { state } = action.remote;
    const at = layout.at(path);
    if (state.kind === 'file')
      await setIfPossible(() => disk.chmod(at, (here.mode & specialBits) | state.mode));
    if (state.kind === 'file' || state.kind === 'link')
      await setIfPossible(() => disk.setMtime(at, state.mtimeNs));
    return { outcome: 'placed', facts: factsOf(await disk.lstat(at)) };
  }

  /** A name that the file system takes for another one is a clash; anything else is an edit that no scan has seen. */
  async #unexpected(
    path: string,
    here: DiskStat | undefined,
    local: LocalState | undefined,
  ): Promise<Setback> {
    const known = local !== undefined && local.state.kind !== 'gone';
    if (!here || known) return stale;
    return (await this.#isNamed(path)) ? stale : problem('NAME_CLASH');
  }

  /** Whether what stands at the path has just that name: a file system may take one name for another. */
  async #isNamed(path: string): Promise<boolean> {
    return (await this.#namesIn(parentOf(path))).has(nameOf(path));
  }

  async #namesIn(dir: string): Promise<Set<string>> {
    const entries = await this.#parts.disk.list(this.#parts.layout.at(dir));
    return new Set(entries.map((e) => e.name).filter((name) => name !== undefined));
  }

  async #moveAside(task: PutTask, here: DiskStat): Promise<Aside | Setback> {
    if (here.kind === 'dir') return this.#removeDir(task.path, here);
    const { disk, layout } = this.#parts;
    const home = layout.at(task.path);
    const moved = await this.#moveAway(task, home);
    const aside = { ...moved, putBack: () => disk.renameNew(moved.place, home) };
    // Between the look and the move somebody may have written another file there.
    if (isSameFile(await disk.lstat(moved.place), factsOf(here))) {
      if (moved.copy === undefined) await this.#trash.displaced(task.path, moved.place, here);
      return aside;
    }
    await aside.putBack();
    return stale;
  }

  /** Moves `from` to where what the task replaces is to rest. */
  async #moveAway({ path, action }: PutTask, from: string): Promise<{ place: string; copy?: string }> {
    if (action.keep !== 'conflict') return { place: await this.#trash.put(path, from) };
    const { disk, layout } = this.#parts;
    const copy = await this.#conflictName(path);
    await disk.renameNew(from, layout.at(copy));
    return { place: layout.at(copy), copy };
  }

  /** Moves what stands at the path to the name of a conflict copy, whatever it is. */
  async keepBeside(path: string): Promise<{ readonly copy: string } | Setback> {
    const { disk, layout } = this.#parts;
    try {
      const copy = await this.#conflictName(path);
      await disk.renameNew(layout.at(path), layout.at(copy));
      this.#parents.forget(path);
      return { copy };
    } catch (error) {
      return setbackOf(error);
    }
  }

  async #conflictName(path: string): Promise<string> {
    const { clock, agency } = this.#parts;
    const taken = new Set([...(await this.#namesIn(parentOf(path)))].map(foldKey));
    const isTaken = (candidate: string) => taken.has(foldKey(nameOf(candidate)));
    const name = conflictName(path, agency, new Date(clock.now()), isTaken);
    return joinPath(parentOf(path), nameOf(name));
  }

  /** Only an empty directory gives way. What it still holds decides what is done about it (`survivors.ts`). */
  async #removeDir(path: string, here: DiskStat): Promise<Aside | Setback> {
    const { disk, layout } = this.#parts;
    if (!(await rmdirIfEmpty(disk, layout.at(path)))) return notEmpty;
    return { putBack: () => disk.mkdir(layout.at(path), here.mode & 0o777) };
  }
}

function dirPlaced(stat: DiskStat, mode: number): Placed {
  const placed = { outcome: 'placed', facts: factsOf(stat) } as const;
  return (stat.mode & 0o777) === mode ? placed : { ...placed, temporaryMode: stat.mode & 0o777 };
}

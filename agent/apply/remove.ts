/** Deletes that arrived: files and links into the trash, then directories from the deepest up, when they are empty. */
import { dirname } from 'node:path';
import type { Row } from '#agent/core/item.ts';
import { type Planner, planItem } from '#agent/core/plan.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { Committer, type Removed } from './commit.ts';
import { factsOf, isAsKnown, isSameFile } from './facts.ts';
import { setbackOf } from './failure.ts';
import { Interims } from './interim.ts';
import { type Layout, lstatIfAny, rmdirIfEmpty } from './layout.ts';
import { Parents } from './parents.ts';
import type { ApplyState } from './ports.ts';
import { judgeSurvivors } from './survivors.ts';
import { syncDirs } from './sync-dirs.ts';
import type { Tally } from './tally.ts';
import { notEmpty, problem, type Setback, stale } from './task.ts';
import type { Trash } from './trash.ts';

const groupItems = 256;

export interface RemoveParts {
  readonly disk: Disk;
  readonly layout: Layout;
  readonly state: ApplyState;
  readonly me: Planner;
}

export class Remover {
  readonly #parts: RemoveParts;
  readonly #tally: Tally;
  readonly #trash: Trash;
  readonly #committer: Committer;
  readonly #interims: Interims;

  constructor(parts: RemoveParts, tally: Tally, trash: Trash) {
    this.#parts = parts;
    this.#tally = tally;
    this.#trash = trash;
    this.#committer = new Committer(parts.state, parts.me, tally);
    this.#interims = new Interims(parts.state, parts.me, tally);
  }

  /** `paths` in an order in which children may go before parents. Between groups it may be aborted. */
  async remove(paths: readonly string[], signal: AbortSignal): Promise<void> {
    for (let at = 0; at < paths.length; at += groupItems) {
      signal.throwIfAborted();
      await this.#group(paths.slice(at, at + groupItems));
    }
  }

  async #group(paths: readonly string[]): Promise<void> {
    const removed: Removed[] = [];
    await using parents = new Parents(this.#parts, this.#interims);
    for (const path of paths) {
      // Planned again: what came since it was listed counts.
      const row = (await this.#parts.state.row(path)) ?? {};
      const action = planItem(row, this.#parts.me);
      if (action.do !== 'delete') continue;
      if (this.#tally.mayBeBasis(row.local)) {
        this.#tally.waiting += 1;
        continue;
      }
      const setback = await this.#one(path, row, parents);
      if (!setback) removed.push({ path, action });
      else if (setback.outcome === 'not-empty') await this.#survivors({ path, action });
      else this.#tally.setback(path, setback);
    }
    await this.#committer.removed(await this.#durable(removed));
  }

  async #one(path: string, row: Row, parents: Parents): Promise<Setback | undefined> {
    try {
      return await this.#removeOne(path, row, parents);
    } catch (error) {
      return setbackOf(error);
    }
  }

  async #removeOne(path: string, row: Row, parents: Parents): Promise<Setback | undefined> {
    const { disk, layout } = this.#parts;
    const blocked = await parents.ready(path);
    // Gone already, with its directory or by itself: only the index has to hear of it.
    if (blocked === 'missing') return undefined;
    if (blocked) return blocked;
    const at = layout.at(path);
    const here = await lstatIfAny(disk, at);
    if (!here) return undefined;
    if (!isAsKnown(parents.asFound(path, here), row.local)) return stale;
    if (here.kind === 'dir') return this.#rmdir(path, parents);
    const place = await this.#trash.take(path);
    if (!isSameFile(await disk.lstat(place), factsOf(here))) {
      await disk.renameNew(place, at);
      return stale;
    }
    await this.#trash.displaced(path, place, here);
    return undefined;
  }

  async #rmdir(path: string, parents: Parents): Promise<Setback | undefined> {
    const { disk, layout } = this.#parts;
    if (!(await rmdirIfEmpty(disk, layout.at(path)))) return notEmpty;
    parents.forget(path);
    return undefined;
  }

  async #survivors(removed: Removed): Promise<void> {
    const { state, me } = this.#parts;
    const judged = await judgeSurvivors(state, removed.path, me, new Set(this.#tally.revive));
    if (judged.outcome === 'unshared') await this.#committer.unshared(removed);
    else this.#tally.survivors(removed.path, judged);
  }

  /** A parent that is gone itself needs no fsync; its own parent gets one. */
  async #durable(removed: readonly Removed[]): Promise<Removed[]> {
    const { disk, layout } = this.#parts;
    const trash = this.#trash.takeUnsynced();
    const dirs = new Set(trash);
    for (const { path } of removed) {
      const dir = dirname(layout.at(path));
      if (!dirs.has(dir) && (await lstatIfAny(disk, dir))) dirs.add(dir);
    }
    const failed = await syncDirs(disk, layout.root, dirs);
    const trashFailed = trash.map((dir) => failed.get(dir)).find((failure) => failure);
    return removed.filter(({ path }) => {
      const failure = trashFailed ?? failed.get(dirname(layout.at(path)));
      if (failure) this.#tally.setback(path, problem('FSYNC_FAILED', failure));
      return !failure;
    });
  }
}

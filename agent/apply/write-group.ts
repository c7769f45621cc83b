/**
 * One group onto the disk. The order is the guarantee: bytes durable in the stage folder, then in place by rename,
 * then the directories durable, then the index. What fails on the way is left out of what follows it.
 */
import { dirname } from 'node:path';
import { isCode } from '#agent/core/errors.ts';
import type { Origin } from '#agent/core/ids.ts';
import { Committer, type Written } from './commit.ts';
import { durably, setbackOf } from './failure.ts';
import { unlinkIfAny } from './layout.ts';
import { Parents } from './parents.ts';
import { type PlaceParts, Placer } from './place.ts';
import type { ApplyState } from './ports.ts';
import { stageLink, stageSmall } from './stage-small.ts';
import { judgeSurvivors } from './survivors.ts';
import { manySyncs, syncDirs } from './sync-dirs.ts';
import type { Tally } from './tally.ts';
import { type Prepared, problem, type Shape } from './task.ts';
import type { Trash } from './trash.ts';

export interface WriteParts extends PlaceParts {
  readonly state: ApplyState;
  readonly me: Origin;
}

const order: readonly Shape[] = ['dir', 'touch', 'file', 'link'];

export class GroupWriter {
  readonly #parts: WriteParts;
  readonly #tally: Tally;
  readonly #trash: Trash;
  readonly #committer: Committer;

  constructor(parts: WriteParts, tally: Tally, trash: Trash) {
    this.#parts = parts;
    this.#tally = tally;
    this.#trash = trash;
    this.#committer = new Committer(parts.state, parts.me, tally);
  }

  /** Throws DISK_FULL after committing what was in place by then. Not to be aborted: it is short. */
  async write(group: readonly Prepared[]): Promise<void> {
    const staged = await this.#stage(group);
    const { written, parents, full } = await this.#place(staged);
    const durable = await this.#makeDurable(written, parents);
    await this.#committer.written(durable, parents.made);
    if (full) throw full;
  }

  /** Stages what is still in memory and makes all of it durable; what cannot be is reported and left out. */
  async #stage(group: readonly Prepared[]): Promise<Prepared[]> {
    const together = group.filter((item) => item.pieces).length > manySyncs;
    const staged: Prepared[] = [];
    for (const item of group) {
      if (await this.#stageOne(item, !together)) staged.push(item);
    }
    if (!together) return staged;
    try {
      await durably(() => this.#parts.disk.syncFs(this.#parts.layout.root));
      return staged;
    } catch (error) {
      return this.#unstageAll(staged, error);
    }
  }

  async #stageOne({ task, stage, pieces }: Prepared, sync: boolean): Promise<boolean> {
    const { disk } = this.#parts;
    const { state } = task.action.remote;
    try {
      if (stage && pieces && state.kind === 'file') await stageSmall(disk, stage, pieces, state, sync);
      else if (stage && state.kind === 'link') await stageLink(disk, stage, state);
      return true;
    } catch (error) {
      this.#tally.setback(task.path, setbackOf(error));
      if (stage) await unlinkIfAny(disk, stage);
      return false;
    }
  }

  /** The kernel does not say whose bytes were lost: none of the group is trusted. */
  async #unstageAll(staged: readonly Prepared[], error: unknown): Promise<Prepared[]> {
    const setback = setbackOf(error);
    for (const { task, stage, pieces } of staged) {
      if (!stage || !pieces) continue;
      this.#tally.setback(task.path, setback);
      await unlinkIfAny(this.#parts.disk, stage);
    }
    return staged.filter((item) => !item.pieces);
  }

  async #place(staged: readonly Prepared[]) {
    await using parents = new Parents(this.#parts.disk, this.#parts.layout);
    const placer = new Placer(this.#parts, parents, this.#trash);
    const written: Written[] = [];
    let full: unknown;
    for (const item of staged.toSorted((a, b) => order.indexOf(a.shape) - order.indexOf(b.shape))) {
      try {
        const placed = await placer.place(item);
        if (placed.outcome === 'placed') written.push({ item, placed });
        else if (placed.outcome === 'not-empty') await this.#survivors(item.task.path);
        else this.#tally.setback(item.task.path, placed);
      } catch (error) {
        if (!isCode(error, 'DISK_FULL')) throw error;
        full = error;
        break;
      }
    }
    return { written, parents, full };
  }

  async #survivors(path: string): Promise<void> {
    const { state, me } = this.#parts;
    const judged = await judgeSurvivors(state, path, me, new Set(this.#tally.revive));
    this.#tally.survivors(path, judged);
  }

  async #makeDurable(written: readonly Written[], { made }: Parents): Promise<Written[]> {
    const { disk, layout } = this.#parts;
    const dirOf = (path: string) => dirname(layout.at(path));
    const trash = this.#trash.takeUnsynced();
    const dirs = new Set([...trash, ...made.map(({ path }) => dirOf(path))]);
    for (const { item } of written) {
      dirs.add(dirOf(item.task.path));
      // Its own mode is made durable with it.
      if (item.shape === 'dir') dirs.add(layout.at(item.task.path));
    }
    const touched = written.some(({ item }) => item.shape === 'touch');
    const failed = await syncDirs(disk, layout.root, dirs, touched);
    const trashFailed = trash.map((dir) => failed.get(dir)).find((failure) => failure);
    return written.filter(({ item: { task } }) => {
      const failure = trashFailed ?? failed.get(dirOf(task.path)) ?? failed.get(layout.at(task.path));
      if (failure) this.#tally.setback(task.path, problem('FSYNC_FAILED', failure));
      return !failure;
    });
  }
}

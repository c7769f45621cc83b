/**
 * Invariant 2: a file that is shorter than the index says, found after the machine went down under this node, is no
 * edit. It is held: a problem of its item, and a mark in its row, until its facts change or a person releases it.
 */
import { isCode, type Problem } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import type { DiskFacts, ItemState, LocalState, Row } from '#agent/core/item.ts';
import { sameContent, sameState } from '#agent/core/item.ts';
import { standing } from '#agent/core/merge.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { State } from '#agent/feed/state.ts';
import type { Found, Store } from '#agent/store/store.ts';
import { hashContent } from './read-content.ts';

export interface HeldFilesParts {
  readonly space: SpaceId;
  readonly node: Pick<State, 'powerCut' | 'getMeta' | 'putMeta'>;
  readonly state: SpaceState;
  readonly store: Store;
  readonly emit: Emit;
}

/** What is to be done about a file that is not believed. */
export interface Held {
  readonly path: string;
  /** Puts it on record, unless it is there. */
  note(): Promise<void>;
}

const code = 'STORE_AFTER_POWER_CUT';
const releasedPerBatch = 256;

export class HeldFiles {
  readonly #parts: HeldFilesParts;
  /** Whether this space has not been looked through since the machine went down. */
  #suspect: boolean | undefined;

  constructor(parts: HeldFilesParts) {
    this.#parts = parts;
  }

  /** Of a file that the scan calls short: undefined when it is believed. Throws STORE_ITEM_GONE. */
  async judge(found: Found, signal: AbortSignal): Promise<Held | undefined> {
    const row = await this.#parts.state.row(found.path);
    const known = knownOf(row);
    if (!row || !known) return undefined;
    const before = row.local?.held;
    if (before && isUntouched(before, found.facts)) return this.#held(found, known.size, row);
    if (found.facts.size >= known.size || !(await this.#isSuspect())) return undefined;
    if (await this.#isKnownContent(found.path, row, signal)) return undefined;
    return this.#held(found, known.size, row);
  }

  /** The whole tree has been looked at: what is found from now on is somebody's work. Durable on return. */
  async looked(): Promise<void> {
    if (!(await this.#isSuspect())) return;
    const { node, space } = this.#parts;
    await node.putMeta(lookedKey(space), node.powerCut ?? '');
    this.#suspect = false;
  }

  /** A person believes all that is on record as held; returns how many. The next look publishes them. */
  async release(): Promise<number> {
    let count = 0;
    let paths: string[] = [];
    for await (const problem of this.#parts.state.problems()) {
      if (problem.code !== code) continue;
      paths.push(problem.path);
      if (paths.length < releasedPerBatch) continue;
      count += await this.#believe(paths);
      paths = [];
    }
    return count + (await this.#believe(paths));
  }

  async #believe(paths: readonly string[]): Promise<number> {
    const { state, space, emit } = this.#parts;
    await state.exclusive(async () => {
      const rows = await state.rows(paths);
      const batch = state.batch();
      for (const [i, path] of paths.entries()) {
        batch.clearProblem(path);
        const { local, ...row } = rows[i] ?? {};
        if (local?.held) batch.putRow(path, { ...row, local: believed(local) });
      }
      await batch.commit();
    });
    for (const path of paths) emit({ type: 'problem.cleared', space, path });
    return paths.length;
  }

  async #isSuspect(): Promise<boolean> {
    const { node, space } = this.#parts;
    const { powerCut } = node;
    this.#suspect ??= powerCut !== undefined && (await node.getMeta(lookedKey(space))) !== powerCut;
    return this.#suspect;
  }

  /** What arrived may have been put in place, and the power have gone before the index could take note. */
  async #isKnownContent(path: string, row: Row, signal: AbortSignal): Promise<boolean> {
    const states = [row.local?.state, ...standing(row.remote).map(({ state }) => state)];
    try {
      const read = await hashContent(this.#parts.store, path, signal);
      return states.some((state) => state && read && sameContent(state, read.state));
    } catch (error) {
      // Or it would be believed once it can be read.
      if (isCode(error, 'STORE_READ_FAILED')) return false;
      throw error;
    }
  }

  #held(found: Found, known: number, row: Row): Held {
    const { path, facts } = found;
    const problem = { code, path, details: { size: facts.size, known } };
    return { path, note: () => this.#note(problem, facts, row) };
  }

  async #note(problem: Problem, held: DiskFacts, seen: Row): Promise<void> {
    const { state, space, emit } = this.#parts;
    const { path } = problem;
    const noted = seen.local?.held?.ino === held.ino;
    if (noted && (await state.problem(path))?.code === code) return;
    await state.exclusive(async () => {
      const row = (await state.row(path)) ?? {};
      const batch = state.batch();
      if (row.agreed) batch.putRow(path, { ...row, local: { ...lastShared(row, row.agreed.state), held } });
      batch.putProblem(problem);
      await batch.commit();
    });
    emit({ type: 'problem', space, problem });
  }
}

const lookedKey = (space: SpaceId): string => `looked-after-power-cut/${space}`;

type FileState = Extract<ItemState, { kind: 'file' }>;

/** What the file was when it was last seen; undefined when it was never shared as a file. */
function knownOf(row: Row | undefined): FileState | undefined {
  const { state } = row?.local ?? row?.agreed ?? {};
  return row?.agreed?.state.kind === 'file' && state?.kind === 'file' ? state : undefined;
}

/** An inode may get another number when its file system is mounted again. */
const isUntouched = (a: DiskFacts, b: DiskFacts): boolean =>
  a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;

/** An edit that was seen and not published is gone with the power: the plan is not to wait for it. */
const lastShared = ({ local }: Row, agreed: ItemState): LocalState =>
  local && sameState(local.state, agreed) ? local : { state: agreed };

function believed({ held: _, ...local }: LocalState): LocalState {
  return local;
}

/** What one run of the apply step came to, and the problems it has to put on record. */
import type { Halt, Problem } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import { type Origin, originKey, type SpaceId } from '#agent/core/ids.ts';
import type { LocalState, RemoteState } from '#agent/core/item.ts';
import { parentOf } from '#agent/core/path.ts';
import type { ApplyBatch, ApplyState } from './ports.ts';
import type { Survivors } from './survivors.ts';
import type { Setback } from './task.ts';

export interface ApplyResult {
  /** Items written or removed, and their bytes. */
  readonly applied: number;
  readonly bytes: number;
  /** Items that wait for content, for a parent, or for another item's turn. */
  readonly waiting: number;
  readonly problems: number;
  readonly conflicts: readonly { readonly path: string; readonly copy: string }[];
  /** Items of this node's own that another's version has replaced: `dueYield` tells what to publish. */
  readonly yields: readonly string[];
  /** Directories that were deleted or replaced elsewhere, and that still hold what this node put in: publish again. */
  readonly revive: readonly string[];
  /** Local edits that nobody has published yet: publish, then apply again. */
  readonly publish: readonly string[];
  /** Directories where the disk is not as the last scan saw it: scan them before applying again. */
  readonly rescan: readonly string[];
  /** Whether another run could do more at once. */
  readonly again: boolean;
  readonly halt?: Halt;
}

/** Something is on the disk that this node may not publish, and that stays. */
const unshared = { code: 'LOCAL_EDIT_NOT_SHARED', details: {} };

/** Known problems beyond this many are written again each time they are met. */
const maxKnownProblems = 10_000;
/** Of hints that the next run finds again, so many are handed out. */
const maxHints = 1024;
const maxRemembered = 8192;

export class Tally {
  applied = 0;
  bytes = 0;
  waiting = 0;
  problems = 0;
  again = false;
  halt: Halt | undefined;
  readonly conflicts: { path: string; copy: string }[] = [];
  readonly yields: string[] = [];
  readonly revive: string[] = [];
  readonly publish: string[] = [];
  /** Directories that have a temporary mode until the end of the run. */
  readonly interim = new Set<string>();
  readonly #rescan = new Set<string>();
  /** Epochs of publishers for whose chunks something waits. */
  readonly #starved = new Set<string>();
  readonly #known = new Map<string, string>();
  readonly #space: SpaceId;
  readonly #emit: Emit;
  readonly #before: ReadonlySet<string>;
  /** Situations met in this run that the agent was, or is now, told of. */
  readonly hinted = new Set<string>();
  #unrecorded: Problem[] = [];
  #unset = 0;

  /** `before`: the hints of the run before, which nobody has acted on if they are met again. */
  constructor(space: SpaceId, emit: Emit, before: ReadonlySet<string>) {
    this.#space = space;
    this.#emit = emit;
    this.#before = before;
  }

  async loadKnown(state: Pick<ApplyState, 'problems'>): Promise<void> {
    for await (const { path, code } of state.problems()) {
      if (this.#known.size >= maxKnownProblems) return;
      this.#known.set(path, code);
    }
  }

  setback(path: string, setback: Setback): void {
    if (setback.outcome === 'problem') {
      this.problem({ path, code: setback.code, details: setback.details });
      return;
    }
    this.waiting += 1;
    if (setback.outcome === 'stale' && this.#isNew('stale', path)) this.rescan(parentOf(path));
  }

  /** Waits for chunks of `remote`. */
  withoutContent(path: string, remote: RemoteState): void {
    this.setback(path, { outcome: 'waiting' });
    this.#starved.add(sealKey(remote.author, remote.epoch));
  }

  /**
   * Whether a file may hold chunks that an item still waits for. It is not deleted before that one is in, so that a
   * rename with an edit never fetches what was here. A publisher that withholds content delays only its own deletes.
   */
  mayBeBasis(local: LocalState | undefined): boolean {
    return !!local?.sealedBy && this.#starved.has(sealKey(local.sealedBy, local.epoch));
  }

  /** Of a directory that had to give way and is not empty. */
  survivors(path: string, judged: Exclude<Survivors, { outcome: 'unshared' }>): void {
    if (judged.outcome === 'revive') {
      this.waiting += 1;
      this.#hint(this.revive, 'revive', path);
      return;
    }
    this.setback(path, judged);
    if (judged.outcome === 'problem' && this.#isNew('not-empty', path)) this.rescan(path);
  }

  problem(problem: Problem): void {
    this.problems += 1;
    if (this.#known.get(problem.path) === problem.code) return;
    this.#unrecorded.push(problem);
  }

  rescan(dir: string): void {
    if (this.#rescan.size < maxHints) this.#rescan.add(dir);
  }

  toPublish(path: string): void {
    this.waiting += 1;
    this.#hint(this.publish, 'publish', path);
  }

  #hint(list: string[], kind: string, path: string): void {
    if (list.length < maxHints && this.#isNew(kind, path)) list.push(path);
  }

  /** Each situation is told once while it lasts: what nobody can act on must not keep the agent busy. */
  #isNew(kind: string, path: string): boolean {
    const hint = `${kind} ${path}`;
    if (this.hinted.size < maxRemembered) this.hinted.add(hint);
    return !this.#before.has(hint);
  }

  conflict(path: string, copy: string): void {
    this.conflicts.push({ path, copy });
    this.rescan(parentOf(path));
    this.#emit({ type: 'conflict', space: this.#space, path, copy });
  }

  /** The content is there; its mode or time is not what its publisher set. Told, and nothing waits for it. */
  unset(): void {
    this.#unset += 1;
  }

  done(items: number, bytes: number): void {
    this.applied += items;
    this.bytes += bytes;
    if (items > 0) this.#emit({ type: 'applied', space: this.#space, items, bytes });
  }

  /** Always deletes the record: those beyond the known ones must go too. */
  clear(path: string, batch: ApplyBatch): void {
    batch.clearProblem(path);
    if (this.#known.delete(path)) this.#emit({ type: 'problem.cleared', space: this.#space, path });
  }

  /** A local edit stays, and nobody else hears of it: told, and nothing to wait for. */
  unshared(path: string, batch: ApplyBatch): void {
    const problem = { ...unshared, path };
    batch.putProblem(problem);
    if (this.#known.get(path) === problem.code) return;
    if (this.#known.size < maxKnownProblems) this.#known.set(path, problem.code);
    this.#emit({ type: 'problem', space: this.#space, problem });
  }

  async record(state: Pick<ApplyState, 'batch'>): Promise<void> {
    if (this.#unset > 0)
      this.#emit({
        type: 'note',
        code: 'ATTRIBUTES_NOT_SET',
        details: { space: this.#space, items: this.#unset },
      });
    this.#unset = 0;
    if (this.#unrecorded.length === 0) return;
    const batch = state.batch();
    for (const problem of this.#unrecorded) {
      batch.putProblem(problem);
      if (this.#known.size < maxKnownProblems) this.#known.set(problem.path, problem.code);
      this.#emit({ type: 'problem', space: this.#space, problem });
    }
    this.#unrecorded = [];
    await batch.commit();
  }

  result(): ApplyResult {
    const { applied, bytes, waiting, problems, conflicts, yields, revive, publish, again, halt } = this;
    const rescan = [...this.#rescan];
    const all = { applied, bytes, waiting, problems, conflicts, yields, revive, publish, rescan, again };
    return halt ? { ...all, halt } : all;
  }
}

const sealKey = (origin: Origin, epoch: number | undefined): string => `${originKey(origin)}/${epoch}`;

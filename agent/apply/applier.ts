/**
 * Remote tree → disk. One run takes the want-list from its start: directories and files in the order of their paths,
 * then deletes, then what has to take a deleted directory's place, then the modes of directories. A run resumes from
 * durable state only; a crash anywhere leaves each item as it was or as it is to be.
 */
import { type Halt, isCode } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import { massDelete } from '#agent/core/guard.ts';
import type { Origin, SpaceId } from '#agent/core/ids.ts';
import type { Row } from '#agent/core/item.ts';
import { type Planner, planItem } from '#agent/core/plan.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk } from '#agent/sys/disk.ts';
import type { Nights } from '#agent/sys/lived-time.ts';
import { ChunkGetter } from './chunk-getter.ts';
import { Committer } from './commit.ts';
import { Births, type Counted, DeleteWindow } from './delete-window.ts';
import { setDirModes } from './dir-modes.ts';
import { keep, type Later, listed, nothingLater } from './later.ts';
import { Layout } from './layout.ts';
import { LocalChunks } from './local-chunks.ts';
import { goingIn } from './net-deletes.ts';
import { oneAhead } from './one-ahead.ts';
import { LateWrites, type LateNotes } from './late-writes.ts';
import { pendingRows } from './pending-rows.ts';
import type { ApplyState, ChunkSource, Excludes, KeySource } from './ports.ts';
import { Preparer } from './prepare.ts';
import { Refused } from './refused.ts';
import { Remover } from './remove.ts';
import { Asides } from './set-aside.ts';
import { type ApplyResult, Tally } from './tally.ts';
import type { PutTask } from './task.ts';
import { countBins, purgeTrash, Trash } from './trash.ts';
import { forgetDestroyed, isDestroyed, tooManyWithdrawn, Withdrawer } from './withdraw.ts';
import { clearTaken } from './withdrawn-edits.ts';
import { GroupWriter } from './write-group.ts';

export interface ApplierParts {
  readonly space: SpaceId;
  readonly me: Planner;
  /** This node's agency: it stands in the names of conflict copies. */
  readonly agency: string;
  /** Absolute path of the store's root, a directory. */
  readonly root: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly nights: Nights;
  /** What programs had open when it was displaced. */
  readonly lateNotes: LateNotes;
  readonly state: ApplyState;
  readonly keys: KeySource;
  readonly chunks: ChunkSource;
  /** What the store leaves out; as of the scan before. */
  readonly excludes: Excludes;
  /** See `Asides`. */
  readonly refuses?: (path: string) => boolean;
  /** State secrets that may not be handled now: their changes wait. */
  readonly holds?: Excludes;
  /** What came into the folder of late, by whomever; from this applier on when absent. */
  readonly births?: Births;
  readonly emit: Emit;
}

/** Items written in one run. */
const maxWritten = 8192;
const notesPerBatch = 256;

export class Applier {
  readonly #parts: ApplierParts;
  readonly #layout: Layout;
  readonly #preparer: Preparer;
  readonly #local: LocalChunks;
  readonly #refused = new Refused();
  readonly #asides: Asides;
  #hinted: ReadonlySet<string> = new Set();
  #released = false;
  readonly #window: DeleteWindow;
  #listening = false;
  readonly #late: LateWrites;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: ApplierParts) {
    const { space, root, state, keys } = parts;
    const disk = parts.disk.within(root);
    this.#parts = { ...parts, disk };
    const births = parts.births ?? Births.watching(parts.clock, parts.state);
    if (!parts.births) births.begin();
    this.#window = new DeleteWindow({ ...parts, births, side: 'incoming' });
    this.#layout = new Layout(root, disk);
    const conflict = (path: string, copy: string) => parts.emit({ type: 'conflict', space, path, copy });
    const late = { ...this.#parts, layout: this.#layout, notes: parts.lateNotes, conflict };
    this.#late = new LateWrites(late);
    this.#asides = new Asides(parts);
    this.#preparer = new Preparer({ space, disk, layout: this.#layout, state, keys, refused: this.#refused });
    const keysFor = (origin: Origin, epoch: number) => keys.keysFor(space, origin, epoch);
    this.#local = new LocalChunks({ root, disk, state, keysFor });
  }

  /** A person has looked at MASS_DELETE_INCOMING or MASS_WITHDRAWAL: the next run is believed. */
  release(): void {
    this.#released = true;
  }

  /** The rules of the store may have changed: what they do not leave out any more is to be written. */
  async reconsider(signal: AbortSignal): Promise<void> {
    await this.#asides.reconsider(signal);
    const { space, emit } = this.#parts;
    const taken = await clearTaken({ ...this.#parts, layout: this.#layout });
    for (const path of taken) emit({ type: 'problem.cleared', space, path });
  }

  /** Destroys what has been in the trash for more than `days` nights of this node; returns the number of bins. */
  async purgeTrash(days: number, signal: AbortSignal): Promise<number> {
    await this.#layout.ensure();
    const parts = { ...this.#parts, layout: this.#layout };
    await this.#alone(() => countBins(parts));
    return purgeTrash(parts, days, signal);
  }

  /** Brings back, as conflict copies, what programs have saved into the trash; returns their paths. */
  async lateWrites(): Promise<readonly string[]> {
    return this.#alone(() => this.#late.look());
  }

  /** One after the other: a run knows bins of the trash by their names. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /**
   * Writes what can be written now. Not re-entrant; nothing else may write to the root's items meanwhile but its
   * users. Rejects with the signal's reason when aborted, with nothing half done.
   */
  async applyPending(signal: AbortSignal): Promise<ApplyResult> {
    const { space, state, emit, disk } = this.#parts;
    const tally = new Tally(space, emit, this.#hinted);
    if (state.pendingCount() === 0) return tally.result();
    await this.#layout.ensure();
    // Opens the descriptor that is to hear of failed write-backs, before the first write. What failed before that was
    // not ours: all that the index holds had been proven durable.
    if (!this.#listening) await disk.syncFs(this.#layout.root).catch(() => undefined);
    this.#listening = true;
    await tally.loadKnown(state);
    try {
      await this.#alone(() => this.#run(tally, signal));
    } catch (error) {
      if (!isCode(error, 'DISK_FULL')) throw error;
      tally.halt = { code: 'DISK_FULL', details: error.details, needsRelease: false };
    } finally {
      this.#hinted = tally.hinted;
      await tally.record(state);
    }
    if (state.pendingCount() === 0) await this.#preparer.clear();
    return tally.result();
  }

  async #run(tally: Tally, signal: AbortSignal): Promise<void> {
    const { space, state, keys, chunks, disk, clock } = this.#parts;
    await this.#preparer.begin(new ChunkGetter({ space, keys, local: this.#local, source: chunks }), tally);
    const trash = new Trash(disk, this.#layout, clock, { late: this.#late });
    const writer = new GroupWriter({ ...this.#parts, layout: this.#layout }, tally, trash);
    const later = nothingLater();
    await this.#write(writer, this.#firstPass(tally, later, signal), signal);
    if (tally.again) return;
    const released = this.#released;
    if (!(await this.#brake(tally, later, signal))) {
      const remover = new Remover({ ...this.#parts, layout: this.#layout }, tally, trash);
      const withdrawer = new Withdrawer({ ...this.#parts, layout: this.#layout }, tally);
      tally.halt = released ? undefined : await tooManyWithdrawn(state, later.destroys);
      if (!tally.halt) await withdrawer.withdraw(later, signal);
      else tally.waiting += later.withdrawFiles.length + later.withdrawDirs.length;
      if (released) await forgetDestroyed(state);
      await remover.remove(later.removeFiles, signal);
      await remover.remove(later.removeDirs.reverse(), signal);
      await this.#write(writer, this.#replacing(later.replaceDirs), signal);
      tally.again = later.deletes > listed(later);
    } else tally.waiting += later.deletes + later.replaceDirs.length;
    const modes = [...later.modes, ...tally.interim].toSorted().reverse();
    await setDirModes({ ...this.#parts, layout: this.#layout }, modes, tally, signal);
    tally.again ||= tally.problems > 0 && tally.applied > 0;
  }

  async #write(writer: GroupWriter, tasks: AsyncIterable<PutTask>, signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const groups = this.#preparer.groups(tasks, AbortSignal.any([signal, failed.signal]));
    for await (const group of oneAhead(groups)) {
      try {
        signal.throwIfAborted();
        if (group.length > 0) await writer.write(group);
      } catch (error) {
        // Or the group ahead would be fetched to its end first.
        failed.abort(error);
        throw error;
      }
    }
  }

  /** Plans the whole want-list: gives out what is to be written now, sorts the rest, settles what needs no work. */
  async *#firstPass(tally: Tally, later: Later, signal: AbortSignal): AsyncGenerator<PutTask> {
    const { state, me } = this.#parts;
    const committer = new Committer(state, me, tally);
    let notes: string[] = [];
    for await (const [path, row] of pendingRows(state)) {
      signal.throwIfAborted();
      if (tally.applied >= maxWritten) {
        tally.again = true;
        break;
      }
      const task = this.#plan(path, row, tally, later);
      if (task === 'aside') await this.#asides.add(path);
      else if (task === 'note') notes.push(path);
      else if (task) yield task;
      if (notes.length < notesPerBatch) continue;
      await committer.noted(notes);
      notes = [];
    }
    if (notes.length > 0) await committer.noted(notes);
    await this.#asides.flush();
  }

  #plan(path: string, row: Row, tally: Tally, later: Later): PutTask | 'note' | 'aside' | undefined {
    const action = planItem(row, this.#parts.me);
    if (this.#asides.isHeld(path, row, action)) {
      tally.waiting += 1;
      return undefined;
    }
    if (this.#asides.isFor(path, row, action)) return 'aside';
    switch (action.do) {
      case 'nothing':
      case 'stay':
      case 'adopt':
        return 'note';
      case 'publish':
        tally.toPublish(path);
        return undefined;
      case 'delete':
        later.deletes += 1;
        keep(row.local?.state.kind === 'dir' ? later.removeDirs : later.removeFiles, path);
        return undefined;
      case 'withdraw':
        later.deletes += 1;
        if (isDestroyed(row, action)) later.destroys += 1;
        keep(row.local?.state.kind === 'dir' ? later.withdrawDirs : later.withdrawFiles, path);
        return undefined;
      case 'apply': {
        const rule = this.#refused.ruleOf(path, action.remote);
        if (rule !== undefined) tally.problem({ code: 'CONTENT_MISMATCH', path, details: { rule } });
        else if (action.replaces !== 'dir') return { path, row, action };
        else keep(action.remote.state.kind === 'dir' ? later.modes : later.replaceDirs, path);
        return undefined;
      }
    }
  }

  /** Files and links that take the place of a directory. */
  async *#replacing(paths: readonly string[]): AsyncGenerator<PutTask> {
    for (const path of paths) {
      const row = (await this.#parts.state.row(path)) ?? {};
      const action = planItem(row, this.#parts.me);
      if (action.do === 'apply') yield { path, row, action };
    }
  }

  /** Before the first delete of a run: so many at once are not believed without a person [4]. */
  async #brake(tally: Tally, later: Later, signal: AbortSignal): Promise<boolean> {
    const { state, me } = this.#parts;
    const released = this.#released;
    this.#released = false;
    if (released) await this.#window.clear();
    if (released || later.deletes === 0) return false;
    const going = goingIn(state, me, { count: later.deletes, signal });
    let counted = await this.#window.most(going);
    if (isMass(counted)) counted = await this.#window.count(going);
    if (!isMass(counted)) {
      const { removeFiles, removeDirs, withdrawFiles, withdrawDirs } = later;
      await this.#window.note([...removeFiles, ...removeDirs, ...withdrawFiles, ...withdrawDirs]);
      return false;
    }
    tally.halt = haltOf({ ...counted });
    return true;
  }
}

const isMass = ({ deletes, items }: Counted): boolean => massDelete({ deletes, total: items });

const haltOf = (details: Halt['details']): Halt => ({
  code: 'MASS_DELETE_INCOMING',
  details,
  needsRelease: true,
});

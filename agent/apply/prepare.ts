/**
 * Tasks → groups that are ready to be placed: content had and verified, nothing written outside the stage folder.
 * A group is bounded in items and bytes, because it is in memory while the group before it is being written.
 */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { EmptyCells } from '#agent/core/cells.ts';
import { DongboError, isOwnFault } from '#agent/core/errors.ts';
import { originKey, type SpaceId } from '#agent/core/ids.ts';
import type { ChunkRef, Content, ItemState, RemoteState } from '#agent/core/item.ts';
import type { Disk } from '#agent/sys/disk.ts';
import type { ChunkGetter, Got } from './chunk-getter.ts';
import { faultOf, setbackOf } from './failure.ts';
import { type Layout, lstatIfAny, stagePrefix, unlinkIfAny } from './layout.ts';
import type { ApplyState, KeySource } from './ports.ts';
import { RefLog } from './ref-log.ts';
import type { Refused } from './refused.ts';
import { StageProgress } from './stage-progress.ts';
import { StageStream } from './stage-stream.ts';
import type { Tally } from './tally.ts';
import { type Prepared, type PutTask, problem, type Setback, shapeOf, waiting } from './task.ts';

/** Bounds of a group. Bytes also bound what a crash can cost: fetched, and not yet staged. */
const groupItems = 512;
const groupBytes = 3 * 1024 * 1024;
/** Larger files are streamed into the stage folder. */
const smallBytes = 1024 * 1024;
/** Downloads that wait for chunks and whose state is kept, so that they need not be verified again. */
const keptProgress = 8;

type FileState = Extract<ItemState, { kind: 'file' }>;

interface FileTask {
  readonly task: PutTask;
  readonly file: FileState;
  readonly remote: RemoteState & { readonly content: Content };
}

/** A file that is in memory whole. */
interface SmallFile extends FileTask {
  /** Absent while its author's keys are not here. */
  readonly empties?: EmptyCells;
}

export interface PrepareParts {
  readonly space: SpaceId;
  readonly disk: Disk;
  readonly layout: Layout;
  readonly state: ApplyState;
  readonly keys: KeySource;
  readonly refused: Refused;
}

export class Preparer {
  readonly #parts: PrepareParts;
  readonly #progress = new Map<string, StageProgress>();
  /** Stage files by the item they are for, as the run found them. */
  #staged = new Map<string, string[]>();
  #getter: ChunkGetter | undefined;
  #tally: Tally | undefined;

  constructor(parts: PrepareParts) {
    this.#parts = parts;
  }

  /** Before each run: what earlier runs have left. */
  async begin(getter: ChunkGetter, tally: Tally): Promise<void> {
    this.#getter = getter;
    this.#tally = tally;
    this.#staged = new Map();
    for (const { name } of await this.#parts.disk.list(this.#parts.layout.stage)) {
      if (name === undefined) continue;
      const prefix = name.slice(0, stagePrefix('').length);
      this.#staged.set(prefix, [...(this.#staged.get(prefix) ?? []), name]);
    }
  }

  /** Nothing is pending: what is left in the stage folder is of no use. */
  async clear(): Promise<void> {
    const { disk, layout } = this.#parts;
    this.#progress.clear();
    for (const { name } of await disk.list(layout.stage)) {
      if (name !== undefined) await unlinkIfAny(disk, join(layout.stage, name));
    }
  }

  async *groups(tasks: AsyncIterable<PutTask>, signal: AbortSignal): AsyncGenerator<Prepared[]> {
    let group: PutTask[] = [];
    let bytes = 0;
    for await (const task of tasks) {
      signal.throwIfAborted();
      const size = await this.#bytesInMemory(task);
      const streamed = size === undefined;
      if (group.length >= groupItems || (bytes + (size ?? 0) > groupBytes && group.length > 0) || streamed) {
        if (group.length > 0) yield await this.#oneByOne(group, signal);
        group = [];
        bytes = 0;
      }
      if (streamed) yield await this.#large(task, signal);
      else group.push(task);
      bytes += size ?? 0;
    }
    if (group.length > 0) yield await this.#oneByOne(group, signal);
  }

  /** A fault of our own that the data of one item led to is found by halving, and the others go on. */
  async #oneByOne(group: readonly PutTask[], signal: AbortSignal): Promise<Prepared[]> {
    try {
      return await this.#small(group, signal);
    } catch (error) {
      const [first] = group;
      if (!isOwnFault(error) || !first) throw error;
      if (group.length > 1) {
        const middle = group.length >> 1;
        const before = await this.#oneByOne(group.slice(0, middle), signal);
        return [...before, ...(await this.#oneByOne(group.slice(middle), signal))];
      }
      this.#setback(first, faultOf(error));
      return [];
    }
  }

  /** Undefined for a file that is streamed: it is large, or a part of it is staged already. */
  async #bytesInMemory(task: PutTask): Promise<number | undefined> {
    const { state, content } = task.action.remote;
    if (shapeOf(task) !== 'file' || state.kind !== 'file' || !content) return 0;
    const resumed = this.#staged.size > 0 && (await this.#isStaged(task.path, content));
    return resumed || content.levels > 0 || state.size > smallBytes ? undefined : state.size;
  }

  async #isStaged(path: string, content: Content): Promise<boolean> {
    const { layout, disk } = this.#parts;
    let found = false;
    for (const name of this.#staged.get(stagePrefix(path)) ?? []) {
      const staged = join(layout.stage, name);
      if (staged === layout.stageFile(path, content)) found = true;
      // Of another version, which nobody wants any more.
      else await unlinkIfAny(disk, staged);
    }
    return found;
  }

  async #small(group: readonly PutTask[], signal: AbortSignal): Promise<Prepared[]> {
    const files = new Map<PutTask, SmallFile>();
    for (const task of group) {
      const file = shapeOf(task) === 'file' ? fileTask(task) : undefined;
      if (file) files.set(task, await this.#withEmpties(file));
    }
    const got = await this.#fetchAll([...files.values()], signal);
    const prepared: Prepared[] = [];
    for (const task of group) {
      const one = this.#ready(task, files.get(task), got);
      if ('outcome' in one) this.#setback(task, one);
      else prepared.push(one);
    }
    return prepared;
  }

  /** One request for each publisher's epoch. */
  async #fetchAll(files: readonly SmallFile[], signal: AbortSignal): Promise<Map<string, Got>> {
    const wanted = new Map<string, { from: RemoteState; refs: ChunkRef[] }>();
    for (const { remote, empties = [] } of files) {
      const key = sealKey(remote);
      const entry = wanted.get(key) ?? { from: remote, refs: [] };
      entry.refs.push(...remote.content.refs, ...empties);
      wanted.set(key, entry);
    }
    const got = new Map<string, Got>();
    for (const [key, { from, refs }] of wanted)
      got.set(key, await this.#mustGet().get(refs, from, { signal }));
    return got;
  }

  /** Asked for with the rest, so that who serves them does not learn that nothing is in them. */
  async #withEmpties(of: FileTask): Promise<SmallFile> {
    const { keys: source, space } = this.#parts;
    const keys = await source.keysFor(space, of.remote.author, of.remote.epoch);
    return keys ? { ...of, empties: new EmptyCells(keys, of.task.path, of.file.size) } : of;
  }

  #ready(task: PutTask, file: SmallFile | undefined, got: Map<string, Got>): Prepared | Setback {
    const shape = shapeOf(task);
    const { layout } = this.#parts;
    if (shape === 'link') return { task, shape, stage: layout.stageLink(task.path) };
    if (shape !== 'file') return { task, shape };
    const chunks = got.get(sealKey(task.action.remote));
    if (!file || !chunks) return waiting;
    const pieces = assemble(file, chunks);
    if ('outcome' in pieces) return pieces;
    const refs = new RefLog();
    for (const ref of file.remote.content.refs) refs.add(ref);
    refs.empties = file.empties;
    return { task, shape, stage: layout.stageFile(task.path, file.remote.content), pieces, refs };
  }

  async #large(task: PutTask, signal: AbortSignal): Promise<Prepared[]> {
    const file = fileTask(task);
    if (!file) return [];
    const stage = this.#parts.layout.stageFile(task.path, file.remote.content);
    const done = await this.#stream(file, stage, signal);
    if (done instanceof RefLog) return [{ task, shape: 'file', stage, refs: done }];
    this.#setback(task, done);
    return [];
  }

  async #stream(
    { task, file, remote }: FileTask,
    stage: string,
    signal: AbortSignal,
  ): Promise<RefLog | Setback> {
    const { space, keys: source, disk, state, layout } = this.#parts;
    const keys = await source.keysFor(space, remote.author, remote.epoch);
    if (!keys) return waiting;
    const here = await lstatIfAny(disk, stage);
    if (file.size - (here?.size ?? 0) > (await disk.free(layout.stage))) return problem('DISK_FULL');
    const progress = this.#progressOf(stage, here);
    const parts = {
      disk,
      state,
      getter: this.#mustGet(),
      keys,
      path: task.path,
      remote,
      file,
      stage,
      signal,
    };
    try {
      const done = await new StageStream(parts, progress).run();
      if (done instanceof RefLog) this.#progress.delete(stage);
      else if (done.outcome === 'problem' && done.code === 'CONTENT_MISMATCH') await this.#drop(stage);
      return done;
    } catch (error) {
      const setback = setbackOf(error);
      // After a failed fsync the cache may show bytes that the disk never got: not even a part is kept.
      await this.#drop(stage);
      return setback;
    }
  }

  #progressOf(stage: string, here: Awaited<ReturnType<typeof lstatIfAny>>): StageProgress {
    const known = this.#progress.get(stage);
    const progress = known?.fits(here) ? known : new StageProgress();
    this.#progress.delete(stage);
    this.#progress.set(stage, progress);
    for (const oldest of this.#progress.keys()) {
      if (this.#progress.size <= keptProgress) break;
      this.#progress.delete(oldest);
    }
    return progress;
  }

  async #drop(stage: string): Promise<void> {
    this.#progress.delete(stage);
    await unlinkIfAny(this.#parts.disk, stage);
  }

  #setback({ path, action }: PutTask, setback: Setback): void {
    if (setback.outcome === 'waiting') this.#tally?.withoutContent(path, action.remote);
    else this.#tally?.setback(path, setback);
    if (setback.outcome !== 'problem' || setback.code !== 'CONTENT_MISMATCH') return;
    this.#parts.refused.add(path, action.remote, String(setback.details.rule));
  }

  #mustGet(): ChunkGetter {
    if (!this.#getter) throw new DongboError('INVARIANT', { what: 'begin() comes first' });
    return this.#getter;
  }
}

const sealKey = (r: Pick<RemoteState, 'author' | 'epoch'>): string => `${originKey(r.author)}/${r.epoch}`;

function fileTask(task: PutTask): FileTask | undefined {
  const { remote } = task.action;
  const { state, content } = remote;
  return state.kind === 'file' && content ? { task, file: state, remote: { ...remote, content } } : undefined;
}

/** The pieces of a small file, when all are there and together are what the publisher signed. */
function assemble({ file, remote }: FileTask, { plain, tampered }: Got): Uint8Array[] | Setback {
  const pieces: Uint8Array[] = [];
  for (const { id, length } of remote.content.refs) {
    const piece = plain.get(id);
    if (!piece) return tampered.has(id) ? problem('CHUNK_TAMPERED') : waiting;
    if (piece.length !== length) return problem('CONTENT_MISMATCH', { rule: 'chunk length' });
    pieces.push(piece);
  }
  const whole = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  if (whole.length !== file.size) return problem('CONTENT_MISMATCH', { rule: 'size' });
  if (hash('sha256', whole, 'hex') !== file.sha256) return problem('CONTENT_MISMATCH', { rule: 'SHA-256' });
  return [whole];
}

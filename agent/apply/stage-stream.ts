/**
 * A file streamed into its stage file, window by window. The stage file is always a prefix of the file: after a
 * restart it is read again and kept as far as its chunks still have their ids, so nothing staged is trusted, and
 * nothing that holds is fetched twice.
 */
import { EmptyCells, maxPlainOf, rulesOf } from '#agent/core/cells.ts';
import { walkContent } from '#agent/core/chunk-list.ts';
import { DongboError, isCode } from '#agent/core/errors.ts';
import type { ChunkId } from '#agent/core/ids.ts';
import type { ChunkRef, Content, ItemState, RemoteState } from '#agent/core/item.ts';
import { maxChunk } from '#agent/core/sealed-chunk.ts';
import type { Disk, DiskFile } from '#agent/sys/disk.ts';
import type { ChunkGetter, Got } from './chunk-getter.ts';
import { durably } from './failure.ts';
import { readFully } from './local-chunks.ts';
import type { ApplyKeys, ApplyState } from './ports.ts';
import type { RefLog } from './ref-log.ts';
import type { StageProgress } from './stage-progress.ts';
import { finishStage, openStage } from './stage-small.ts';
import { problem, type Setback, waiting } from './task.ts';

/** Bytes of one window; two are in flight, so that a crash costs at most their double. */
const windowBytes = 2 * 1024 * 1024;
/** Lists are kept in the index at once by so many, so that they are not fetched again either. */
const listsPerBatch = 16;
const emptiesPerGet = 128;

export interface StreamParts {
  readonly disk: Disk;
  readonly state: ApplyState;
  readonly getter: ChunkGetter;
  readonly keys: ApplyKeys;
  readonly path: string;
  readonly remote: RemoteState & { readonly content: Content };
  readonly file: Extract<ItemState, { kind: 'file' }>;
  readonly stage: string;
  readonly signal: AbortSignal;
}

interface Window {
  readonly refs: readonly ChunkRef[];
  readonly got: Promise<Got>;
}

export class StageStream {
  readonly #parts: StreamParts;
  readonly #progress: StageProgress;
  #window: ChunkRef[] = [];
  #windowBytes = 0;
  #inFlight: Window | undefined;
  #unsaved: ChunkId[] = [];

  constructor(parts: StreamParts, progress: StageProgress) {
    this.#parts = parts;
    this.#progress = progress;
  }

  /** The chunks of the complete, verified and durable stage file, or why it is not that yet. */
  async run(): Promise<RefLog | Setback> {
    const { disk, stage } = this.#parts;
    await using file = await openStage(disk, stage);
    try {
      await this.#progress.begin(file);
      const setback = await this.#stream(file);
      return setback ?? (await this.#finish(file));
    } catch (error) {
      return setbackOfContent(error);
    } finally {
      await this.#inFlight?.got.catch(() => undefined);
      await this.#saveLists();
      await this.#progress.pause(file);
    }
  }

  async #stream(file: DiskFile): Promise<Setback | undefined> {
    const { remote, keys, signal } = this.#parts;
    const { size } = this.#parts.file;
    let at = 0;
    const load = (id: ChunkId) => this.#list(id);
    for await (const ref of walkContent(remote.content, load, size, rulesOf(keys.form))) {
      signal.throwIfAborted();
      const staged = at < this.#progress.offset || (await this.#stagedHolds(file, ref));
      at += ref.length;
      if (!staged) await this.#want(file, ref);
    }
    await this.#nextWindow(file);
    await this.#nextWindow(file);
    await this.#getEmpties(size);
    return undefined;
  }

  /** Nothing is in them: they are asked for so that who serves them does not learn which they are. */
  async #getEmpties(size: number): Promise<void> {
    const { keys, path } = this.#parts;
    const empties = new EmptyCells(keys, path, size);
    let some: ChunkRef[] = [];
    for (const cell of empties) {
      some.push(cell);
      if (some.length < emptiesPerGet) continue;
      await this.#get(some);
      some = [];
    }
    if (some.length > 0) await this.#get(some);
    this.#progress.refs.empties = empties;
  }

  /** Takes over a chunk that an earlier run left behind the verified prefix; the first one that fails ends this. */
  async #stagedHolds(file: DiskFile, ref: ChunkRef): Promise<boolean> {
    const progress = this.#progress;
    if (progress.toVerify < ref.length) {
      await progress.endVerify(file);
      return false;
    }
    const bytes = new Uint8Array(Math.min(ref.length, maxPlainOf(this.#parts.keys.form)));
    const { keys, path } = this.#parts;
    const place = { path, offset: progress.offset };
    const holds = await readFully(file, bytes, place.offset);
    if (!holds || keys.idOf(bytes, place) !== ref.id) {
      await progress.endVerify(file);
      return false;
    }
    progress.verified(ref, bytes);
    return true;
  }

  async #want(file: DiskFile, ref: ChunkRef): Promise<void> {
    this.#window.push(ref);
    this.#windowBytes += ref.length;
    if (this.#windowBytes >= windowBytes) await this.#nextWindow(file);
  }

  /** Asks for the window that is full and writes the one before. */
  async #nextWindow(file: DiskFile): Promise<void> {
    const before = this.#inFlight;
    const refs = this.#window;
    this.#window = [];
    this.#windowBytes = 0;
    this.#inFlight = refs.length > 0 ? { refs, got: this.#get(refs) } : undefined;
    // A failure is met when the window is awaited.
    this.#inFlight?.got.catch(() => undefined);
    if (before) await this.#write(file, before);
  }

  #get(refs: Iterable<ChunkRef>): Promise<Got> {
    const { getter, remote, signal } = this.#parts;
    return getter.get(refs, remote, { signal, neighbours: true });
  }

  async #write(file: DiskFile, { refs, got }: Window): Promise<void> {
    const { plain, tampered } = await got;
    const pieces: Uint8Array[] = [];
    let failure: DongboError | undefined;
    for (const { id, length } of refs) {
      const bytes = plain.get(id);
      if (!bytes) failure = absent(tampered.has(id));
      else if (bytes.length !== length) failure = mismatch('chunk length');
      if (!bytes || failure) break;
      pieces.push(bytes);
    }
    // What came before the first that is missing is kept.
    const writing = file.writeAll(pieces, this.#progress.offset);
    await this.#progress.written(refs, pieces, writing);
    if (failure) throw failure;
  }

  async #list(id: ChunkId): Promise<Uint8Array> {
    const known = this.#progress.refs.lists.get(id);
    if (known) return known;
    const { plain, tampered } = await this.#get([{ id, length: maxChunk }]);
    const list = plain.get(id);
    if (!list) throw absent(tampered.has(id));
    this.#progress.refs.lists.set(id, list);
    this.#unsaved.push(id);
    if (this.#unsaved.length >= listsPerBatch) await this.#saveLists();
    return list;
  }

  async #saveLists(): Promise<void> {
    if (this.#unsaved.length === 0) return;
    const { state, path } = this.#parts;
    const batch = state.batch();
    for (const id of this.#unsaved) {
      const list = this.#progress.refs.lists.get(id);
      if (list) batch.addLocation(id, { path, list });
    }
    this.#unsaved = [];
    await batch.commit();
  }

  async #finish(file: DiskFile): Promise<RefLog> {
    const { disk, stage } = this.#parts;
    const state = this.#parts.file;
    await file.truncate(state.size);
    if (this.#progress.digest() !== state.sha256) throw mismatch('SHA-256');
    await finishStage(disk, stage, state);
    await durably(() => file.sync());
    return this.#progress.refs;
  }
}

const absent = (tampered: boolean) => new DongboError(tampered ? 'CHUNK_TAMPERED' : 'CHUNK_MISSING');
const mismatch = (rule: string) => new DongboError('CONTENT_MISMATCH', { rule });

/** What the publisher's own words or a source's bytes lead to; all else is thrown on. */
function setbackOfContent(error: unknown): Setback {
  if (isCode(error, 'CHUNK_MISSING')) return waiting;
  if (isCode(error, 'CHUNK_TAMPERED')) return problem(error.code);
  if (isCode(error, 'CONTENT_MISMATCH')) return problem(error.code, error.details);
  if (isCode(error, 'CODEC_MALFORMED')) return problem('CONTENT_MISMATCH', { rule: 'list of chunks' });
  throw error;
}

/**
 * Where sealed chunks rest: packs of at most 64 MiB, indexed in the state's LevelDB. Only ciphertext comes here, and
 * nobody here can tell whether it is what its id names: each node's copy of a chunk is kept apart from the others'.
 */
import { DongboError } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { ChunkId, NodeId, SpaceId } from '#agent/core/ids.ts';
import { maxSealedChunk, type SealedChunk } from '#agent/core/sealed-chunk.ts';
import { makeDirDurable } from '#agent/sys/durable.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { type Copy, type CopyKey, copyKey, copyOf, type Pusher, pusherOf } from './copy-key.ts';
import { Mutex } from './mutex.ts';
import { PackFiles } from './pack-files.ts';
import { sealedIn } from './pack-record.ts';
import type { State } from './state.ts';
import { type Located, samePlace, VaultIndex } from './vault-index.ts';
import { reserveBytes, usual, type VaultOptions, waitingFor } from './vault-options.ts';
import { readRun, runsOf } from './vault-read.ts';
import { repairVault } from './vault-repair.ts';
import { WaitingCopies } from './waiting-copies.ts';
import { type NewChunk, VaultWriter } from './vault-writer.ts';

interface Waiting {
  readonly chunks: readonly NewChunk[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Puts that come together are made durable together, up to about this many bytes. */
const groupBytes = 8 * 1024 * 1024;
const lookedUpAtOnce = 256;
const droppedAtOnce = 4096;
/** Copies of one chunk that are given out when there is none of its author's. */
export const maxCopies = 4;

export class Vault implements AsyncDisposable {
  readonly #files: PackFiles;
  readonly #index: VaultIndex;
  readonly #writer: VaultWriter;
  readonly #emit: Emit;
  /** Held by whatever changes packs or index. */
  readonly #changes = new Mutex();
  /** Each waits for its own put, so callers bound it. */
  #queue: Waiting[] = [];
  #draining = false;

  readonly #dir: string;
  readonly #options: VaultOptions;
  /** Of an agent: a relay keeps everything. */
  readonly #waiting: WaitingCopies | undefined;
  #free = Number.POSITIVE_INFINITY;

  private constructor(dir: string, files: PackFiles, index: VaultIndex, options: VaultOptions) {
    this.#dir = dir;
    this.#options = options;
    const { emit, keeps } = options;
    this.#waiting = keeps === 'waiting' ? new WaitingCopies(() => waitingFor(this.#free)) : undefined;
    this.#files = files;
    this.#index = index;
    this.#writer = new VaultWriter(files, index);
    this.#emit = emit;
  }

  /** Makes `dir` when absent. Chunks that have been lost on disk are noted (VAULT_DAMAGED) and missing from then on. */
  static async open(dir: string, state: State, more: Partial<VaultOptions> | Emit = {}): Promise<Vault> {
    const options = { ...usual, ...(typeof more === 'function' ? { emit: more } : more) };
    const { emit } = options;
    await makeDirDurable(dir, 0o700);
    const files = new PackFiles(dir);
    const index = await VaultIndex.open(state.db);
    const lost = await repairVault(files, index);
    if (lost > 0) emit({ type: 'note', code: 'VAULT_DAMAGED', details: { chunks: lost } });
    const vault = new Vault(dir, files, index, options);
    await vault.#eraseSoon();
    await vault.#countWaiting();
    return vault;
  }

  /** Those of `ids` of which there is no copy that `from` pushed, in the order asked. */
  async missing(space: SpaceId, from: NodeId, ids: readonly ChunkId[]): Promise<ChunkId[]> {
    const found = await this.#index.find(keysOf(space, from, ids));
    return ids.filter((_, i) => !found[i]);
  }

  /**
   * Copies that `from` pushed. Durable on return. What is here already of the same node is left as it is. Throws
   * DISK_FULL, VAULT_WRITE_FAILED.
   */
  async put(space: SpaceId, from: NodeId, chunks: readonly SealedChunk[]): Promise<void> {
    if (chunks.length === 0) return;
    if (chunks.some(({ sealed }) => sealed.length > maxSealedChunk)) {
      throw new DongboError('INVARIANT', { what: 'a sealed chunk beyond its bound' });
    }
    const pusher = pusherOf(from);
    const wanted = chunks.map(({ id, sealed }) => ({ key: copyKey(space, id, pusher), sealed }));
    const done = Promise.withResolvers<void>();
    this.#queue.push({ chunks: wanted, resolve: done.resolve, reject: done.reject });
    if (!this.#draining) void this.#drain();
    return done.promise;
  }

  /**
   * Of each chunk the copy that its author pushed, or else at most `maxCopies` of others', one after the other. The
   * authors' come first, each part in the order asked. What is not as it was put is forgotten and noted (VAULT_DAMAGED).
   */
  async *copies(space: SpaceId, author: NodeId, ids: readonly ChunkId[]): AsyncGenerator<Copy> {
    for (let from = 0; from < ids.length; from += lookedUpAtOnce) {
      const left = new Set(ids.slice(from, from + lookedUpAtOnce));
      for await (const copy of this.#read(await this.#index.located(keysOf(space, author, [...left])))) {
        left.delete(copy.id);
        yield copy;
      }
      if (left.size === 0) continue;
      const others = await this.#index.copies(space, [...left], maxCopies);
      yield* this.#read(others.flat());
    }
  }

  /** Forgets chunks, whoever pushed them. Durable on return; bytes that the disk does not let go yet go later. */
  async drop(space: SpaceId, ids: readonly ChunkId[]): Promise<void> {
    const all = [...new Set(ids)];
    for (let from = 0; from < all.length; from += droppedAtOnce) {
      await this.#changes.run(() => this.#dropAll(space, all.slice(from, from + droppedAtOnce)));
    }
    if (all.length > 0) await this.#eraseSoon();
  }

  /** As `drop`, of these copies alone. */
  async dropCopies(space: SpaceId, copies: readonly Pick<Copy, 'id' | 'from'>[]): Promise<void> {
    if (copies.length === 0) return;
    const keys = copies.map(({ id, from }) => copyKey(space, id, from));
    await this.#changes.run(() => this.#writer.drop(keys));
    for (const key of keys) this.#waiting?.remove(key);
  }

  /**
   * The copies that `from` pushed are gone from the disk on return, those of others stay. Returns how many there were.
   * Throws VAULT_WRITE_FAILED: then they are forgotten, and their bytes may be there still.
   */
  async withdraw(space: SpaceId, from: NodeId, ids: readonly ChunkId[]): Promise<number> {
    const keys = keysOf(space, from, ids);
    return this.#changes.run(async () => {
      const found = await this.#index.located(keys);
      await this.#writer.drop(keys);
      for (const key of keys) this.#waiting?.remove(key);
      try {
        await this.#writer.erase();
      } catch (error) {
        throw eraseFailure(error);
      }
      return found.length;
    });
  }

  /** Tried again at the next drop, and at the next start. */
  async #eraseSoon(): Promise<void> {
    await this.#changes.run(() => this.#writer.erase()).catch((error: unknown) => void eraseFailure(error));
  }

  /** Bytes that the chunks here take on disk. */
  bytes(): number {
    let sum = 0;
    for (const { live } of this.#index.packs.values()) sum += live;
    return sum;
  }

  /** Waits for what is being written. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#changes.run(() => this.#writer[Symbol.asyncDispose]());
    await this.#files[Symbol.asyncDispose]();
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#queue.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#changes.run(() => this.#putGroup(group.flatMap((w) => w.chunks)));
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#draining = false;
  }

  /** Some of the disk is left alone: what else this node writes there must go on. */
  async #putGroup(chunks: readonly NewChunk[]): Promise<void> {
    const bytes = chunks.reduce((sum, { sealed }) => sum + sealed.length, 0);
    this.#free = await this.#options.free(this.#dir);
    if (this.#free - bytes < reserveBytes)
      throw new DongboError('DISK_FULL', { free: this.#free, reserve: reserveBytes }, { retry: 'later' });
    await this.#writer.put(chunks);
    if (!this.#waiting) return;
    const now = this.#options.clock.monotonic();
    for (const { key, sealed } of chunks) this.#waiting.add(key, sealed.length, now);
    await this.#dropDue();
  }

  /** After a start, whatever was brought before counts as brought now. */
  async #countWaiting(): Promise<void> {
    if (!this.#waiting) return;
    const now = this.#options.clock.monotonic();
    this.#free = await this.#options.free(this.#dir);
    for await (const { key, place } of this.#index.all()) this.#waiting.add(key, place.length, now);
    await this.tidy();
  }

  /** What was brought to an agent and nothing has named for too long goes. Call now and then. */
  async tidy(): Promise<void> {
    const due = this.#waiting?.due(this.#options.clock.monotonic()) ?? [];
    if (due.length === 0) return;
    await this.#changes.run(() => this.#dropDue());
    await this.#eraseSoon();
  }

  async #dropDue(): Promise<void> {
    const due = this.#waiting?.due(this.#options.clock.monotonic()) ?? [];
    for (let from = 0; from < due.length; from += droppedAtOnce)
      await this.#writer.drop(due.slice(from, from + droppedAtOnce));
    for (const key of due) this.#waiting?.remove(key);
    if (due.length > 0) this.#emit({ type: 'note', code: 'CHUNKS_UNNAMED', details: { chunks: due.length } });
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { chunks } of this.#queue) {
      if (count > 0 && bytes >= groupBytes) break;
      bytes += chunks.reduce((sum, { sealed }) => sum + sealed.length, 0);
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  /** In the order asked; neighbours in a pack are read together. */
  async *#read(wanted: readonly Located[]): AsyncGenerator<Copy> {
    for (const run of runsOf(wanted)) {
      for (const { key, sealed } of await readRun(this.#files, run)) {
        const bytes = sealed ?? (await this.#readAgain(key));
        if (bytes) yield copyOf(key, bytes);
      }
    }
  }

  /** It may have been moved to another pack in the meantime. */
  async #readAgain(key: CopyKey): Promise<Uint8Array | undefined> {
    let [place] = await this.#index.find([key]);
    while (place) {
      const record = await this.#files.read(place.pack, place.offset, place.length);
      const sealed = record && sealedIn(record, key);
      if (sealed) return sealed;
      const [now] = await this.#index.find([key]);
      if (samePlace(now, place)) return this.#forget(key);
      place = now;
    }
    return undefined;
  }

  async #dropAll(space: SpaceId, ids: readonly ChunkId[]): Promise<void> {
    for (;;) {
      const found = await this.#index.copies(space, ids, maxCopies);
      await this.#writer.drop(found.flat().map(({ key }) => key));
      for (const { key } of found.flat()) this.#waiting?.remove(key);
      if (found.every(({ length }) => length < maxCopies)) return;
    }
  }

  async #forget(key: CopyKey): Promise<undefined> {
    await this.#changes.run(() => this.#writer.drop([key]));
    this.#emit({ type: 'note', code: 'VAULT_DAMAGED', details: { chunks: 1 } });
    return undefined;
  }
}

/** Of what no system call has refused, the fault is ours. */
function eraseFailure(error: unknown): DongboError {
  const errno = errnoCode(error);
  if (errno === undefined || error instanceof DongboError) throw error;
  return new DongboError('VAULT_WRITE_FAILED', { errno }, { retry: 'later', cause: error });
}

function keysOf(space: SpaceId, from: NodeId, ids: readonly ChunkId[]): CopyKey[] {
  const pusher: Pusher = pusherOf(from);
  return ids.map((id) => copyKey(space, id, pusher));
}

/** Where sealed chunks rest: packs of at most 64 MiB, indexed in the state's LevelDB. Only ciphertext comes here. */
import { DongboError } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { ChunkId, SpaceId } from '#agent/core/ids.ts';
import { maxSealedChunk, type SealedChunk } from '#agent/core/sealed-chunk.ts';
import { makeDirDurable } from '#agent/sys/durable.ts';
import { Mutex } from './mutex.ts';
import { PackFiles } from './pack-files.ts';
import { sealedIn } from './pack-record.ts';
import type { State } from './state.ts';
import { chunkKey, samePlace, VaultIndex } from './vault-index.ts';
import { readRun, runsOf } from './vault-read.ts';
import { repairVault } from './vault-repair.ts';
import { type NewChunk, VaultWriter } from './vault-writer.ts';

interface Waiting {
  readonly chunks: readonly NewChunk[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Puts that come together are made durable together, up to about this many bytes. */
const groupBytes = 8 * 1024 * 1024;
const lookedUpAtOnce = 256;

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

  private constructor(files: PackFiles, index: VaultIndex, emit: Emit) {
    this.#files = files;
    this.#index = index;
    this.#writer = new VaultWriter(files, index);
    this.#emit = emit;
  }

  /** Makes `dir` when absent. Chunks that have been lost on disk are noted (VAULT_DAMAGED) and missing from then on. */
  static async open(dir: string, state: State, emit: Emit = () => undefined): Promise<Vault> {
    await makeDirDurable(dir, 0o700);
    const files = new PackFiles(dir);
    const index = await VaultIndex.open(state.db);
    const lost = await repairVault(files, index);
    if (lost > 0) emit({ type: 'note', code: 'VAULT_DAMAGED', details: { chunks: lost } });
    return new Vault(files, index, emit);
  }

  /** Those of `ids` that are not here, in the order asked. */
  async missing(space: SpaceId, ids: readonly ChunkId[]): Promise<ChunkId[]> {
    const found = await this.#index.find(ids.map((id) => chunkKey(space, id)));
    return ids.filter((_, i) => !found[i]);
  }

  /** Durable on return. What is here already is left as it is. Throws DISK_FULL, VAULT_WRITE_FAILED. */
  async put(space: SpaceId, chunks: readonly SealedChunk[]): Promise<void> {
    if (chunks.length === 0) return;
    if (chunks.some(({ sealed }) => sealed.length > maxSealedChunk)) {
      throw new DongboError('INVARIANT', { what: 'a sealed chunk beyond its bound' });
    }
    const wanted = chunks.map(({ id, sealed }) => ({ space, id, sealed }));
    const done = Promise.withResolvers<void>();
    this.#queue.push({ chunks: wanted, resolve: done.resolve, reject: done.reject });
    if (!this.#draining) void this.#drain();
    return done.promise;
  }

  /** Undefined when it is not here, or no longer as it was put: then it is forgotten and noted (VAULT_DAMAGED). */
  async get(space: SpaceId, id: ChunkId): Promise<Uint8Array | undefined> {
    const key = chunkKey(space, id);
    let [place] = await this.#index.find([key]);
    while (place) {
      const record = await this.#files.read(place.pack, place.offset, place.length);
      const sealed = record && sealedIn(record, space, id);
      if (sealed) return sealed;
      // It may have been moved to another pack in the meantime.
      const [now] = await this.#index.find([key]);
      if (samePlace(now, place)) return this.#forget(space, id);
      place = now;
    }
    return undefined;
  }

  /** Those of `ids` that are here, in the order asked; neighbours in a pack are read together. */
  async *many(space: SpaceId, ids: readonly ChunkId[]): AsyncGenerator<SealedChunk> {
    for (let from = 0; from < ids.length; from += lookedUpAtOnce) {
      const some = ids.slice(from, from + lookedUpAtOnce);
      const places = await this.#index.find(some.map((id) => chunkKey(space, id)));
      for (const run of runsOf(some, places)) {
        for (const { id, sealed } of await readRun(this.#files, space, run)) {
          const bytes = sealed ?? (await this.get(space, id));
          if (bytes) yield { id, sealed: bytes };
        }
      }
    }
  }

  /** Forgets chunks; their bytes go when most of their pack is dropped. Durable on return. */
  async drop(space: SpaceId, ids: readonly ChunkId[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#changes.run(() => this.#writer.drop([...new Set(ids)].map((id) => chunkKey(space, id))));
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
        await this.#changes.run(() => this.#writer.put(group.flatMap((w) => w.chunks)));
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#draining = false;
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

  async #forget(space: SpaceId, id: ChunkId): Promise<undefined> {
    await this.#changes.run(() => this.#writer.drop([chunkKey(space, id)]));
    this.#emit({ type: 'note', code: 'VAULT_DAMAGED', details: { chunks: 1 } });
    return undefined;
  }
}

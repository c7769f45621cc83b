/**
 * Chunks out of this disk's own files, found by the index of locations. A location is a hint: what is read counts
 * only when the epoch's keyed hash gives the same id again, so a file that changed since is never served or copied.
 */
import { join } from 'node:path';
import { maxPlainOf } from '#agent/core/cells.ts';
import type { ChunkId, NodeId, Origin } from '#agent/core/ids.ts';
import type { Row } from '#agent/core/item.ts';
import { type ChunkPlace, maxChunk, type SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { Disk, DiskFile } from '#agent/sys/disk.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { away, orAway } from './or-away.ts';
import type { ApplyKeys, Location, LocationIndex } from './ports.ts';

export interface LocalChunksParts {
  readonly root: string;
  readonly disk: Disk;
  readonly state: LocationIndex;
  readonly keysFor: (origin: Origin, epoch: number) => Promise<ApplyKeys | undefined>;
  /** Whether what a file holds may still go to others under a class; asked before it is opened. All may when absent. */
  readonly serves?: (path: string, row: Row, sealedAs: string) => Promise<boolean>;
}

export class LocalChunks {
  readonly #parts: LocalChunksParts;

  constructor(parts: LocalChunksParts) {
    this.#parts = { ...parts, disk: parts.disk.within(parts.root) };
  }

  /** The verified plaintext; undefined when this disk no longer holds it, or the epoch's keys are not ours. */
  async plain(origin: Origin, epoch: number, id: ChunkId): Promise<Uint8Array | undefined> {
    return (await this.plains(origin, epoch, [id])).get(id);
  }

  /** The verified plaintexts of those that this disk still holds and that are no longer than `most` says. */
  async plains(
    origin: Origin,
    epoch: number,
    ids: readonly ChunkId[],
    most?: ReadonlyMap<ChunkId, number>,
  ): Promise<Map<ChunkId, Uint8Array>> {
    const held = new Map<ChunkId, Uint8Array>();
    const keys = await this.#parts.keysFor(origin, epoch);
    if (!keys) return held;
    const places = await this.#parts.state.locationsOf(ids);
    await using files = new LastFile(this.#parts);
    for (const [i, id] of ids.entries()) {
      const fitting = (places[i] ?? []).filter((place) => lengthOf(place) <= (most?.get(id) ?? maxChunk));
      const found = await firstThatHolds(fitting, keys, id, files);
      if (found) held.set(id, found.plain);
    }
    return held;
  }

  async sealed(origin: Origin, epoch: number, id: ChunkId): Promise<SealedChunk | undefined> {
    const keys = await this.#parts.keysFor(origin, epoch);
    if (!keys) return undefined;
    await using files = new LastFile(this.#parts);
    return sealedOf(await firstThatHolds(await this.#parts.state.locations(id), keys, id, files), keys, id);
  }

  /** As `sealed`, for one who knows no epoch: the rows of its locations say under which it was named. */
  async sealedById(author: NodeId, id: ChunkId): Promise<SealedChunk | undefined> {
    await using files = new LastFile(this.#parts);
    for (const location of await this.#parts.state.locations(id)) {
      const row = (await this.#parts.state.row(location.path)) ?? {};
      const { local } = row;
      if (!local?.sealedBy || local.epoch === undefined || local.sealedBy.node !== author) continue;
      const keys = await this.#parts.keysFor(local.sealedBy, local.epoch);
      if (!keys || (await this.#parts.serves?.(location.path, row, keys.labelClass)) === false) continue;
      const sealed = sealedOf(await firstThatHolds([location], keys, id, files), keys, id);
      if (sealed) return sealed;
    }
    return undefined;
  }

  /** Whether the index knows a place for it; the bytes are looked at only when they are needed. */
  async holds(id: ChunkId): Promise<boolean> {
    return (await this.#parts.state.locations(id)).length > 0;
  }
}

const lengthOf = (place: Location): number => ('list' in place ? place.list.length : place.length);

interface FoundChunk {
  readonly plain: Uint8Array;
  /** Undefined for a list. */
  readonly place: ChunkPlace | undefined;
}

function sealedOf(found: FoundChunk | undefined, keys: ApplyKeys, id: ChunkId): SealedChunk | undefined {
  if (!found) return undefined;
  const sealed = orAway(() => keys.sealChunk(id, found.plain, found.place));
  return sealed === away ? undefined : { id, sealed };
}

async function firstThatHolds(
  locations: readonly Location[],
  keys: ApplyKeys,
  id: ChunkId,
  files: LastFile,
): Promise<FoundChunk | undefined> {
  for (const location of locations) {
    const isList = 'list' in location;
    const plain = isList ? location.list : await files.read(location);
    const place = isList ? undefined : location;
    // The id is a publisher's word: it may name a piece of another epoch that no piece of this form can be.
    if (plain && plain.length <= maxPlainOf(keys.form) && orAway(() => keys.idOf(plain, place)) === id)
      return { plain, place };
  }
  return undefined;
}

/** Reads pieces of files; the file of the last one stays open, since neighbours are asked for together. */
class LastFile implements AsyncDisposable {
  readonly #parts: LocalChunksParts;
  #path: string | undefined;
  #file: DiskFile | undefined;

  constructor(parts: LocalChunksParts) {
    this.#parts = parts;
  }

  async read({
    path,
    offset,
    length,
  }: Exclude<Location, { list: unknown }>): Promise<Uint8Array | undefined> {
    if (length > maxChunk) return undefined;
    try {
      const file = await this.#open(path);
      const bytes = new Uint8Array(length);
      return (await readFully(file, bytes, offset)) ? bytes : undefined;
    } catch (error) {
      // A hint that leads nowhere is no failure: the chunk is fetched instead.
      if (errnoCode(error) !== undefined) return undefined;
      throw error;
    }
  }

  async #open(path: string): Promise<DiskFile> {
    if (this.#file && this.#path === path) return this.#file;
    await this[Symbol.asyncDispose]();
    this.#file = await this.#parts.disk.openRead(join(this.#parts.root, path));
    this.#path = path;
    return this.#file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.[Symbol.asyncDispose]();
  }
}

/** False at an early end of the file. */
export async function readFully(
  file: { read(into: Uint8Array, position: number): Promise<number> },
  into: Uint8Array,
  position: number,
): Promise<boolean> {
  let done = 0;
  while (done < into.length) {
    const count = await file.read(into.subarray(done), position + done);
    if (count === 0) return false;
    done += count;
  }
  return true;
}

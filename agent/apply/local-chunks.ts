/**
 * Chunks out of this disk's own files, found by the index of locations. A location is a hint: what is read counts
 * only when the epoch's keyed hash gives the same id again, so a file that changed since is never served or copied.
 */
import { join } from 'node:path';
import type { ChunkId, Origin } from '#agent/core/ids.ts';
import { maxChunk, type SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import type { ApplyKeys, Location, LocationIndex } from './ports.ts';

export interface LocalChunksParts {
  readonly root: string;
  readonly disk: Disk;
  readonly state: LocationIndex;
  readonly keysFor: (origin: Origin, epoch: number) => Promise<ApplyKeys | undefined>;
}

export class LocalChunks {
  readonly #parts: LocalChunksParts;

  constructor(parts: LocalChunksParts) {
    this.#parts = parts;
  }

  /** The verified plaintext; undefined when this disk no longer holds it, or the epoch's keys are not ours. */
  async plain(origin: Origin, epoch: number, id: ChunkId): Promise<Uint8Array | undefined> {
    const locations = await this.#parts.state.locations(id);
    if (locations.length === 0) return undefined;
    const keys = await this.#parts.keysFor(origin, epoch);
    return keys && this.#firstThatHolds(locations, keys, id);
  }

  async sealed(origin: Origin, epoch: number, id: ChunkId): Promise<SealedChunk | undefined> {
    const plain = await this.plain(origin, epoch, id);
    const keys = plain && (await this.#parts.keysFor(origin, epoch));
    return keys && { id, sealed: keys.sealChunk(id, plain) };
  }

  /** As `sealed`, for one who knows the id alone: the rows of its locations say under which epoch it was named. */
  async sealedById(id: ChunkId): Promise<SealedChunk | undefined> {
    for (const location of await this.#parts.state.locations(id)) {
      const local = (await this.#parts.state.row(location.path))?.local;
      if (!local?.sealedBy || local.epoch === undefined) continue;
      const keys = await this.#parts.keysFor(local.sealedBy, local.epoch);
      const plain = keys && (await this.#firstThatHolds([location], keys, id));
      if (plain) return { id, sealed: keys.sealChunk(id, plain) };
    }
    return undefined;
  }

  /** Whether the index knows a place for it; the bytes are looked at only when they are needed. */
  async holds(id: ChunkId): Promise<boolean> {
    return (await this.#parts.state.locations(id)).length > 0;
  }

  async #firstThatHolds(
    locations: readonly Location[],
    keys: ApplyKeys,
    id: ChunkId,
  ): Promise<Uint8Array | undefined> {
    for (const location of locations) {
      const plain = await this.#read(location);
      if (plain && keys.idOf(plain) === id) return plain;
    }
    return undefined;
  }

  async #read(location: Location): Promise<Uint8Array | undefined> {
    if ('list' in location) return location.list;
    const { path, offset, length } = location;
    if (length > maxChunk) return undefined;
    try {
      await using file = await this.#parts.disk.openRead(join(this.#parts.root, path));
      const bytes = new Uint8Array(length);
      return (await readFully(file, bytes, offset)) ? bytes : undefined;
    } catch (error) {
      // A hint that leads nowhere is no failure: the chunk is fetched instead.
      if (errnoCode(error) !== undefined) return undefined;
      throw error;
    }
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

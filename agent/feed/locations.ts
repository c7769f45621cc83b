/**
 * The index from chunks to the files of this node that hold them. Files go by number, and dropping all places of a
 * path only takes its number away, whatever the size of the file; each later commit sweeps up a bounded part of what
 * then leads nowhere. A place is a hint: the reader hashes what it finds there.
 */
import { bytesOf, type ChunkId } from '#agent/core/ids.ts';
import type { Op } from './db.ts';
import { numberAsBytes, numberFrom } from './keys.ts';
import { decodePlace, encodePlace, type Location } from './location.ts';
import { decodeSuperseded, encodeSuperseded, OwedQueue, type Superseded } from './owed-drops.ts';
import type { SpaceCore } from './space-core.ts';

/** Enough to survive files that changed since; a chunk of zeros may lie in very many. */
const maxLocations = 16;
/** Some of them may lead nowhere until they are swept up. */
const maxSearched = 64;
const sweptPerCommit = 4096;
const idBytes = 32;
const nothing = new Uint8Array();

export async function findLocations(core: SpaceCore, id: ChunkId): Promise<Location[]> {
  const [found = []] = await findManyLocations(core, [id]);
  return found;
}

/** In the order of `ids`. */
export async function findManyLocations(core: SpaceCore, ids: readonly ChunkId[]): Promise<Location[][]> {
  const { db, keys } = core;
  const places = await db.firstOf(
    ids.map((id) => keys.places(id)),
    maxSearched,
  );
  const files = [...new Set(places.flat().map(([key]) => numberFrom(key, -6)))];
  const paths = await db.getMany(files.map(keys.filePath));
  const byNumber = new Map(files.map((file, i) => [file, paths[i]]));
  return places.map((entries) => {
    const found = entries.flatMap(([key, value]) => {
      const path = byNumber.get(numberFrom(key, -6));
      return path ? [decodePlace(Buffer.from(path).toString('utf8'), value)] : [];
    });
    return found.slice(0, maxLocations);
  });
}

/** The changes of one batch. */
export class LocationChanges {
  readonly #core: SpaceCore;
  readonly #dropped = new Map<string, Superseded | undefined>();
  readonly #owed: { readonly id: ChunkId; readonly superseded: Superseded }[] = [];
  readonly #added = new Map<string, Map<ChunkId, Location>>();

  constructor(core: SpaceCore) {
    this.#core = core;
  }

  /** Also what this batch added for the path before. `superseded`: their chunks are this node's, and go from others too. */
  drop(path: string, superseded?: Superseded): void {
    this.#added.delete(path);
    this.#dropped.set(path, superseded ?? this.#dropped.get(path));
  }

  /** Chunks that peers are to drop, wherever their places are. */
  owe(ids: readonly ChunkId[], superseded: Superseded): void {
    for (const id of ids) this.#owed.push({ id, superseded });
  }

  /** A chunk that occurs twice in one file has one place in it. */
  add(id: ChunkId, location: Location): void {
    let places = this.#added.get(location.path);
    if (!places) {
      places = new Map();
      this.#added.set(location.path, places);
    }
    places.set(id, location);
  }

  /** Called under the commit lock. */
  async ops(): Promise<Op[]> {
    const ops: Op[] = [];
    const numbers = await this.#numbers([...new Set([...this.#dropped.keys(), ...this.#added.keys()])]);
    for (const [path, superseded] of this.#dropped) this.#pushDrop(ops, path, { numbers, superseded });
    for (const [path, places] of this.#added) await this.#pushAdded(ops, path, places, numbers);
    const owed = await OwedQueue.open(this.#core);
    for (const { id, superseded } of this.#owed) ops.push(...owed.put(bytesOf(id), superseded));
    await this.#pushSweep(ops, owed);
    return ops;
  }

  async #numbers(paths: readonly string[]): Promise<Map<string, number>> {
    const { db, keys } = this.#core;
    const values = await db.getMany(paths.map(keys.fileNumber));
    const numbers = new Map<string, number>();
    paths.forEach((path, i) => {
      const value = values[i];
      if (value) numbers.set(path, numberFrom(value));
    });
    return numbers;
  }

  #pushDrop(
    ops: Op[],
    path: string,
    { numbers, superseded }: { numbers: Map<string, number>; superseded: Superseded | undefined },
  ): void {
    const { keys } = this.#core;
    const file = numbers.get(path);
    if (file === undefined) return;
    numbers.delete(path);
    ops.push(
      { key: keys.fileNumber(path) },
      { key: keys.filePath(file) },
      { key: keys.staleFile(file), value: superseded ? encodeSuperseded(superseded) : nothing },
    );
  }

  async #pushAdded(
    ops: Op[],
    path: string,
    places: ReadonlyMap<ChunkId, Location>,
    numbers: ReadonlyMap<string, number>,
  ): Promise<void> {
    const { keys } = this.#core;
    const file = numbers.get(path) ?? (await this.#newFile(ops, path));
    for (const [chunk, location] of places) {
      const id = bytesOf(chunk);
      ops.push(
        { key: keys.place(id, file), value: encodePlace(location) },
        { key: keys.placeOf(file, id), value: nothing },
      );
    }
  }

  async #newFile(ops: Op[], path: string): Promise<number> {
    const { keys } = this.#core;
    this.#core.nextFile ??= await this.#firstFreeNumber();
    const file = this.#core.nextFile++;
    ops.push(
      { key: keys.fileNumber(path), value: numberAsBytes(file) },
      { key: keys.filePath(file), value: Buffer.from(path, 'utf8') },
    );
    return file;
  }

  async #firstFreeNumber(): Promise<number> {
    const { db, keys } = this.#core;
    let highest = 0;
    for (const range of [keys.allFilePaths(), keys.allStaleFiles()]) {
      for await (const [key] of db.entries(range, { reverse: true, limit: 1 }))
        highest = Math.max(highest, numberFrom(key, -6));
    }
    return highest + 1;
  }

  async #pushSweep(ops: Op[], owed: OwedQueue): Promise<void> {
    const { db, keys } = this.#core;
    let left = sweptPerCommit;
    for await (const [stale, value] of db.entries(keys.allStaleFiles(), { limit: 64 })) {
      const file = numberFrom(stale, -6);
      const superseded = decodeSuperseded(value);
      const each = 1 + (superseded ? owed.peers : 0);
      const limit = Math.ceil(left / each);
      for await (const [key] of db.entries(keys.placesOf(file), { limit })) {
        const id = key.subarray(key.length - idBytes);
        ops.push({ key }, { key: keys.place(id, file) }, ...(superseded ? owed.put(id, superseded) : []));
        left -= each;
      }
      if (left <= 0) return;
      ops.push({ key: stale });
    }
  }
}

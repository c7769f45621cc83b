/**
 * LevelDB with what it lacks: every value carries a checksum over its key and itself (LevelDB checks none when it
 * reads tables), every write is durable on return, and every failure is a `DongboError`.
 */
import { crc32 } from 'node:zlib';
import { Level } from 'level';
import { DongboError } from '#agent/core/errors.ts';

export interface Range {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
}

/** Without a value the key is deleted. */
export interface Op {
  readonly key: Uint8Array;
  readonly value?: Uint8Array;
}

export type Entry = readonly [key: Uint8Array, value: Uint8Array];

type Store = Level<Uint8Array, Uint8Array>;
export type Snapshot = ReturnType<Store['snapshot']>;

interface Cursor {
  seek(target: Uint8Array): void;
  nextv(size: number): Promise<[Uint8Array, Uint8Array][]>;
}

export interface ReadOptions {
  readonly reverse?: boolean;
  readonly limit?: number;
  readonly snapshot?: Snapshot;
}

const crcBytes = 4;
const cacheBytes = 16 * 1024 * 1024;
const readAhead = 128;
/** Iterators that search side by side: as many as the thread pool has threads. */
const lanes = 4;

export class Db implements AsyncDisposable {
  readonly #level: Store;
  #failed: DongboError | undefined;

  private constructor(level: Store) {
    this.#level = level;
  }

  /** Throws STATE_DAMAGED, STATE_BUSY or STATE_UNREADABLE. */
  static async open(dir: string, options: { readonly create: boolean }): Promise<Db> {
    const encodings = { keyEncoding: 'view', valueEncoding: 'view' } as const;
    const level: Store = new Level(dir, { ...encodings, cacheSize: cacheBytes });
    try {
      await level.open({ createIfMissing: options.create, errorIfExists: options.create });
    } catch (error) {
      throw openFailure(dir, error);
    }
    return new Db(level);
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#checked(key, await this.#tried(() => this.#level.get(key)));
  }

  async getMany(keys: Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    if (keys.length === 0) return [];
    const values = await this.#tried(() => this.#level.getMany(keys));
    return values.map((value, i) => this.#checked(keys[i] ?? new Uint8Array(), value));
  }

  /** As of one moment: the call, or `snapshot`. Holds at most 128 entries at a time. */
  async *entries(range: Range, options: ReadOptions = {}): AsyncGenerator<Entry> {
    const iterator = this.#level.iterator({ ...range, ...options });
    try {
      for (;;) {
        const page = await this.#tried(() => iterator.nextv(Math.min(readAhead, options.limit ?? readAhead)));
        if (page.length === 0) return;
        for (const [key, value] of page) yield [key, this.#checked(key, value)];
      }
    } finally {
      await iterator.close();
    }
  }

  /** The first `limit` entries of each range, in the order of `ranges`: as `entries`, at a third of the cost. */
  async firstOf(ranges: readonly Range[], limit: number): Promise<Entry[][]> {
    const found: Entry[][] = ranges.map(() => []);
    const left = ranges.entries();
    const search = async (): Promise<void> => {
      const iterator = this.#level.iterator();
      try {
        for (const [i, range] of left) found[i] = await this.#firstIn(iterator, range, limit);
      } finally {
        await iterator.close();
      }
    };
    await Promise.all(Array.from({ length: Math.min(lanes, ranges.length) }, search));
    return found;
  }

  /** Most ranges are empty or nearly so: it reads little at first, and ever more. */
  async #firstIn(iterator: Cursor, range: Range, limit: number): Promise<Entry[]> {
    const found: Entry[] = [];
    iterator.seek(range.gte);
    for (let size = 1; found.length < limit; size *= 2) {
      const page = await this.#tried(() => iterator.nextv(Math.min(size, limit - found.length)));
      for (const [key, value] of page) {
        if (Buffer.compare(key, range.lt) >= 0) return found;
        found.push([key, this.#checked(key, value)]);
      }
      if (page.length === 0) return found;
    }
    return found;
  }

  /** A view of this moment for several reads; dispose of it. */
  snapshot(): Snapshot {
    return this.#level.snapshot();
  }

  /**
   * Writes a range anew, so that what was deleted in it is on the disk no more; what an open snapshot or iterator can
   * still see stays until the next time.
   */
  async compact({ gte, lt }: Range): Promise<void> {
    if (!compacts(this.#level)) throw new DongboError('INVARIANT', { what: 'a database that compacts' });
    await this.#level.compactRange(gte, lt, { keyEncoding: 'view' });
  }

  /** Whether a write has failed, so that no other is made. */
  get failed(): boolean {
    return this.#failed !== undefined;
  }

  /**
   * All or nothing, and durable on return. Throws STATE_WRITE_FAILED, and from then on every time until it is opened
   * anew: LevelDB may have written half a record into its log, and would lose what it wrote behind that.
   */
  async write(ops: Iterable<Op>): Promise<void> {
    this.#refuseAfterFailure();
    const batch = this.#level.batch();
    for (const { key, value } of ops) {
      if (value) batch.put(key, withCrc(key, value));
      else batch.del(key);
    }
    try {
      if (batch.length > 0) await batch.write({ sync: true });
      else await batch.close();
    } catch (error) {
      this.#failed ??= new DongboError('STATE_WRITE_FAILED', { reason: reasonOf(error) }, { cause: error });
      throw this.#failed;
    }
  }

  #refuseAfterFailure(): void {
    const cause = this.#failed;
    if (cause) throw new DongboError(cause.code, cause.details, { cause });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#level.close();
  }

  async #tried<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw damaged(this.#level.location, reasonOf(error), error);
    }
  }

  #checked<T extends Uint8Array | undefined>(key: Uint8Array, value: T): T;
  #checked(key: Uint8Array, value: Uint8Array | undefined): Uint8Array | undefined {
    if (!value) return undefined;
    const end = value.length - crcBytes;
    // Plain bytes, not the Buffer that LevelDB gives: `slice` of a Buffer does not copy.
    const payload = new Uint8Array(value.buffer, value.byteOffset, Math.max(end, 0));
    const view = new DataView(value.buffer, value.byteOffset, value.length);
    if (end < 0 || view.getUint32(end) !== crcOf(key, payload)) {
      throw damaged(this.#level.location, 'a value must match its checksum');
    }
    return payload;
  }
}

interface Compacting {
  compactRange(start: Uint8Array, end: Uint8Array, options: { keyEncoding: 'view' }): Promise<void>;
}

/** `Level` does not declare it, since browsers lack it; `ClassicLevel`, which it is here, has it. */
const compacts = (level: Store): level is Store & Compacting =>
  level.supports.additionalMethods.compactRange === true;

const crcOf = (key: Uint8Array, value: Uint8Array): number => crc32(value, crc32(key));

function withCrc(key: Uint8Array, value: Uint8Array): Uint8Array {
  const all = new Uint8Array(value.length + crcBytes);
  all.set(value);
  new DataView(all.buffer).setUint32(value.length, crcOf(key, value));
  return all;
}

export const damaged = (dir: string, rule: string, cause?: unknown): DongboError =>
  new DongboError('STATE_DAMAGED', { dir, rule }, { cause });

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function openFailure(dir: string, error: unknown): DongboError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'LEVEL_LOCKED') return new DongboError('STATE_BUSY', { dir }, { cause: error });
  if (code === 'LEVEL_IO_ERROR' && /denied|Read-only/i.test(reasonOf(error))) {
    return new DongboError('STATE_UNREADABLE', { dir }, { cause: error });
  }
  return damaged(dir, reasonOf(error), error);
}

/** Reads one file so that a write during the reading is noticed: a stat before the first byte and one after the last. */
import { DongboError } from '#agent/core/errors.ts';
import type { DiskFacts } from '#agent/core/item.ts';
import { parentOf } from '#agent/core/path.ts';
import type { Disk, DiskFile } from '#agent/sys/disk.ts';
import { diskErrno } from './disk-errno.ts';
import { factsOf, sameFacts } from './facts.ts';
import type { RealPath } from './real-path.ts';
import type { StableRead } from './store.ts';

/** Longest piece of `chunks` when the caller brings no buffer of its own. */
const pieceBytes = 512 * 1024;

/** What stands there now is no regular file: it went, or became something else, since the scan. */
const goneCodes = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'EINVAL']);

export async function openStable(
  disk: Disk,
  real: RealPath,
  path: string,
  signal: AbortSignal,
): Promise<StableRead> {
  try {
    if (!(await real.isReal(parentOf(path))))
      throw new DongboError('STORE_ITEM_GONE', {}, { retry: 'later' });
    const file = await disk.openRead(real.at(path));
    try {
      return new OpenFile(disk, real.at(path), file, factsOf(await file.stat()), signal);
    } catch (error) {
      await file[Symbol.asyncDispose]();
      throw error;
    }
  } catch (error) {
    throw readError(error);
  }
}

function readError(error: unknown): unknown {
  const errno = diskErrno(error);
  if (errno === undefined) return error;
  const code = goneCodes.has(errno) ? 'STORE_ITEM_GONE' : 'STORE_READ_FAILED';
  return new DongboError(code, { errno }, { retry: 'later', cause: error });
}

class OpenFile implements StableRead {
  readonly facts: DiskFacts;
  readonly #disk: Disk;
  readonly #path: string;
  readonly #file: DiskFile;
  readonly #signal: AbortSignal;

  constructor(disk: Disk, path: string, file: DiskFile, facts: DiskFacts, signal: AbortSignal) {
    this.#disk = disk;
    this.#path = path;
    this.#file = file;
    this.facts = facts;
    this.#signal = signal;
  }

  async *chunks(buffer?: Uint8Array): AsyncGenerator<Uint8Array> {
    const into = buffer ?? new Uint8Array(Math.min(this.facts.size, pieceBytes));
    let position = 0;
    while (position < this.facts.size) {
      this.#signal.throwIfAborted();
      const room = into.subarray(0, Math.min(into.length, this.facts.size - position));
      const count = await this.#read(room, position);
      if (count === 0) return;
      position += count;
      yield room.subarray(0, count);
    }
  }

  async #read(into: Uint8Array, position: number): Promise<number> {
    try {
      return await this.#file.read(into, position);
    } catch (error) {
      throw readError(error);
    }
  }

  async check(): Promise<boolean> {
    try {
      const now = await this.#disk.lstat(this.#path);
      return now.kind === 'file' && sameFacts(factsOf(now), this.facts);
    } catch (error) {
      if (goneCodes.has(diskErrno(error) ?? '')) return false;
      throw readError(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}

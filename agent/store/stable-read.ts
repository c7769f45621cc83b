/** Reads one file so that a write during the reading is noticed: a stat before the first byte and one after the last. */
import { type Details, DongboError } from '#agent/core/errors.ts';
import type { DiskFacts } from '#agent/core/item.ts';
import type { Disk, DiskFile, DiskStat } from '#agent/sys/disk.ts';
import { diskErrno } from './disk-errno.ts';
import { factsOf, sameFacts } from './facts.ts';
import type { RealPath } from './real-path.ts';
import type { StableRead } from './store.ts';

/** Longest piece of `chunks` when the caller brings no buffer of its own. */
const pieceBytes = 512 * 1024;

/** What stands there now is no regular file: it went, or became something else, since the scan. */
const goneCodes = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'EINVAL']);

export interface ReadParts {
  readonly disk: Disk;
  readonly real: RealPath;
  readonly isOwn: (stat: DiskStat) => boolean;
}

export async function openStable(parts: ReadParts, path: string, signal: AbortSignal): Promise<StableRead> {
  try {
    const before = await parts.real.stat(path);
    if (before?.kind !== 'file' || parts.isOwn(before)) throw gone();
    const file = await parts.disk.openRead(parts.real.at(path));
    return new OpenFile(parts.real, path, file, factsOf(before), signal);
  } catch (error) {
    throw readError(error);
  }
}

const gone = (details: Details = {}, cause?: unknown): DongboError =>
  new DongboError('STORE_ITEM_GONE', details, { retry: 'later', cause });

function readError(error: unknown): unknown {
  const errno = diskErrno(error);
  if (errno === undefined) return error;
  if (goneCodes.has(errno)) return gone({ errno }, error);
  return new DongboError('STORE_READ_FAILED', { errno }, { retry: 'later', cause: error });
}

class OpenFile implements StableRead {
  readonly facts: DiskFacts;
  readonly #real: RealPath;
  readonly #path: string;
  readonly #file: DiskFile;
  readonly #signal: AbortSignal;

  constructor(real: RealPath, path: string, file: DiskFile, facts: DiskFacts, signal: AbortSignal) {
    this.#real = real;
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

  /** The facts are those of the path before it was opened: a file read in its place has another inode. */
  async check(): Promise<boolean> {
    try {
      const [opened, now] = [await this.#file.stat(), await this.#real.stat(this.#path)];
      return now?.kind === 'file' && [opened, now].every((s) => sameFacts(factsOf(s), this.facts));
    } catch (error) {
      if (goneCodes.has(diskErrno(error) ?? '')) return false;
      throw readError(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}

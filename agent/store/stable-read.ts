/**
 * Reads one file so that a write during the reading is noticed: a stat before the first byte and one after the last, and in
 * between, so that little is read in vain. What only grows, by a rule of the configuration, is read as far as it went when it was opened.
 */
import { type Details, DongboError } from '#agent/core/errors.ts';
import type { DiskFacts } from '#agent/core/item.ts';
import type { Disk, DiskFile, DiskStat } from '#agent/sys/disk.ts';
import { diskErrno } from './disk-errno.ts';
import { factsOf, sameFacts } from './facts.ts';
import type { RealPath } from './real-path.ts';
import type { StableRead } from './store.ts';

/** Longest piece of `chunks` when the caller brings no buffer of its own. */
const pieceBytes = 512 * 1024;
/** A large file is looked at again each time so much of it was read. */
const stretchBytes = 32 * 1024 * 1024;
/** Of a file that grows: as much of each end of what was read is read again. */
const endBytes = 64 * 1024;

/** What stands there now is no regular file: it went, or became something else, since the scan. */
const goneCodes = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'EINVAL']);

export interface ReadParts {
  readonly disk: Disk;
  readonly real: RealPath;
  readonly isOwn: (stat: DiskStat) => boolean;
  /** Whether a rule says that the file is only appended to. */
  readonly grows: (path: string) => boolean;
}

export async function openStable(parts: ReadParts, path: string, signal: AbortSignal): Promise<StableRead> {
  try {
    const before = await parts.real.stat(path);
    if (before?.kind !== 'file' || parts.isOwn(before)) throw gone();
    const file = await parts.disk.openRead(parts.real.at(path));
    const of = { ...parts, path, file, facts: factsOf(before), signal };
    return parts.grows(path) ? new GrowingFile(of) : new OpenFile(of);
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

interface Opened {
  readonly real: RealPath;
  readonly path: string;
  readonly file: DiskFile;
  readonly facts: DiskFacts;
  readonly signal: AbortSignal;
}

class OpenFile implements StableRead {
  readonly facts: DiskFacts;
  readonly #of: Opened;

  constructor(of: Opened) {
    this.facts = of.facts;
    this.#of = of;
  }

  async *chunks(buffer?: Uint8Array): AsyncGenerator<Uint8Array> {
    const into = buffer ?? new Uint8Array(Math.min(this.facts.size, pieceBytes));
    let position = 0;
    let looked = 0;
    while (position < this.facts.size) {
      this.#of.signal.throwIfAborted();
      if (position - looked >= stretchBytes) {
        if (!(await this.check())) return;
        looked = position;
      }
      const room = into.subarray(0, Math.min(into.length, this.facts.size - position));
      const count = await this.read(room, position);
      if (count === 0) return;
      position += count;
      yield room.subarray(0, count);
    }
  }

  protected async read(into: Uint8Array, position: number): Promise<number> {
    try {
      return await this.#of.file.read(into, position);
    } catch (error) {
      throw readError(error);
    }
  }

  /** The facts are those of the path before it was opened: a file read in its place has another inode. */
  async check(): Promise<boolean> {
    try {
      const { file, real, path } = this.#of;
      const [opened, now] = [await file.stat(), await real.stat(path)];
      return now?.kind === 'file' && [opened, now].every((stat) => this.stands(factsOf(stat)));
    } catch (error) {
      if (goneCodes.has(diskErrno(error) ?? '')) return false;
      throw readError(error);
    }
  }

  protected stands(now: DiskFacts): boolean {
    return sameFacts(now, this.facts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#of.file[Symbol.asyncDispose]();
  }
}

/** Its first bytes, up to the size at which it was opened, are a version of their own: whoever appends does not touch them. */
class GrowingFile extends OpenFile {
  grows: 'on' | 'not now' = 'not now';
  readonly #ends = new Map<number, Uint8Array>();

  override async *chunks(buffer?: Uint8Array): AsyncGenerator<Uint8Array> {
    let position = 0;
    for await (const bytes of super.chunks(buffer)) {
      const from = Math.max(0, bytes.length - endBytes);
      if (position === 0) this.#ends.set(0, bytes.slice(0, endBytes));
      if (position + bytes.length === this.facts.size) this.#ends.set(position + from, bytes.slice(from));
      position += bytes.length;
      yield bytes;
    }
  }

  override async check(): Promise<boolean> {
    return (await super.check()) && (this.grows === 'not now' || (await this.#sameEnds()));
  }

  protected override stands(now: DiskFacts): boolean {
    if (super.stands(now)) return true;
    this.grows = 'on';
    return now.ino === this.facts.ino && now.mode === this.facts.mode && now.size > this.facts.size;
  }

  /** Whoever truncates it and writes anew, or rewrites its head, has not appended. */
  async #sameEnds(): Promise<boolean> {
    for (const [position, bytes] of this.#ends) {
      const now = new Uint8Array(bytes.length);
      let read = 0;
      while (read < now.length) {
        const count = await this.read(now.subarray(read), position + read);
        if (count === 0) return false;
        read += count;
      }
      if (!equal(now, bytes)) return false;
    }
    return true;
  }
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

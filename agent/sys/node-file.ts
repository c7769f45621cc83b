/** An open regular file over node:fs. */
import { fstatSync } from 'node:fs';
import { constants, type FileHandle, open } from 'node:fs/promises';
import os from 'node:os';
import type { DiskFile, DiskStat } from './disk.ts';
import { diskStat } from './disk-stat.ts';
import { errnoCode, systemError } from './errno.ts';
import { after, maxVectors } from './pieces.ts';

/** A FIFO or a device must not hang the opener: it opens at once and is refused by its kind. */
const never = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
/** open(2), Linux: names a file without opening it. Node does not export it. */
const O_PATH = 0o10000000;

export const openRead = (path: string): Promise<DiskFile> => openRegular(path, constants.O_RDONLY);

export const openWrite = (path: string): Promise<DiskFile> =>
  openRegular(path, constants.O_RDWR | constants.O_CREAT);

/** Throws EISDIR on a directory, ELOOP on a link, EINVAL on anything else that is not a regular file. */
async function openRegular(path: string, flags: number): Promise<DiskFile> {
  const handle = await openNow(path, flags);
  try {
    requireRegular(handle, path);
    return new NodeFile(handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openNow(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags | never, 0o600);
  } catch (error) {
    if (errnoCode(error) !== 'EAGAIN') throw error;
    return await openLeased(path, flags);
  }
}

/** Opens what the descriptor `fd` (O_PATH) names, for reading; `path` is named in errors. May wait for a lease. */
export async function openPinned(fd: number, path: string): Promise<DiskFile> {
  requireRegular({ fd }, path);
  const flags = constants.O_RDONLY | constants.O_NOCTTY;
  return new NodeFile(await open(`/proc/self/fd/${fd}`, flags));
}

/** A file server (Samba) holds a lease on the file: wait until it lets go, knowing that it is a regular file. */
async function openLeased(path: string, flags: number): Promise<FileHandle> {
  await using pinned = await open(path, O_PATH | constants.O_NOFOLLOW);
  requireRegular(pinned, path);
  return await open(`/proc/self/fd/${pinned.fd}`, flags & ~constants.O_CREAT);
}

function requireRegular(handle: Pick<FileHandle, 'fd'>, path: string): void {
  const stat = fstatSync(handle.fd);
  if (stat.isDirectory()) throw systemError(os.constants.errno.EISDIR, 'open', path);
  if (stat.isSymbolicLink()) throw systemError(os.constants.errno.ELOOP, 'open', path);
  if (stat.isSocket()) throw systemError(os.constants.errno.ENXIO, 'open', path);
  if (!stat.isFile()) throw systemError(os.constants.errno.EINVAL, 'open', path);
}

class NodeFile implements DiskFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(into, 0, into.length, position);
    return bytesRead;
  }

  async write(from: Uint8Array, position: number): Promise<void> {
    let done = 0;
    while (done < from.length) {
      const { bytesWritten } = await this.#handle.write(from, done, from.length - done, position + done);
      done += bytesWritten;
    }
  }

  async writeAll(pieces: readonly Uint8Array[], position: number): Promise<void> {
    for (let left = pieces, at = position; left.length > 0; ) {
      const { bytesWritten } = await this.#handle.writev(left.slice(0, maxVectors), at);
      at += bytesWritten;
      left = after(left, bytesWritten);
    }
  }

  async stat(): Promise<DiskStat> {
    return diskStat(await this.#handle.stat({ bigint: true }));
  }

  truncate(size: number): Promise<void> {
    return this.#handle.truncate(size);
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

/** The one pack that a vault appends to. */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DongboError } from '#agent/core/errors.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';

export class PackWriter implements AsyncDisposable {
  readonly pack: number;
  readonly #handle: FileHandle;
  #size: number;

  private constructor(pack: number, handle: FileHandle, size: number) {
    this.pack = pack;
    this.#handle = handle;
    this.#size = size;
  }

  /** With `size` undefined a new file is made, durably. Throws DISK_FULL or VAULT_WRITE_FAILED. */
  static async open(pack: number, path: string, size: number | undefined): Promise<PackWriter> {
    try {
      if (size === undefined) await makeFile(path);
      return new PackWriter(pack, await open(path, 'r+'), size ?? 0);
    } catch (error) {
      throw writeFailure(error);
    }
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Appends and syncs; returns where the first byte went. After a failure the writer must not be used again: what the
   * kernel still holds of the file may never reach the disk.
   */
  async append(parts: readonly Uint8Array[]): Promise<number> {
    const start = this.#size;
    const total = parts.reduce((sum, part) => sum + part.length, 0);
    try {
      const { bytesWritten } = await this.#handle.writev([...parts], start);
      if (bytesWritten !== total) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
      await this.#handle.datasync();
    } catch (error) {
      throw writeFailure(error);
    }
    this.#size += total;
    return start;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

async function makeFile(path: string): Promise<void> {
  await (await open(path, 'wx', 0o600)).close();
  await nodeDisk.syncDir(dirname(path));
}

function writeFailure(error: unknown): DongboError {
  const errno = errnoCode(error) ?? 'unknown';
  const full = errno === 'ENOSPC' || errno === 'EDQUOT';
  return new DongboError(
    full ? 'DISK_FULL' : 'VAULT_WRITE_FAILED',
    { errno },
    { retry: 'later', cause: error },
  );
}

/** The pack files of a vault, open for reading: a bounded number at a time, the least lately used closed first. */
import { type FileHandle, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoCode } from '#agent/sys/errno.ts';

const maxOpen = 16;
const zeros = new Uint8Array(256 * 1024);

interface Reader {
  readonly handle: Promise<FileHandle>;
  users: number;
  /** No longer in the table: whoever uses it last closes it. */
  left: boolean;
}

export class PackFiles implements AsyncDisposable {
  readonly #dir: string;
  /** In the order of last use. */
  readonly #readers = new Map<number, Reader>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  path(pack: number): string {
    return join(this.#dir, `${String(pack).padStart(10, '0')}.pack`);
  }

  /** Numbers of the packs on disk. */
  async list(): Promise<number[]> {
    const names = await readdir(this.#dir);
    return names.flatMap((name) => (/^\d{10}\.pack$/.test(name) ? [Number.parseInt(name, 10)] : []));
  }

  /** Undefined when there is no such pack. */
  async size(pack: number): Promise<number | undefined> {
    try {
      return (await stat(this.path(pack))).size;
    } catch (error) {
      if (errnoCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async truncate(pack: number, size: number): Promise<void> {
    await truncate(this.path(pack), size);
  }

  /** Exactly `length` bytes; undefined when the pack is gone, ends before, or cannot be read there. */
  async read(pack: number, offset: number, length: number): Promise<Uint8Array | undefined> {
    const reader = this.#use(pack);
    try {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await (await reader.handle).read(bytes, 0, length, offset);
      return bytesRead === length ? bytes : undefined;
    } catch (error) {
      if (errnoCode(error) !== 'ENOENT' && errnoCode(error) !== 'EIO') throw error;
      await this.#leave(pack, reader);
      return undefined;
    } finally {
      reader.users -= 1;
      if (reader.left) await closeUnused(reader);
      await this.#leaveIdle();
    }
  }

  /**
   * Overwrites ranges with zeros, durably. A pack that is gone has nothing to erase, and none grows. Throws the errno
   * of the disk.
   */
  async erase(
    pack: number,
    ranges: readonly { readonly offset: number; readonly length: number }[],
  ): Promise<void> {
    const size = await this.size(pack);
    if (size === undefined) return;
    await using file = await open(this.path(pack), 'r+');
    for (const { offset, length } of ranges) {
      const fits = Math.min(length, size - offset);
      for (let at = 0; at < fits; at += zeros.length)
        await file.write(zeros, 0, Math.min(zeros.length, fits - at), offset + at);
    }
    await file.datasync();
  }

  async remove(pack: number): Promise<void> {
    await rm(this.path(pack), { force: true });
    const reader = this.#readers.get(pack);
    if (reader) await this.#leave(pack, reader);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [pack, reader] of this.#readers) await this.#leave(pack, reader);
  }

  #use(pack: number): Reader {
    const reader = this.#readers.get(pack) ?? { handle: open(this.path(pack), 'r'), users: 0, left: false };
    this.#readers.delete(pack);
    this.#readers.set(pack, reader);
    reader.users += 1;
    return reader;
  }

  async #leave(pack: number, reader: Reader): Promise<void> {
    if (this.#readers.get(pack) === reader) this.#readers.delete(pack);
    reader.left = true;
    await closeUnused(reader);
  }

  async #leaveIdle(): Promise<void> {
    if (this.#readers.size <= maxOpen) return;
    for (const [pack, reader] of this.#readers) {
      if (reader.users === 0) return this.#leave(pack, reader);
    }
  }
}

async function closeUnused(reader: Reader): Promise<void> {
  if (reader.users > 0) return;
  const handle = await reader.handle.catch(() => undefined);
  await handle?.close();
}

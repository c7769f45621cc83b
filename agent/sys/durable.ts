/** Small files that are whole or absent after a power cut: keys, agreements, markers. */
import { dirname, join } from 'node:path';
import type { Disk } from './disk.ts';
import { errnoCode } from './errno.ts';
import { nodeDisk } from './node-disk.ts';
import { type Random, systemRandom } from './random.ts';

export interface DurableOptions {
  /** Exact permission bits, 0600 unless told. */
  readonly mode?: number;
  /** EEXIST instead of replacing what is there. */
  readonly exclusive?: boolean;
  readonly disk?: Disk;
  readonly random?: Random;
}

/**
 * Stages beside `path`, fsyncs, renames, fsyncs the directory: on return the file is durable. A reader sees the old
 * file or the new one, never a part. On failure the old file stands and the error is thrown.
 */
export async function writeFileDurable(
  path: string,
  bytes: Uint8Array,
  options: DurableOptions = {},
): Promise<void> {
  const { disk = nodeDisk, random = systemRandom, mode = 0o600, exclusive = false } = options;
  const staged = `${path}.${Buffer.from(random.bytes(8)).toString('hex')}.tmp`;
  try {
    await stage(disk, staged, bytes, mode);
    await (exclusive ? disk.renameNew(staged, path) : disk.rename(staged, path));
  } catch (error) {
    await disk.unlink(staged).catch(() => undefined);
    throw error;
  }
  await disk.syncDir(dirname(path));
}

async function stage(disk: Disk, path: string, bytes: Uint8Array, mode: number): Promise<void> {
  await using file = await disk.openWrite(path);
  await file.write(bytes, 0);
  await disk.chmod(path, mode);
  await file.sync();
}

/** Makes `path` and its missing parents with `mode`, each durable in its parent. What exists is left as it is. */
export async function makeDirDurable(path: string, mode: number, disk: Disk = nodeDisk): Promise<void> {
  try {
    await disk.mkdir(path, mode);
  } catch (error) {
    if (errnoCode(error) === 'EEXIST') return;
    if (errnoCode(error) !== 'ENOENT') throw error;
    await makeDirDurable(dirname(path), mode, disk);
    return makeDirDurable(path, mode, disk);
  }
  await disk.syncDir(join(path, '..'));
}

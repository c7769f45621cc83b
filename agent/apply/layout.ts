/** Our own folder in a root: where files are staged, and where what was deleted or overwritten rests. */
import { hash } from 'node:crypto';
import { join, relative } from 'node:path';
import { contentRoot } from '#agent/core/chunk-list.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { Content } from '#agent/core/item.ts';
import { privateFolder } from '#agent/core/path.ts';
import type { Disk, DiskStat } from '#agent/sys/disk.ts';
import { errnoCode } from '#agent/sys/errno.ts';

const privateMode = 0o700;

export class Layout {
  /** Whole-disk syncs name it too: each space hears of failed write-backs by itself. */
  readonly root: string;
  readonly stage: string;
  readonly trash: string;
  /** Where local work is kept in items that their author has withdrawn. */
  readonly withdrawn: string;
  readonly #disk: Disk;

  constructor(root: string, disk: Disk) {
    this.root = root;
    this.stage = join(root, privateFolder, 'stage');
    this.trash = join(root, privateFolder, 'trash');
    this.withdrawn = join(root, privateFolder, 'withdrawn');
    this.#disk = disk;
  }

  /** Absolute. `path` must have passed `checkPath`; `join` keeps it inside the root then. */
  at(path: string): string {
    return path === '' ? this.root : join(this.root, path);
  }

  /**
   * Makes the folders inside our own, which the store has made with the marker: where that one is missing, the root is
   * not the root that we know [3]. Throws PRIVATE_FOLDER_DAMAGED when it is, or something else stands in their place.
   */
  async ensure(): Promise<void> {
    const own = join(this.root, privateFolder);
    if ((await lstatIfAny(this.#disk, own))?.kind !== 'dir') throw damaged(privateFolder);
    for (const dir of [this.stage, this.trash, this.withdrawn]) {
      await makeDir(this.#disk, dir);
      if ((await this.#disk.lstat(dir)).kind !== 'dir') throw damaged(relative(this.root, dir));
    }
  }

  /** One per path and content root, so that two versions, or two items alike, never share a stage file [20]. */
  stageFile(path: string, content: Content): string {
    return join(this.stage, `${stagePrefix(path)}-${contentRoot(content).slice(0, 32)}`);
  }

  stageLink(path: string): string {
    return join(this.stage, `${stagePrefix(path)}-link`);
  }
}

const damaged = (folder: string) =>
  new DongboError('PRIVATE_FOLDER_DAMAGED', { folder }, { retry: 'after-change' });

export const stagePrefix = (path: string): string => hash('sha256', path, 'hex').slice(0, 24);

/** True when it was made, false when something stood there. */
export async function makeDir(disk: Disk, path: string, mode = privateMode): Promise<boolean> {
  try {
    await disk.mkdir(path, mode);
    return true;
  } catch (error) {
    if (errnoCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined when nothing is there. */
export async function lstatIfAny(disk: Disk, path: string): Promise<DiskStat | undefined> {
  try {
    return await disk.lstat(path);
  } catch (error) {
    if (errnoCode(error) === 'ENOENT' || errnoCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

export async function unlinkIfAny(disk: Disk, path: string): Promise<void> {
  try {
    await disk.unlink(path);
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT') throw error;
  }
}

/** False when it is not empty. */
export async function rmdirIfEmpty(disk: Disk, path: string): Promise<boolean> {
  try {
    await disk.rmdir(path);
    return true;
  } catch (error) {
    if (errnoCode(error) === 'ENOTEMPTY' || errnoCode(error) === 'EEXIST') return false;
    throw error;
  }
}

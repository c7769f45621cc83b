/**
 * What stands at a path of the root. The disk sees to it that nothing above it is a link or a mount; nothing is
 * remembered from one look to the next, since whoever may write into the folder may swap a directory for a link at any time.
 */
import type { Disk, DiskStat } from '#agent/sys/disk.ts';
import { diskErrno } from './disk-errno.ts';

export class RealPath {
  readonly root: string;
  readonly #disk: Disk;

  /** `disk` reaches nothing outside `root`. */
  constructor(root: string, disk: Disk) {
    this.root = root;
    this.#disk = disk;
  }

  /** Absolute path of an item or directory; '' is the root. */
  at(path: string): string {
    return path === '' ? this.root : `${this.root}/${path}`;
  }

  /** What stands at `path`; undefined when something above it is no directory. Throws what the disk throws. */
  async stat(path: string): Promise<DiskStat | undefined> {
    try {
      return await this.#disk.lstat(this.at(path));
    } catch (error) {
      const errno = diskErrno(error);
      if (errno === 'ELOOP' || errno === 'ENOTDIR') return undefined;
      throw error;
    }
  }
}

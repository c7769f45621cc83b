/**
 * Keeps us inside the root: each directory above a path must be a real directory, for a link there could lead anywhere.
 * What was just checked is trusted for a moment, since items are read directory by directory.
 */
import { joinPath } from '#agent/core/path.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk } from '#agent/sys/disk.ts';

const trustedMs = 1000;

export class RealPath {
  readonly #root: string;
  readonly #disk: Disk;
  readonly #clock: Clock;
  #checked = '';
  #until = 0;

  constructor(root: string, disk: Disk, clock: Clock) {
    this.#root = root;
    this.#disk = disk;
    this.#clock = clock;
  }

  /** Absolute path of an item or directory; '' is the root. */
  at(path: string): string {
    return path === '' ? this.#root : `${this.#root}/${path}`;
  }

  /** Whether `dir` is reached through directories only, itself included. Throws what the disk throws. */
  async isReal(dir: string): Promise<boolean> {
    const now = this.#clock.monotonic();
    if (dir === '' || (dir === this.#checked && now < this.#until)) return true;
    let path = '';
    for (const name of dir.split('/')) {
      path = joinPath(path, name);
      const stat = await this.#disk.lstat(this.at(path));
      if (stat.kind !== 'dir') return false;
    }
    this.#checked = dir;
    this.#until = now + trustedMs;
    return true;
  }
}

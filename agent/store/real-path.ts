/**
 * Keeps us inside the root: each directory above a path must be a real directory, for a link there could lead anywhere.
 * Nothing is remembered from one look to the next, since whoever may write into the folder may swap a directory for a
 * link at any time.
 */
import type { DiskStat } from '#agent/sys/disk.ts';
import type { LstatAll } from '#agent/sys/lstat-all.ts';

export interface RealStat {
  readonly stat: DiskStat;
  /** File system of the root. */
  readonly dev: bigint;
}

const never = new AbortController().signal;

export class RealPath {
  readonly root: string;
  readonly #lstatAll: LstatAll;

  constructor(root: string, lstatAll: LstatAll) {
    this.root = root;
    this.#lstatAll = lstatAll;
  }

  /** Absolute path of an item or directory; '' is the root. */
  at(path: string): string {
    return path === '' ? this.root : `${this.root}/${path}`;
  }

  /** What stands at `path`; undefined when something above it is no directory. Throws what the disk throws. */
  async stat(path: string): Promise<RealStat | undefined> {
    const trail = [this.root.slice(1)];
    for (const name of path === '' ? [] : path.split('/')) trail.push(`${trail.at(-1)}/${name}`);
    const stats = await this.#lstatAll('', trail, never);
    for (const stat of stats.slice(0, -1)) {
      if (stat instanceof Error) throw stat;
      if (stat.kind !== 'dir') return undefined;
    }
    const [root, stat] = [stats[0], stats.at(-1)];
    if (stat instanceof Error) throw stat;
    if (root === undefined || root instanceof Error || stat === undefined) return undefined;
    return { stat, dev: root.dev };
  }
}

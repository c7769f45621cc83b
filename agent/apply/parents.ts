/**
 * The directories above an item. Each is looked at before anything is written below it: a link in the way would lead
 * the write out of the root, so it is refused, however it came there.
 */
import type { Origin } from '#agent/core/ids.ts';
import { parentOf } from '#agent/core/path.ts';
import type { Disk, DiskStat } from '#agent/sys/disk.ts';
import { setIfPossible } from './attributes.ts';
import type { Interims } from './interim.ts';
import { type Layout, lstatIfAny, makeDir } from './layout.ts';
import { problem, type Setback } from './task.ts';

/** Mode of a directory whose own record has not come yet; that record sets it later. */
export const parentMode = 0o755;
const ownerAll = 0o700;

export interface MadeParent {
  readonly path: string;
  readonly stat: DiskStat;
  readonly author: Origin;
}

/** One group's view; a new group looks afresh. */
export class Parents implements AsyncDisposable {
  /** Directories that had to be made, for the index. */
  readonly made: MadeParent[] = [];
  readonly #disk: Disk;
  readonly #layout: Layout;
  readonly #good = new Set<string>(['']);
  readonly #loosened = new Map<string, number>();
  readonly #interims: Interims;

  constructor({ disk, layout }: { readonly disk: Disk; readonly layout: Layout }, interims: Interims) {
    this.#disk = disk;
    this.#layout = layout;
    this.#interims = interims;
  }

  /** Undefined when the item may be written. With `author`, missing directories are made in that author's name. */
  async ready(path: string, author?: Origin): Promise<Setback | 'missing' | undefined> {
    const parent = parentOf(path);
    if (this.#good.has(parent)) return undefined;
    const above = await this.ready(parent, author);
    if (above) return above;
    const at = this.#layout.at(parent);
    const stat = (await lstatIfAny(this.#disk, at)) ?? (author && (await this.#make(parent, author)));
    if (!stat) return 'missing';
    if (stat.kind === 'link') return problem('PATH_ESCAPES', { rule: 'through a link' });
    if (stat.kind !== 'dir') return problem('PARENT_IN_THE_WAY', { kind: stat.kind });
    if ((stat.mode & ownerAll) !== ownerAll) await this.#loosen(parent, stat.mode);
    this.#good.add(parent);
    return undefined;
  }

  /** `stat` with the mode that the directory had before this group. */
  asFound(path: string, stat: DiskStat): DiskStat {
    const mode = this.#loosened.get(this.#layout.at(path));
    return mode === undefined ? stat : { ...stat, mode };
  }

  /** `path` is no longer the directory that it was. */
  forget(path: string): void {
    for (const known of this.#good) {
      if (known === path || known.startsWith(`${path}/`)) this.#good.delete(known);
    }
  }

  async #make(path: string, author: Origin): Promise<DiskStat> {
    await this.#interims.making(path, { mode: parentMode, author });
    await makeDir(this.#disk, this.#layout.at(path), parentMode);
    const stat = await this.#disk.lstat(this.#layout.at(path));
    this.made.push({ path, stat, author });
    return stat;
  }

  /** A read-only directory still receives its children. Where that is not ours to do, the write itself says so. */
  async #loosen(path: string, mode: number): Promise<void> {
    const at = this.#layout.at(path);
    await this.#interims.opening(path);
    await setIfPossible(async () => {
      await this.#disk.chmod(at, mode | ownerAll);
      this.#loosened.set(at, mode);
    });
  }

  /** Gives read-only directories their modes back, those that are still there. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const [at, mode] of this.#loosened) {
      if ((await lstatIfAny(this.#disk, at))?.kind === 'dir') await this.#disk.chmod(at, mode);
    }
    this.#loosened.clear();
  }
}

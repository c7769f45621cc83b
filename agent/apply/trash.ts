/**
 * What a remote change deletes or overwrites rests in `.dongbo/trash/<yyyymmdd-hhmmss>-<n>/<path>` for its retention;
 * `.<count>.<night>` stands behind the name of the bin once a night has counted it.
 * (Erasure of personal data is another act and does not stop here.)
 */
import { dirname, join } from 'node:path';
import { DongboError } from '#agent/core/errors.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk, DiskStat } from '#agent/sys/disk.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import type { Nights } from '#agent/sys/lived-time.ts';
import type { LateWrites } from './late-writes.ts';
import { type Layout, makeDir } from './layout.ts';

/** With the night that it was first found in, and whose count that is. */
const binName = /^(\d{8}-\d{6}-\d+)(?:\.([0-9a-f]{8})\.(\d+))?$/;
const maxBins = 10_000;

interface TrashOptions {
  /** Another place than the trash. */
  readonly dir?: string;
  /** Watches over what is moved there. */
  readonly late?: LateWrites;
}

export interface PurgeParts {
  readonly disk: Disk;
  readonly layout: Layout;
  readonly nights: Nights;
}

/** The bin of one run, made when the first item comes. */
export class Trash {
  readonly #disk: Disk;
  readonly #layout: Layout;
  readonly #clock: Clock;
  /** Where its bins are. */
  readonly #dir: string;
  #bin: string | undefined;
  /** In it the next item is put, too, more often than not. */
  #lastDir: string | undefined;
  readonly #unsynced = new Set<string>();
  readonly #late: LateWrites | undefined;

  constructor(disk: Disk, layout: Layout, clock: Clock, options: TrashOptions = {}) {
    this.#dir = options.dir ?? layout.trash;
    this.#late = options.late;
    this.#disk = disk;
    this.#layout = layout;
    this.#clock = clock;
  }

  /** Moves an item of the root into the trash and returns its absolute place there. */
  take(path: string): Promise<string> {
    return this.put(path, this.#layout.at(path));
  }

  /** Moves `from` (absolute) to where the item `path` rests in the trash, and returns that place. */
  async put(path: string, from: string): Promise<string> {
    this.#bin ??= await this.#newBin();
    const place = join(this.#bin, path);
    if (!(await this.#makeParents(this.#bin, dirname(place)))) return this.#putElsewhere(path, from);
    try {
      await this.#disk.renameNew(from, place);
    } catch (error) {
      if (errnoCode(error) === 'EEXIST') return this.#putElsewhere(path, from);
      throw error;
    }
    this.#unsynced.add(dirname(place));
    return place;
  }

  /** The item that `before` tells of lies at `place` now, and a program may still write to it. */
  async displaced(path: string, place: string, before: DiskStat): Promise<void> {
    if (before.kind === 'file') await this.#late?.displaced(path, place, before);
  }

  /** Directories of the trash with names that are not durable yet; they are the caller's to sync from now on. */
  takeUnsynced(): string[] {
    const dirs = [...this.#unsynced];
    this.#unsynced.clear();
    return dirs;
  }

  /** The run has put another item of that name, or a file where a parent must be, into its bin: take a new one. */
  #putElsewhere(path: string, from: string): Promise<string> {
    this.#bin = undefined;
    return this.put(path, from);
  }

  async #newBin(): Promise<string> {
    const when = new Date(this.#clock.now())
      .toISOString()
      .slice(0, 19)
      .replace('T', '-')
      .replace(/[-:]/g, '');
    const stamp = `${when.slice(0, 8)}-${when.slice(8)}`;
    for (let n = 1; n <= maxBins; n++) {
      const bin = join(this.#dir, `${stamp}-${n}`);
      if (!(await makeDir(this.#disk, bin))) continue;
      this.#unsynced.add(this.#dir);
      return bin;
    }
    throw new DongboError('INVARIANT', { what: 'a free name for a trash folder' });
  }

  /** False when something that is no directory stands in the way. */
  async #makeParents(bin: string, dir: string): Promise<boolean> {
    if (dir === bin || dir === this.#lastDir) return true;
    if (!(await this.#makeParents(bin, dirname(dir)))) return false;
    if (await makeDir(this.#disk, dir)) this.#unsynced.add(dirname(dir));
    else if ((await this.#disk.lstat(dir)).kind !== 'dir') return false;
    this.#lastDir = dir;
    return true;
  }
}

/** A bin begins to count when a night finds it for the first time, and has that in its name from then on. */
export async function countBins({ disk, layout, nights }: PurgeParts): Promise<void> {
  const mark = `${nights.id}.${nights.count()}`;
  for (const { name } of await disk.list(layout.trash)) {
    const [, bin, id] = binName.exec(name ?? '') ?? [];
    if (name === undefined || bin === undefined || id === nights.id) continue;
    await disk.renameNew(join(layout.trash, name), join(layout.trash, `${bin}.${mark}`));
  }
  await disk.syncDir(layout.trash);
}

/**
 * Destroys what has rested for `days` nights that this node has lived through; what is no bin of ours stays. The date in
 * the name of a bin is for people: the clock may have been wrong then, or be wrong now. Returns the number destroyed.
 */
export async function purgeTrash(
  { disk, layout, nights }: PurgeParts,
  days: number,
  signal: AbortSignal,
): Promise<number> {
  let purged = 0;
  for (const { name } of await disk.list(layout.trash)) {
    const [, , id, night] = binName.exec(name ?? '') ?? [];
    if (name === undefined || id !== nights.id || nights.count() - Number(night) < days) continue;
    await removeTree(disk, join(layout.trash, name), signal);
    purged += 1;
  }
  return purged;
}

/** Never follows a link. Names that are not UTF-8 cannot be addressed here, so their directory stays. */
async function removeTree(disk: Disk, path: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { kind } = await disk.lstat(path);
  if (kind !== 'dir') return disk.unlink(path);
  await disk.chmod(path, 0o700);
  for (const { name } of await disk.list(path)) {
    if (name !== undefined) await removeTree(disk, join(path, name), signal);
  }
  await disk.rmdir(path);
}

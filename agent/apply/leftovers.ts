/**
 * Where bytes of an item rest besides its own place: earlier versions in the trash, downloads in the stage folder, and
 * what a crash left of a withdrawal. What is withdrawn is found by its content: what others sent, or what was only
 * here, stays.
 */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Disk } from '#agent/sys/disk.ts';
import { type Layout, lstatIfAny, rmdirIfEmpty, stagePrefix } from './layout.ts';

const doomedSuffix = '-withdrawn';
const readBytes = 1024 * 1024;

export interface LeftoverParts {
  readonly disk: Disk;
  readonly layout: Layout;
}

/** One run's view of trash and stage folder. */
export class Leftovers {
  readonly #parts: LeftoverParts;
  readonly #bins: readonly string[];
  readonly #staged: ReadonlyMap<string, readonly string[]>;
  /** Directories in which names have gone, until they are taken to be synced. */
  readonly #unsynced = new Set<string>();

  private constructor(
    parts: LeftoverParts,
    bins: readonly string[],
    staged: ReadonlyMap<string, readonly string[]>,
  ) {
    this.#parts = parts;
    this.#bins = bins;
    this.#staged = staged;
  }

  static async look(parts: LeftoverParts): Promise<Leftovers> {
    const { disk, layout } = parts;
    const names = async (dir: string) =>
      (await disk.list(dir)).flatMap(({ name }) => (name === undefined ? [] : [name]));
    // What was set aside since others had brought it too goes when they have withdrawn it as well.
    const binsIn = async (dir: string) => (await names(dir)).map((name) => join(dir, name));
    const bins = [...(await binsIn(layout.trash)), ...(await binsIn(layout.withdrawn))];
    const staged = Map.groupBy(await names(layout.stage), (name) => name.slice(0, stagePrefix('').length));
    return new Leftovers(parts, bins, staged);
  }

  /** Absolute: where the copy of an item goes before it is destroyed. */
  doomed(path: string): string {
    return join(this.#parts.layout.stage, `${stagePrefix(path)}${doomedSuffix}`);
  }

  takeUnsynced(): string[] {
    const dirs = [...this.#unsynced];
    this.#unsynced.clear();
    return dirs;
  }

  /**
   * Destroys what the stage folder holds of the item. A copy that a crash left there on its way, and that is not what
   * was to be destroyed, goes to `keep`.
   */
  async unstage(
    path: string,
    names: ReadonlySet<string>,
    keep: (at: string) => Promise<void>,
  ): Promise<void> {
    const { disk, layout } = this.#parts;
    for (const name of this.#staged.get(stagePrefix(path)) ?? []) {
      const at = join(layout.stage, name);
      if (!(await lstatIfAny(disk, at))) continue;
      const known = !name.endsWith(doomedSuffix) || names.has((await contentOf(disk, at)) ?? '');
      if (known) await this.#unlink(at);
      else await keep(at);
    }
  }

  /** Destroys the versions in the trash, and what was set aside, whose content is one of `names`. */
  async empty(path: string, names: ReadonlySet<string>): Promise<void> {
    const { disk } = this.#parts;
    for (const bin of this.#bins) {
      const at = join(bin, path);
      const name = await contentOf(disk, at);
      if (name === undefined || !names.has(name)) continue;
      await this.#unlink(at);
      await this.#prune(dirname(at), bin);
    }
  }

  async #unlink(at: string): Promise<void> {
    await this.#parts.disk.unlink(at);
    this.#unsynced.add(dirname(at));
  }

  /** Names of directories are data too: those that hold nothing more go, the bin itself last. */
  async #prune(dir: string, bin: string): Promise<void> {
    for (let at = dir; at.length >= bin.length; at = dirname(at)) {
      if (!(await rmdirIfEmpty(this.#parts.disk, at))) return;
      this.#unsynced.delete(at);
      this.#unsynced.add(dirname(at));
    }
  }
}

/** The name of a content (`core/withdraw.ts`) on the disk; undefined for what is no file and no link. */
async function contentOf(disk: Disk, at: string): Promise<string | undefined> {
  const kind = (await lstatIfAny(disk, at))?.kind;
  if (kind === 'link') return `-> ${(await disk.readlink(at)) ?? ''}`;
  if (kind !== 'file') return undefined;
  await using file = await disk.openRead(at);
  const hash = createHash('sha256');
  const bytes = new Uint8Array(readBytes);
  for (let position = 0; ; ) {
    const count = await file.read(bytes, position);
    if (count === 0) return hash.digest('hex');
    hash.update(bytes.subarray(0, count));
    position += count;
  }
}

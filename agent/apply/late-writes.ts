/**
 * A program may have a file open while another agency's change takes its place, and save afterwards: into what rests in
 * the trash by then. What is displaced while it is open for writing is watched, over restarts too; a save brings it back
 * as a conflict copy. A crash in the moment between the two forgets the watch, and leaves the save in the trash.
 */
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { conflictName } from '#agent/core/conflict-name.ts';
import type { DiskFacts } from '#agent/core/item.ts';
import { foldKey, joinPath, nameOf, parentOf } from '#agent/core/path.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { factsOf } from './facts.ts';
import { type Layout, lstatIfAny } from './layout.ts';

/** Kept with the state of the space. */
export interface LateNotes {
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

export interface LateParts {
  readonly disk: Disk;
  readonly layout: Layout;
  readonly clock: Clock;
  readonly agency: string;
  readonly notes: LateNotes;
  /** Told of each copy that was brought back. */
  readonly conflict: (path: string, copy: string) => void;
}

/** More at once are no programs of people; the oldest gives way. */
const maxWatched = 1024;
/** Where the system does not tell whether a program has it open, it is watched for so long. */
const untoldMs = 10 * 60_000;

const schema = z.array(
  z.strictObject({
    path: z.string(),
    /** In the trash: the bin, and the path within it. */
    bin: z.string(),
    place: z.string(),
    size: z.number(),
    mtimeNs: z.string(),
  }),
);

type Watched = z.output<typeof schema>[number] & { readonly until?: number };

export class LateWrites {
  readonly #parts: LateParts;
  #watched: Watched[] | undefined;

  constructor(parts: LateParts) {
    this.#parts = parts;
  }

  /** To be called once the item `path`, as `before` tells it, lies at `at` in the trash. */
  async displaced(path: string, at: string, before: Pick<DiskFacts, 'size' | 'mtimeNs'>): Promise<void> {
    const { disk, layout, clock } = this.#parts;
    if ((await lstatIfAny(disk, at))?.kind !== 'file') return;
    const open = await disk.isOpenForWriting(at);
    const changed = await this.#isChanged(at, { size: before.size, mtimeNs: String(before.mtimeNs) });
    if (open === false && !changed) return;
    const [bin = '', ...place] = relative(layout.trash, at).split('/');
    const until = open === undefined ? { until: clock.monotonic() + untoldMs } : {};
    const facts = { size: before.size, mtimeNs: String(before.mtimeNs) };
    const watched = await this.#load();
    watched.push({ path, bin, place: place.join('/'), ...facts, ...until });
    await this.#keep(watched.slice(-maxWatched));
  }

  /** Brings back what was written since it was displaced; returns the paths of the copies. */
  async look(): Promise<readonly string[]> {
    const watched = await this.#load();
    if (watched.length === 0) return [];
    const copies: string[] = [];
    const over = new Set<Watched>();
    for (const one of watched) {
      const at = await this.#find(one);
      // Asked before the look at the file: a save in between is seen by that.
      const open = at === undefined ? false : await this.#isOpen(at, one);
      if (at !== undefined && (await this.#isChanged(at, one))) copies.push(await this.#bringBack(one, at));
      else if (open) continue;
      over.add(one);
    }
    if (over.size > 0) await this.#keep((await this.#load()).filter((one) => !over.has(one)));
    return copies;
  }

  /** The bin has the night behind its name once it was counted. Undefined when it is not there any more. */
  async #find({ bin, place }: Watched): Promise<string | undefined> {
    const { disk, layout } = this.#parts;
    for (const { name } of await disk.list(layout.trash)) {
      if (name !== bin && !name?.startsWith(`${bin}.`)) continue;
      const at = join(layout.trash, name, place);
      return (await lstatIfAny(disk, at))?.kind === 'file' ? at : undefined;
    }
    return undefined;
  }

  async #isOpen(at: string, { until }: Watched): Promise<boolean> {
    const { disk, clock } = this.#parts;
    const open = await disk.isOpenForWriting(at);
    return open ?? clock.monotonic() < (until ?? Number.NEGATIVE_INFINITY);
  }

  async #isChanged(at: string, known: Pick<Watched, 'size' | 'mtimeNs'>): Promise<boolean> {
    const { size, mtimeNs } = factsOf(await this.#parts.disk.lstat(at));
    return size !== known.size || String(mtimeNs) !== known.mtimeNs;
  }

  /** The very file, so that what the program writes from now on is seen in the folder. */
  async #bringBack({ path }: Watched, at: string): Promise<string> {
    const { disk, layout, clock, agency } = this.#parts;
    const home = await lstatIfAny(disk, dirname(layout.at(path)));
    const beside = home?.kind === 'dir' ? path : basename(path);
    const dir = layout.at(parentOf(beside));
    const taken = new Set((await disk.list(dir)).map(({ name }) => foldKey(name ?? '')));
    const isTaken = (candidate: string) => taken.has(foldKey(nameOf(candidate)));
    const named = conflictName(beside, agency, new Date(clock.now()), isTaken);
    const copy = joinPath(parentOf(beside), nameOf(named));
    await disk.renameNew(at, layout.at(copy));
    await disk.syncDir(dir);
    await disk.syncDir(dirname(at));
    this.#parts.conflict(path, copy);
    return copy;
  }

  async #load(): Promise<Watched[]> {
    this.#watched ??= schema.parse(JSON.parse((await this.#parts.notes.read()) || '[]'));
    return this.#watched;
  }

  async #keep(watched: Watched[]): Promise<void> {
    this.#watched = watched;
    await this.#parts.notes.write(JSON.stringify(watched.map(({ until: _, ...one }) => one)));
  }
}

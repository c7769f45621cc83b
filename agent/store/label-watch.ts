/** Keeps the labels of a folder store up to date with what its label files and packages say, before anything is listed. */
import type { Problem } from '#agent/core/errors.ts';
import { joinPath } from '#agent/core/path.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { LabelFiles, settleMs } from './label-files.ts';
import { measurePackage, type PackageParts } from './packages.ts';
import type { Listing } from './store.ts';

export interface LabelWatchParts extends Omit<PackageParts, 'enter'> {
  readonly clock: Clock;
  /** Ends with the store. */
  readonly closing: AbortSignal;
}

export class LabelWatch {
  readonly #parts: LabelWatchParts;
  readonly #files: LabelFiles;
  #waits = false;
  #kept = false;

  constructor(parts: LabelWatchParts) {
    this.#parts = parts;
    this.#files = new LabelFiles(parts, parts.labels.memory.texts.all);
    parts.labels.useFiles(this.#files);
  }

  /**
   * Reads the label files that count in `dir`; false when one of them cannot be used, so that nothing in it may be
   * looked at. Throws LABEL_SECRETS_FULL: then nothing may be listed at all.
   */
  async enter(dir: string, signal: AbortSignal): Promise<boolean> {
    const { labels } = this.#parts;
    const { changed, read, unsettled } = await this.#files.enter(dir, signal);
    if (read || !this.#kept) {
      await labels.keepSecrets();
      await labels.memory.keepTexts(this.#files.texts);
    }
    this.#kept = true;
    if (changed) labels.changed();
    if (unsettled) void this.#changedLater();
    return labels.brokenOver(joinPath(dir, '.')) === undefined;
  }

  /** What a directory shows; a package in it, or around it, is looked through before that. */
  async list(dir: string, listing: () => Promise<Listing>, signal: AbortSignal): Promise<Listing> {
    const { labels, hides } = this.#parts;
    await this.enter(dir, signal);
    const problems: Problem[] = [];
    const around = labels.packageOver(dir, 'dir');
    if (around !== undefined) problems.push(...(await this.#measure(around, signal)));
    const broken = labels.brokenOver(joinPath(dir, '.'));
    if (broken) return { entries: [], problems: [broken] };
    // What is withheld is hidden from the listing, until it can be looked through.
    for (const path of labels.withheldIn(dir)) problems.push(...(await this.#measure(path, signal)));
    const found = await listing();
    const gone = this.#files.goneIn(dir);
    if (gone) problems.push(gone);
    if (!labels.any) return found;
    for (const { path, kind } of found.entries) {
      const isOuter = kind === 'dir' && around === undefined && labels.isPackage(path);
      if (isOuter) problems.push(...(await this.#measure(path, signal)));
    }
    const entries = found.entries.filter(({ path, kind }) => !labels.isUnknown(path) && !hides(path, kind));
    return { entries, problems: [...found.problems, ...problems] };
  }

  async #measure(dir: string, signal: AbortSignal): Promise<Problem[]> {
    const enter = (at: string) => this.enter(at, signal);
    const problem = await measurePackage({ ...this.#parts, enter }, dir, signal);
    return problem ? [problem] : [];
  }

  /** Once old rules no longer hold beside new ones. */
  async #changedLater(): Promise<void> {
    if (this.#waits) return;
    this.#waits = true;
    const { clock, closing, labels } = this.#parts;
    await clock.sleep(settleMs, closing).catch(() => undefined);
    this.#waits = false;
    if (!closing.aborted) labels.changed();
  }
}

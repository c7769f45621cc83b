/** A folder of the local file system as a store. */
import { DongboError, type Halt, type Problem } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { NodeId, SpaceId } from '#agent/core/ids.ts';
import type { DiskFacts } from '#agent/core/item.ts';
import { parentOf } from '#agent/core/path.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk } from '#agent/sys/disk.ts';
import type { LstatAll } from '#agent/sys/lstat-all.ts';
import { type Random, systemRandom } from '#agent/sys/random.ts';
import { lstatAllWithin } from '#agent/sys/rooted-disk.ts';
import { diskErrno } from './disk-errno.ts';
import { DiskClock, type Stamp } from './disk-clock.ts';
import { FolderRules, settleMs } from './folder-rules.ts';
import { IgnoreRules } from './ignore.ts';
import type { LabelRules } from './label-rules.ts';
import { LabelWatch } from './label-watch.ts';
import { type ListParts, listDirectory, lookAt } from './listing.ts';
import { type OwnPlace, OwnPlaces } from './own-places.ts';
import { RealPath } from './real-path.ts';
import { RootGuard, resolveRoot } from './root-guard.ts';
import { openStable, type ReadParts } from './stable-read.ts';
import type { Found, FoundKind, Hint, Listing, StableRead, Store } from './store.ts';
import { watchDirectory } from './watch-directory.ts';
import { watchFolder } from './watch-folder.ts';
import type { WatchSet } from './watch-set.ts';

export interface FolderOptions {
  /** Absolute path. It need not be there yet: `check` says so. */
  readonly root: string;
  readonly space: SpaceId;
  readonly node: NodeId;
  readonly disk: Disk;
  readonly clock: Clock;
  /** Patterns in the syntax of .gitignore. */
  readonly exclude: readonly string[];
  /** Patterns of files that are only appended to: of these a version is what they held when they were opened. */
  readonly growing?: readonly string[];
  /** Kept up to date with what label files say. */
  readonly labels?: LabelRules;
  /**
   * State secrets that may not be handled now are left out like what `exclude` names: never listed, read or written.
   * All that `labels` makes secrets when absent. What may be one for all that is known is left out in any case.
   */
  readonly hides?: (path: string, kind: FoundKind) => boolean;
  readonly emit: Emit;
  /** `marker` of the time before; undefined when this root was never adopted. */
  readonly knownMarker?: string;
  /** Nothing of these may lie in the folder, nor it in them. */
  readonly own: readonly OwnPlace[];
  readonly random?: Random;
  readonly lstatAll?: LstatAll;
  readonly openWatch?: typeof watchDirectory;
}

export class FolderStore implements Store {
  readonly root: string;
  readonly #options: FolderOptions;
  readonly #system: Disk;
  readonly #guard: RootGuard;
  readonly #diskClock: DiskClock;
  readonly #rules: FolderRules;
  readonly #parts: ListParts & ReadParts;
  readonly #closing = new AbortController();
  readonly #labels: LabelWatch | undefined;
  #watched: WatchSet | undefined;
  #restart: AbortController | undefined;

  private constructor(options: FolderOptions, root: string) {
    const { clock, random = systemRandom, exclude } = options;
    const disk = options.disk.within(root);
    this.root = root;
    this.#options = { ...options, disk };
    this.#system = options.disk;
    const own = new OwnPlaces(options.own);
    this.#guard = new RootGuard({ ...options, disk, root, random, own });
    this.#diskClock = new DiskClock(disk, clock, root);
    this.#rules = new FolderRules(disk, clock, root, exclude);
    const growing = new IgnoreRules(options.growing ?? []);
    this.#parts = {
      disk,
      grows: (path) => growing.excludes(path, 'file'),
      lstatAll: options.lstatAll ?? lstatAllWithin(root),
      real: new RealPath(root, disk),
      excludes: (path, kind) => this.excludes(path, kind),
      isOwn: (stat) => own.isSecret(stat),
    };
    const { labels } = options;
    const ignores = this.#rules.excludes.bind(this.#rules);
    const hides = (path: string, kind: FoundKind) => this.#hides(path, kind);
    const common = { disk, clock, root, ignores, hides, lstatAll: this.#parts.lstatAll };
    this.#labels = labels && new LabelWatch({ ...common, labels, closing: this.#closing.signal });
  }

  static async open(options: FolderOptions): Promise<FolderStore> {
    return new FolderStore(options, await resolveRoot(options.disk, options.root));
  }

  get marker(): string | undefined {
    return this.#guard.known;
  }

  check(): Promise<Halt | undefined> {
    return this.#guard.check();
  }

  adopt(): Promise<void> {
    return this.#guard.adopt();
  }

  excludes(path: string, kind: FoundKind): boolean {
    return this.#rules.excludes(path, kind) || this.#isHidden(path, kind);
  }

  #isHidden(path: string, kind: FoundKind): boolean {
    return (this.#options.labels?.isUnknown(path) ?? false) || this.#hides(path, kind);
  }

  #hides(path: string, kind: FoundKind): boolean {
    const { labels, hides = (at, of) => labels?.isSecret(at, of) ?? false } = this.#options;
    return hides(path, kind);
  }

  /** What is hidden has changed: the watch begins anew, and hints at everything. */
  rewatch(): void {
    this.#restart?.abort();
  }

  async list(dir: string, signal: AbortSignal): Promise<Listing> {
    signal.throwIfAborted();
    if (dir === '' || !this.#rules.loaded) await this.#reloadRules();
    const listing = this.#labels
      ? await this.#labels.list(dir, () => listDirectory(this.#parts, dir, signal), signal)
      : await listDirectory(this.#parts, dir, signal);
    const gone = dir === '' ? this.#rules.gone : undefined;
    const below = listing.entries.filter((found) => found.kind === 'dir');
    this.#watched?.seen(
      dir,
      below.map(({ path, facts }) => ({ path, ino: facts.ino })),
    );
    return gone ? { ...listing, problems: [...listing.problems, gone] } : listing;
  }

  isUnlisted(dir: string): boolean {
    return this.#watched?.isUnlisted(dir) ?? false;
  }

  /** New rules change which directories are watched, so the watch begins anew; it then hints at everything. */
  async #reloadRules(): Promise<void> {
    const before = this.#rules.loaded;
    const reloaded = await this.#rules.reload();
    if (reloaded === 'changed' && before) this.#restart?.abort();
    if (reloaded === 'unsettled') void this.#restartLater();
  }

  async #restartLater(): Promise<void> {
    const restart = this.#restart;
    await this.#options.clock.sleep(settleMs, this.#closing.signal).catch(() => undefined);
    restart?.abort();
  }

  async look(path: string): Promise<Found | Problem | undefined> {
    try {
      await this.#labels?.enter(parentOf(path), this.#closing.signal);
      const here = await this.#parts.real.stat(path);
      return here && (await lookAt(this.#parts, path, here));
    } catch (error) {
      const errno = diskErrno(error);
      if (errno === undefined) throw error;
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
      if (errno === 'EXDEV') return { code: 'STORE_OTHER_FILESYSTEM', path, details: {} };
      return { code: 'STORE_LOOK_FAILED', path, details: { errno } };
    }
  }

  read(path: string, signal: AbortSignal): Promise<StableRead> {
    signal.throwIfAborted();
    // What was listed may have become a secret since.
    if (this.#isHidden(path, 'file'))
      return Promise.reject(new DongboError('STORE_ITEM_GONE', {}, { retry: 'later' }));
    return openStable(this.#parts, path, signal);
  }

  stamp(facts: DiskFacts): Promise<Stamp> {
    return this.#diskClock.stamp(facts);
  }

  /** Begins anew when the rules change or the root was replaced. Throws STORE_WATCH_FAILED ({errno}). */
  async *watch(signal: AbortSignal): AsyncGenerator<Hint> {
    const { disk, clock, emit, openWatch = watchDirectory } = this.#options;
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    const attach = (set: WatchSet | undefined): void => {
      this.#watched = set;
    };
    while (!ended.aborted) {
      this.#restart = new AbortController();
      const session = AbortSignal.any([ended, this.#restart.signal]);
      const { lstatAll, excludes } = this.#parts;
      const enter = async (dir: string) => (await this.#labels?.enter(dir, session)) ?? true;
      const parts = {
        disk,
        system: this.#system,
        lstatAll,
        excludes,
        enter,
        root: this.root,
        clock,
        emit,
        openWatch,
        attach,
      };
      try {
        yield* watchFolder(parts, session);
      } catch (error) {
        if (!session.aborted) throw watchFailed(error);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
  }
}

function watchFailed(error: unknown): unknown {
  const errno = diskErrno(error);
  if (errno === undefined) return error;
  return new DongboError('STORE_WATCH_FAILED', { errno }, { retry: 'later', cause: error });
}

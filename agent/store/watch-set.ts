/**
 * The watched directories of one root. It follows what listings see: a directory that a listing shows is watched, one
 * that a listing misses is not any more. So the scan stays the truth, and the watch only tells where to scan.
 */
import { joinPath, parentOf } from '#agent/core/path.ts';
import type { DirectoryEvents } from './watch-directory.ts';

export interface SubDirectory {
  readonly path: string;
  /** Unknown for the root and for what was only counted. */
  readonly ino?: bigint;
}

export interface WatchSetParts {
  readonly open: (dir: string, events: DirectoryEvents) => Promise<AsyncDisposable>;
  /** At most this many directories at once. */
  readonly limit: number;
  /** `renamed` is as in `DirectoryEvents`. */
  readonly changed: (dir: string, renamed: string | undefined) => void;
  /** These directories are watched from now on; what happened in them before was not seen. */
  readonly watching: (dirs: readonly string[]) => void;
  /** A directory is not watched, and why: `limit`, or an errno (ENOENT: it went away meanwhile). */
  readonly failed: (reason: string, dir: string) => void;
}

interface Watched {
  ino: bigint | undefined;
  /** Paths of the watched directories directly below. */
  children?: Set<string>;
  handle?: AsyncDisposable;
  /** What it holds was listed since it is in the set. */
  listed?: true;
  /** Another directory may stand there now, and the watch sit on the one that went: the next listing above renews it. */
  suspect: boolean;
}

const openAtOnce = 8;
/** The kernel has no more watches to give: asking again for each directory would only cost time. */
const exhausted = new Set(['ENOSPC', 'EMFILE', 'ENFILE', 'ENOMEM']);

export class WatchSet implements AsyncDisposable {
  readonly #parts: WatchSetParts;
  readonly #dirs = new Map<string, Watched>();
  /** Waiting to be watched; never more than `limit`, for each is in `#dirs` too. */
  #queue: string[] = [];
  #opened: string[] = [];
  #workers = new Set<Promise<void>>();
  /** Being opened or closed, by path. */
  readonly #atWork = new Map<string, Promise<void>>();
  #closed = false;
  /** The errno by which the kernel refused to watch more. */
  #full: string | undefined;

  constructor(parts: WatchSetParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#dirs.size;
  }

  add({ path, ino }: SubDirectory): void {
    if (this.#closed || this.#dirs.has(path)) return;
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      this.#parts.failed(refusal, path);
      return;
    }
    this.#dirs.set(path, { ino, suspect: false });
    this.#parent(path, true)?.add(path);
    this.#queue.push(path);
    if (this.#workers.size < openAtOnce) this.#start();
  }

  #refusal(): string | undefined {
    if (this.#full !== undefined) return this.#full;
    return this.#dirs.size >= this.#parts.limit ? 'limit' : undefined;
  }

  /** What a whole listing of `dir` showed. */
  seen(dir: string, below: readonly SubDirectory[]): void {
    this.add({ path: dir });
    const watched = this.#dirs.get(dir);
    if (watched) watched.listed = true;
    for (const sub of below) {
      const known = this.#dirs.get(sub.path);
      const replaced = known?.ino !== undefined && known.ino !== sub.ino;
      if (known && (known.suspect || replaced)) this.#drop(sub.path);
      else if (known) known.ino = sub.ino;
      this.add(sub);
    }
    const children = this.#dirs.get(dir)?.children;
    if (!children || children.size <= below.length) return;
    const present = new Set(below.map((sub) => sub.path));
    for (const path of children) if (!present.has(path)) this.#drop(path);
  }

  /** Whether a listing of the directory above has shown it, and nobody has listed it yet. */
  isUnlisted(dir: string): boolean {
    const watched = this.#dirs.get(dir);
    return watched !== undefined && !watched.listed;
  }

  #parent(path: string, make: boolean): Set<string> | undefined {
    if (path === '') return undefined;
    const parent = this.#dirs.get(parentOf(path));
    if (parent && make) parent.children ??= new Set();
    return parent?.children;
  }

  #drop(path: string): void {
    const watched = this.#dirs.get(path);
    if (!watched) return;
    for (const child of watched.children ?? []) this.#drop(child);
    this.#dirs.delete(path);
    this.#parent(path, false)?.delete(path);
    if (watched.handle) void this.#busy(path, closed(watched.handle));
  }

  /** Watches of one path share one handle of the kernel: the next begins when the one before, dead maybe, is closed. */
  #busy(path: string, work: Promise<void>): Promise<void> {
    const all = Promise.all([this.#atWork.get(path), work]).then(() => {
      if (this.#atWork.get(path) === all) this.#atWork.delete(path);
    });
    this.#atWork.set(path, all);
    return all;
  }

  #start(): void {
    const worker = this.#work().finally(() => {
      this.#workers.delete(worker);
      if (this.#workers.size === 0) this.#settle();
    });
    this.#workers.add(worker);
  }

  async #work(): Promise<void> {
    for (let path = this.#queue.shift(); path !== undefined; path = this.#queue.shift()) {
      while (this.#atWork.has(path)) await this.#atWork.get(path);
      const watched = this.#dirs.get(path);
      if (watched && !watched.handle) await this.#busy(path, this.#open(path, watched));
    }
  }

  async #open(path: string, watched: Watched): Promise<void> {
    const events = this.#eventsOf(path, watched);
    const handle = await this.#parts.open(path, events).catch(() => undefined);
    if (!handle) return events.failed('unknown');
    if (this.#closed || this.#dirs.get(path) !== watched) return closed(handle);
    watched.handle = handle;
    if (!watched.suspect) this.#opened.push(path);
  }

  #eventsOf(path: string, watched: Watched): DirectoryEvents {
    return {
      changed: (renamed) => {
        // Told by the directory above: about itself a moved directory still speaks under its old name.
        const below = renamed === undefined ? undefined : this.#dirs.get(joinPath(path, renamed));
        if (below) below.suspect = true;
        this.#parts.changed(path, renamed);
      },
      failed: (errno) => {
        watched.suspect = true;
        if (exhausted.has(errno)) this.#full = errno;
        this.#parts.failed(errno, path);
      },
    };
  }

  #settle(): void {
    const opened = this.#opened;
    this.#opened = [];
    if (opened.length > 0 && !this.#closed) this.#parts.watching(opened);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#queue = [];
    await Promise.all(this.#workers);
    await Promise.all(this.#atWork.values());
    await Promise.all([...this.#dirs.values()].map(({ handle }) => handle && closed(handle)));
    this.#dirs.clear();
  }
}

const closed = (handle: AsyncDisposable): Promise<void> =>
  Promise.resolve(handle[Symbol.asyncDispose]()).catch(() => undefined);

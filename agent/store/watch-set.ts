/**
 * The watched directories of one root. It follows what listings see: a directory that a listing shows is watched, one
 * that a listing misses is not any more. So the scan stays the truth, and the watch only tells where to scan.
 */
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
  /** `self`: the directory itself was removed, moved or replaced, or a child of its own name was. */
  readonly changed: (dir: string, self: boolean) => void;
  /** These directories are watched from now on; what happened in them before was not seen. */
  readonly watching: (dirs: readonly string[]) => void;
  /** A directory is not watched, and why: `limit`, `backslash`, or an errno. */
  readonly failed: (reason: string) => void;
}

interface Watched {
  ino: bigint | undefined;
  /** Paths of the watched directories directly below. */
  children?: Set<string>;
  handle?: AsyncDisposable;
  /** The directory was removed or moved: its watch may sit on nothing. */
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
  #closing = new Set<Promise<void>>();
  #closed = false;
  #full = false;

  constructor(parts: WatchSetParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#dirs.size;
  }

  add({ path, ino }: SubDirectory): void {
    if (this.#closed || this.#dirs.has(path)) return;
    const refusal = this.#refusal(path);
    if (refusal !== undefined) {
      this.#parts.failed(refusal);
      return;
    }
    this.#dirs.set(path, { ino, suspect: false });
    this.#parent(path, true)?.add(path);
    this.#queue.push(path);
    if (this.#workers.size < openAtOnce) this.#start();
  }

  #refusal(path: string): string | undefined {
    if (path.includes('\\')) return 'backslash';
    return this.#full || this.#dirs.size >= this.#parts.limit ? 'limit' : undefined;
  }

  /** What a whole listing of `dir` showed. */
  seen(dir: string, below: readonly SubDirectory[]): void {
    this.add({ path: dir });
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

  #parent(path: string, make: boolean): Set<string> | undefined {
    if (path === '') return undefined;
    const slash = path.lastIndexOf('/');
    const parent = this.#dirs.get(slash < 0 ? '' : path.slice(0, slash));
    if (parent && make) parent.children ??= new Set();
    return parent?.children;
  }

  #drop(path: string): void {
    const watched = this.#dirs.get(path);
    if (!watched) return;
    for (const child of watched.children ?? []) this.#drop(child);
    this.#dirs.delete(path);
    this.#parent(path, false)?.delete(path);
    if (watched.handle) this.#close(watched.handle);
  }

  #close(handle: AsyncDisposable): void {
    const closing = Promise.resolve(handle[Symbol.asyncDispose]())
      .catch(() => undefined)
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #start(): void {
    const worker = this.#work().finally(() => {
      this.#workers.delete(worker);
      if (this.#workers.size === 0) this.#settle();
    });
    this.#workers.add(worker);
  }

  async #work(): Promise<void> {
    for (let path = this.#queue.shift(); path !== undefined && !this.#closed; path = this.#queue.shift()) {
      const watched = this.#dirs.get(path);
      if (watched && !watched.handle) await this.#open(path, watched);
    }
  }

  async #open(path: string, watched: Watched): Promise<void> {
    const handle = await this.#parts.open(path, this.#eventsOf(path, watched));
    if (this.#closed || this.#dirs.get(path) !== watched) return this.#close(handle);
    watched.handle = handle;
    if (!watched.suspect) this.#opened.push(path);
  }

  #eventsOf(path: string, watched: Watched): DirectoryEvents {
    return {
      changed: (self) => {
        if (self) watched.suspect = true;
        this.#parts.changed(path, self);
      },
      failed: (errno) => {
        watched.suspect = true;
        if (exhausted.has(errno)) this.#full = true;
        this.#parts.failed(errno);
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
    for (const { handle } of this.#dirs.values()) if (handle) this.#close(handle);
    this.#dirs.clear();
    await Promise.all(this.#closing);
  }
}

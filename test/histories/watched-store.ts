/** A folder store whose hints come when the history says so: late, and one before the other, as a kernel's do. */
import type { DiskFacts } from '#agent/core/item.ts';
import type { FoundKind, Hint, Listing, StableRead, Store } from '#agent/store/store.ts';
import type { FolderStore } from '#agent/store/folder.ts';

export class WatchedStore implements Store {
  readonly #inner: FolderStore;
  readonly #ready: Hint[] = [];
  /** Of what has changed and no hint was given of yet. */
  readonly #due: string[] = [];
  #wake: () => void = () => undefined;

  constructor(inner: FolderStore) {
    this.#inner = inner;
  }

  get root(): string {
    return this.#inner.root;
  }

  get marker(): string | undefined {
    return this.#inner.marker;
  }

  /** Something in these directories changed. */
  changed(dirs: readonly string[]): void {
    for (const dir of dirs) if (!this.#due.includes(dir)) this.#due.push(dir);
  }

  /** How many directories wait for their hint. */
  get due(): number {
    return this.#due.length;
  }

  /** The hints of the first `count` of them are given. */
  hint(count: number): void {
    for (const path of this.#due.splice(0, count)) this.#ready.push({ kind: 'dir', path });
    this.#wake();
  }

  hintAll(reason: string): void {
    this.#ready.push({ kind: 'all', reason });
    this.#wake();
  }

  async *watch(signal: AbortSignal): AsyncGenerator<Hint> {
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    yield { kind: 'all', reason: 'begins' };
    while (!signal.aborted) {
      const next = this.#ready.shift();
      if (next) yield next;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  check() {
    return this.#inner.check();
  }

  stamp(facts: DiskFacts) {
    return this.#inner.stamp(facts);
  }

  adopt(): Promise<void> {
    return this.#inner.adopt();
  }

  list(dir: string, signal: AbortSignal): Promise<Listing> {
    return this.#inner.list(dir, signal);
  }

  look(path: string) {
    return this.#inner.look(path);
  }

  read(path: string, signal: AbortSignal): Promise<StableRead> {
    return this.#inner.read(path, signal);
  }

  excludes(path: string, kind: FoundKind): boolean {
    return this.#inner.excludes(path, kind);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#inner[Symbol.asyncDispose]();
  }
}

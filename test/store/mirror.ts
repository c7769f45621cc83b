/** What an agent does with a store: scan everything, then only where hints point. */
import { type Observation, scanTree } from '#agent/store/scan.ts';
import type { Hint, Store } from '#agent/store/store.ts';
import { MemoryIndex } from './memory-index.ts';

export async function scan(
  store: Store,
  index: MemoryIndex,
  under?: string,
  signal = new AbortController().signal,
): Promise<Observation[]> {
  const seen: Observation[] = [];
  for await (const o of scanTree({ store, index, under, recursive: under === undefined, signal })) {
    seen.push(o);
    index.take(o);
  }
  return seen;
}

export class Mirror implements AsyncDisposable {
  readonly index = new MemoryIndex();
  readonly hints: Hint[] = [];
  readonly #store: Store;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(store: Store) {
    this.#store = store;
    this.#running = this.#run();
  }

  /** How many hints so far said "look everywhere". */
  get wholeLooks(): number {
    return this.hints.filter((hint) => hint.kind === 'all').length;
  }

  async #run(): Promise<void> {
    for await (const hint of this.#store.watch(this.#stop.signal)) {
      this.hints.push(hint);
      if (await this.#store.check()) continue;
      await scan(this.#store, this.index, hint.kind === 'dir' ? hint.path : undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

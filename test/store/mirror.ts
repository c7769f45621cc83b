/** What an agent does with a store: scan everything, then only where hints point. */
import { DongboError } from '#agent/core/errors.ts';
import { type Observation, scanTree } from '#agent/store/scan.ts';
import type { Hint, Store } from '#agent/store/store.ts';
import { systemClock } from '#agent/sys/clock.ts';
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
      let under = hint.kind === 'dir' ? hint.path : undefined;
      while (!(await this.#look(under)) && !this.#stop.signal.aborted) {
        under = undefined;
        await systemClock.sleep(20, this.#stop.signal).catch(() => undefined);
      }
    }
  }

  /** False when the store stands still or failed: then everything is to be looked at as soon as it is back. */
  async #look(under: string | undefined): Promise<boolean> {
    try {
      if (await this.#store.check()) return false;
      await scan(this.#store, this.index, under);
      return true;
    } catch (error) {
      if (error instanceof DongboError) return false;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

/** One waiter that anybody may wake. A poke while nobody waits is kept, so that none is lost. */
import type { Clock } from '#agent/sys/clock.ts';

export class Wake {
  #poked = false;
  #resume: () => void = () => {};

  /** Whether the next wait will end at once. */
  get isPoked(): boolean {
    return this.#poked;
  }

  poke(): void {
    this.#poked = true;
    this.#resume();
  }

  /** Resolves at the next poke or after `ms`; rejects when aborted. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#poked) {
      const timer = new AbortController();
      const poked = new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
      const slept = clock.sleep(ms, AbortSignal.any([signal, timer.signal])).catch(() => {});
      await Promise.race([poked, slept]);
      timer.abort();
    }
    this.#poked = false;
    signal.throwIfAborted();
  }
}

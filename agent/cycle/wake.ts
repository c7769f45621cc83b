/** One waiter that anybody may wake; a poke while nobody waits is kept, so none is lost. */
export class Wake {
  #poked = false;
  #resume: (() => void) | undefined;

  poke(): void {
    this.#poked = true;
    this.#resume?.();
  }

  /** Resolves at the next poke, after `ms`, or when aborted (without rejecting). */
  async wait(
    ms: number,
    sleep: (ms: number, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    if (!this.#poked && !signal.aborted) {
      const timer = new AbortController();
      const poked = new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
      const timeout = sleep(ms, AbortSignal.any([signal, timer.signal])).catch(() => undefined);
      await Promise.race([poked, timeout]);
      timer.abort();
      this.#resume = undefined;
    }
    this.#poked = false;
  }
}

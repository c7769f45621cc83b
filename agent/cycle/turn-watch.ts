/** Whether the turn of a space is at work: the watchdog of the service manager hears it. */
import type { Clock } from '#agent/sys/clock.ts';

/**
 * A turn without any sign of life for this long hangs. One call may take long by itself: to make a slow disk durable
 * that another program has filled, for one.
 */
export const hangsAfterMs = 30 * 60_000;

export class TurnWatch {
  readonly #clock: Clock;
  /** Monotonic ms of the last sign of life; undefined between turns. */
  #last: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async turn<T>(work: () => Promise<T>): Promise<T> {
    this.#last = this.#clock.monotonic();
    try {
      return await work();
    } finally {
      this.#last = undefined;
    }
  }

  /** Something is being read, written or received in the turn. */
  note(): void {
    if (this.#last !== undefined) this.#last = this.#clock.monotonic();
  }

  /** Passes on what a turn receives; each is a sign of life. */
  async *noting<T>(received: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const one of received) {
      this.note();
      yield one;
    }
  }

  /** Whether a turn is under way. */
  get busy(): boolean {
    return this.#last !== undefined;
  }

  hangs(): boolean {
    return this.#last !== undefined && this.#clock.monotonic() - this.#last > hangsAfterMs;
  }
}

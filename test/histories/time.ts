/** Time that the history moves: it runs as the machine's does, and is set forward at a step. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '#agent/sys/clock.ts';

/** Waits for the disk's own ticks pass by themselves; longer ones are over when the history says so. */
const shortMs = 100;

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

export class Time {
  #ahead = 0;
  readonly #sleepers = new Set<Sleeper>();

  get ahead(): number {
    return this.#ahead;
  }

  monotonic(): number {
    return performance.now() + this.#ahead;
  }

  pass(ms: number): void {
    this.#ahead += ms;
    const now = this.monotonic();
    for (const sleeper of [...this.#sleepers].sort((a, b) => a.due - b.due))
      if (sleeper.due <= now) sleeper.wake();
  }

  async until(due: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { due, wake: resolve };
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    this.#sleepers.add(sleeper);
    try {
      await promise;
    } finally {
      this.#sleepers.delete(sleeper);
      signal.removeEventListener('abort', aborted);
    }
  }
}

/** The clock of one part of one node: how many of its loops rest shows whether it is at work. */
export class PartClock implements Clock {
  resting = 0;
  readonly #time: Time;

  constructor(time: Time) {
    this.#time = time;
  }

  now(): number {
    return Date.now() + this.#time.ahead;
  }

  monotonic(): number {
    return this.#time.monotonic();
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (ms <= shortMs) return delay(ms, undefined, { signal });
    this.resting += 1;
    try {
      await this.#time.until(this.monotonic() + ms, signal);
    } finally {
      this.resting -= 1;
    }
  }
}

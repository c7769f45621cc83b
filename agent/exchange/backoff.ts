/**
 * How long to wait after failures: exponential with full jitter, so that thousands of nodes that lost their relay at
 * the same moment do not come back at the same moment.
 */
import type { Random } from '#agent/sys/random.ts';

export interface BackoffRange {
  readonly leastMs: number;
  readonly mostMs: number;
}

export class Backoff {
  readonly #range: BackoffRange;
  readonly #random: Random;
  #failures = 0;

  constructor(range: BackoffRange, random: Random) {
    this.#range = range;
    this.#random = random;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Counts one more failure and returns the wait, ms. */
  failed(): number {
    const ceiling = Math.min(this.#range.leastMs * 2 ** this.#failures, this.#range.mostMs);
    this.#failures += 1;
    return ceiling * this.#random.fraction();
  }
}

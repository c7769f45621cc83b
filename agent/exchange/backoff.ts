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

  /**
   * Counts one more failure and returns the wait, ms. Of what has failed for `lostMs` the wait is at most a fourth: who
   * was away for a quarter of a minute is found again within seconds.
   */
  failed(lostMs: number = Number.POSITIVE_INFINITY): number {
    const { leastMs, mostMs } = this.#range;
    const ceiling = Math.min(leastMs * 2 ** this.#failures, Math.max(leastMs, lostMs / 4), mostMs);
    this.#failures += 1;
    return ceiling * this.#random.fraction();
  }
}

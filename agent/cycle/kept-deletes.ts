/**
 * Deletes that the brake keeps back. Nothing else waits for them. Many are over by themselves (an export that writes its
 * files anew, a folder whose other half is still being read), so the tree is looked at again, ever more seldom, and a
 * person is only asked when they have stood for a while.
 */
import type { Halt } from '#agent/core/errors.ts';
import type { Clock } from '#agent/sys/clock.ts';

const standMs = 5_000;
const againMs = { least: 2_000, most: 60_000 };

export class KeptDeletes {
  readonly #clock: Clock;
  #kept:
    | { readonly halt: Halt; readonly since: number; readonly again: number; readonly wait: number }
    | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get any(): boolean {
    return this.#kept !== undefined;
  }

  /** What a look came to; one at a part of the tree tells nothing of the rest. */
  looked(halt: Halt | undefined, whole: boolean): void {
    const now = this.#clock.monotonic();
    if (halt && (whole || !this.#kept)) {
      const wait = whole && this.#kept ? Math.min(this.#kept.wait * 2, againMs.most) : againMs.least;
      this.#kept = { halt, since: this.#kept?.since ?? now, again: now + wait, wait };
    } else if (!halt && whole) this.#kept = undefined;
  }

  /** A person has decided, or there is another root. */
  clear(): void {
    this.#kept = undefined;
  }

  /** What a person is asked. */
  halt(): Halt | undefined {
    const { halt, since } = this.#kept ?? {};
    return since !== undefined && this.#clock.monotonic() - since >= standMs ? halt : undefined;
  }

  /** Milliseconds until the tree is looked at again. */
  dueIn(): number {
    return this.#kept ? Math.max(0, this.#kept.again - this.#clock.monotonic()) : Infinity;
  }
}

/**
 * Items that a look at a part of the tree missed. A hint leads to one directory: of what was moved from there to another
 * the hint comes later, when that one is busy. Until then nothing is told as gone, so that what it held is found again
 * while its old place is still known, and no reader deletes what it is about to get under another name.
 */
import { parentOf } from '#agent/core/path.ts';
import type { Clock } from '#agent/sys/clock.ts';

/** Longer than the hint of a busy directory is kept back (`store/hints.ts`). */
export const movingMs = 750;
const maxKept = 100_000;

export class Leaving {
  readonly #clock: Clock;
  readonly #since = new Map<string, number>();
  /** Directories above what was missed in this look, and is not told yet. */
  readonly #above = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Before each look. */
  begin(): void {
    this.#above.clear();
  }

  /** Whether something beneath it may be on its way: nobody hears before that is told that it is gone, or no directory. */
  isAbove(path: string): boolean {
    return this.#above.has(path);
  }

  isHere(path: string): void {
    this.#since.delete(path);
  }

  /** Whether it was missed only now, and may be on its way. */
  mayBeMoving(path: string): boolean {
    const now = this.#clock.monotonic();
    const since = this.#since.get(path);
    if (since === undefined && this.#since.size >= maxKept) return false;
    if (since !== undefined && now - since >= movingMs) this.#since.delete(path);
    else this.#since.set(path, since ?? now);
    if (!this.#since.has(path)) return false;
    for (let dir = parentOf(path); dir !== ''; dir = parentOf(dir)) this.#above.add(dir);
    return true;
  }
}

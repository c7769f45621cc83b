/**
 * Deletes of the last minutes, net of renames. The brake counts them together: what comes in several segments, or in
 * slices on purpose, is one mass delete all the same [4].
 */
import type { Clock } from '#agent/sys/clock.ts';

const windowMs = 10 * 60_000;

export class DeleteWindow {
  readonly #clock: Clock;
  #recent: { readonly at: number; readonly deletes: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  recent(): number {
    const since = this.#clock.monotonic() - windowMs;
    this.#recent = this.#recent.filter(({ at }) => at > since);
    return this.#recent.reduce((sum, { deletes }) => sum + deletes, 0);
  }

  note(deletes: number): void {
    if (deletes > 0) this.#recent.push({ at: this.#clock.monotonic(), deletes });
  }

  /** A person has looked: the count starts anew. */
  clear(): void {
    this.#recent = [];
  }
}

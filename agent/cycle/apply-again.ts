/**
 * When what could not be written is tried again: soon at first, since somebody may be mending it, then ever more seldom. A
 * try that takes long takes at most a tenth of the time.
 */
import type { Clock } from '#agent/sys/clock.ts';

const leastMs = 2_000;
const mostMs = 60_000;
const restPerTry = 9;

export class ApplyAgain {
  readonly #clock: Clock;
  #problems = 0;
  /** Monotonic. */
  #next = 0;
  #pauseMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Of a run that began at `started` (monotonic): milliseconds until the next, which others may cause before that. */
  dueIn(
    { applied, problems }: { readonly applied: number; readonly problems: number },
    started: number,
  ): number {
    const now = this.#clock.monotonic();
    const first = problems !== this.#problems || applied > 0;
    this.#problems = problems;
    if (problems === 0) return Infinity;
    if (first) this.#pauseMs = leastMs;
    else if (now < this.#next) return this.#next - now;
    else this.#pauseMs = Math.min(this.#pauseMs * 2, mostMs);
    this.#next = now + Math.min(Math.max(this.#pauseMs, (now - started) * restPerTry), mostMs);
    return this.#next - now;
  }
}

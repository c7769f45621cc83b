/** How many problems of each code a space has, for the status: counted when something changed, and not too often. */
import type { Problem } from '#agent/core/errors.ts';
import type { Clock } from '#agent/sys/clock.ts';

/** `SpaceState` has this shape. */
export interface CountedProblems {
  /** A new object with every change of what it counts. */
  counts(): { readonly problems: number };
  problems(): AsyncIterable<Problem>;
}

interface Counted {
  readonly of: object;
  readonly problems: number;
  /** Monotonic ms. */
  readonly at: number;
  readonly codes: Readonly<Record<string, number>>;
}

/** Beyond so many the rest is not told apart; the number of all problems is told anyhow. */
export const maxCounted = 10_000;
/** Other counts move many times a second; a code that replaced another may be shown this much later. */
const freshMs = 5_000;

export class ProblemCodes {
  readonly #clock: Clock;
  #counted: Counted | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async of(state: CountedProblems): Promise<Readonly<Record<string, number>>> {
    const counts = state.counts();
    const now = this.#clock.monotonic();
    const known = this.#counted;
    if (counts.problems === 0) return {};
    if (known?.of === counts || (known?.problems === counts.problems && now - known.at < freshMs))
      return known.codes;
    const codes: Record<string, number> = {};
    let read = 0;
    for await (const { code } of state.problems()) {
      codes[code] = (codes[code] ?? 0) + 1;
      read += 1;
      if (read === maxCounted) break;
    }
    this.#counted = { of: counts, problems: counts.problems, at: now, codes };
    return codes;
  }
}

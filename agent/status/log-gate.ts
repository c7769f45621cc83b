/** Keeps a flood of like lines (100,000 problems, a scanner at the port) from filling the log and the disk. */

/** So many lines of one kind pass in each minute. */
export const linesPerMinute = 10;
const windowMs = 60_000;
/** Kinds beyond this many are let through; ours are far fewer. */
const maxKinds = 1000;

interface Kind {
  start: number;
  passed: number;
  held: number;
}

export class LogGate {
  readonly #kinds = new Map<string, Kind>();

  /**
   * Whether a line of this kind may be written at `now` (monotonic milliseconds), and how many of its kind were held
   * back before it.
   */
  pass(kind: string, now: number): { readonly pass: boolean; readonly held: number } {
    const known = this.#kinds.get(kind);
    if (!known && this.#kinds.size >= maxKinds) return { pass: true, held: 0 };
    if (known && now - known.start < windowMs) {
      if (known.passed < linesPerMinute) {
        known.passed += 1;
        return { pass: true, held: 0 };
      }
      known.held += 1;
      return { pass: false, held: known.held };
    }
    this.#kinds.set(kind, { start: now, passed: 1, held: 0 });
    return { pass: true, held: known?.held ?? 0 };
  }
}

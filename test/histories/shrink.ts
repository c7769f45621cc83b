/** Leaves out of a failing history what its fault does not need. */
import type { Cast } from './cast.ts';
import { type Outcome, runHistory } from './run.ts';

export interface Shrunk {
  readonly only: readonly number[];
  readonly outcome: Outcome;
}

/** Tries as long as `untilMs` (of `performance.now()`) allows. */
export async function shrink(cast: Cast, seed: number, failed: Outcome, untilMs: number): Promise<Shrunk> {
  const kind = failed.fault?.kind;
  let found: Shrunk = { only: Array.from({ length: failed.taken }, (_, i) => i), outcome: failed };
  for (let size = Math.ceil(found.only.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < found.only.length; ) {
      if (performance.now() > untilMs) return found;
      const only = found.only.filter((_, i) => i < at || i >= at + size);
      const outcome = await runHistory(cast, seed, new Set(only));
      if (outcome.fault?.kind === kind) found = { only, outcome };
      else at += size;
    }
  }
  return found;
}

/** Which epoch each record of a segment is sealed under: neighbours mostly share one, so it is kept as runs. */
import { peekRecord } from '#agent/core/record-peek.ts';

/** Records in a row, and their epoch. */
export type Runs = readonly (readonly [count: number, epoch: number])[];

/** A grant, or bytes that are no record. */
export const noItem = 0;
/** A record whose body was dropped before it came here. */
export const unknownEpoch = -1;

export const epochOfBody = (body: Uint8Array | undefined): number => {
  if (!body) return unknownEpoch;
  const peeked = peekRecord(body);
  return peeked?.type === 'item' ? peeked.epoch : noItem;
};

export function runsOf(epochs: readonly number[]): Runs {
  const runs: [number, number][] = [];
  for (const epoch of epochs) {
    const last = runs.at(-1);
    if (last && last[1] === epoch) last[0] += 1;
    else runs.push([1, epoch]);
  }
  return runs;
}

export const epochsOf = (runs: Runs): number[] =>
  runs.flatMap(([count, epoch]) => Array.from({ length: count }, () => epoch));

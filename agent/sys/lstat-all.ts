/** Many lstats of one directory at the speed of the kernel: each through a promise costs five times the call itself. */
import { lstatSync } from 'node:fs';
import type { DiskStat } from './disk.ts';
import { diskStat } from './disk-stat.ts';
import { systemError } from './errno.ts';
import { giveWay } from './give-way.ts';

/** Of `dir/name` for each name, in their order; an Error (with its errno code) where the call failed. Nothing is followed. */
export type LstatAll = (
  dir: string,
  names: readonly string[],
  signal: AbortSignal,
) => Promise<(DiskStat | Error)[]>;

/** The event loop is let go after this long, whatever the disk does. */
const sliceMs = 5;
const namesPerLook = 16;

export const lstatAll: LstatAll = async (dir, names, signal) => {
  const stats: (DiskStat | Error)[] = [];
  let until = performance.now() + sliceMs;
  for (const name of names) {
    stats.push(lstatNow(`${dir}/${name}`));
    if (stats.length % namesPerLook !== 0 || performance.now() < until) continue;
    await giveWay();
    signal.throwIfAborted();
    until = performance.now() + sliceMs;
  }
  return stats;
};

/** One for all: names that are mostly not there are asked for by the thousand, and an error costs ten times the call. */
const missing: Error = systemError(2, 'lstat');

function lstatNow(path: string): DiskStat | Error {
  try {
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stat ? diskStat(stat) : missing;
  } catch (error) {
    return error instanceof Error ? error : new Error('lstat failed', { cause: error });
  }
}

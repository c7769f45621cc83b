/** Many lstats of one directory at the speed of the kernel: each through a promise costs five times the call itself. */
import { lstatSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiskStat } from './disk.ts';
import { diskStat } from './disk-stat.ts';

/** In the order of `names`; an Error (with its errno code) where the call failed. Nothing is followed. */
export type LstatAll = (
  dir: string,
  names: readonly string[],
  signal: AbortSignal,
) => Promise<(DiskStat | Error)[]>;

/** The event loop is let go after this long, whatever the disk does. */
const sliceMs = 5;
const namesPerLook = 16;

/** The first call goes through the thread pool: a file system that hangs must hang there, not the whole process. */
export const lstatAll: LstatAll = async (dir, names, signal) => {
  const stats: (DiskStat | Error)[] = [];
  if (names[0] !== undefined) await lstat(join(dir, names[0])).catch(() => undefined);
  let until = performance.now() + sliceMs;
  for (const name of names) {
    stats.push(lstatNow(`${dir}/${name}`));
    if (stats.length % namesPerLook !== 0 || performance.now() < until) continue;
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    until = performance.now() + sliceMs;
  }
  return stats;
};

function lstatNow(path: string): DiskStat | Error {
  try {
    return diskStat(lstatSync(path, { bigint: true }));
  } catch (error) {
    return error instanceof Error ? error : new Error('lstat failed', { cause: error });
  }
}

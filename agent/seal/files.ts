/** Small files, read whole: keys, cards, agreements. */
import type { DiskStat } from '#agent/sys/disk.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';

/**
 * The text of a file of at most `maxBytes`. `check` sees the facts of the opened file before a byte is read.
 * Throws `NodeJS.ErrnoException` (EFBIG when larger; ENOENT, EACCES, … as usual).
 */
export async function readTextFile(
  path: string,
  maxBytes: number,
  check: (stat: DiskStat) => void = () => {},
): Promise<string> {
  await using file = await nodeDisk.openRead(path);
  const stat = await file.stat();
  check(stat);
  if (stat.size > maxBytes) throw Object.assign(new Error(`EFBIG: ${path}`), { code: 'EFBIG' });
  const bytes = new Uint8Array(stat.size);
  let filled = 0;
  while (filled < bytes.length) {
    const count = await file.read(bytes.subarray(filled), filled);
    if (count === 0) break;
    filled += count;
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, filled));
}

/** Whether anything stands at `path`, a dangling link too. */
export async function exists(path: string): Promise<boolean> {
  try {
    await nodeDisk.lstat(path);
    return true;
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The errno code of a failure, or its text when it has none. */
export const errnoOf = (error: unknown): string => errnoCode(error) ?? String(error);

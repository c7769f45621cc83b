/** Makes renames durable: the directories that they touched, one by one, or the whole file system when they are many. */
import type { Details } from '#agent/core/errors.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { durably } from './failure.ts';

/** From here on one syncfs is cheaper than an fsync each. */
export const manySyncs = 8;

/**
 * Returns those that failed, with why. What lies in one of them must not be committed. `all` when more than names has
 * changed: modes and times of files are only in syncfs.
 */
export async function syncDirs(
  disk: Disk,
  root: string,
  dirs: ReadonlySet<string>,
  all = false,
): Promise<ReadonlyMap<string, Details>> {
  const failed = new Map<string, Details>();
  if (all || dirs.size > manySyncs) {
    const failure = await failureOf(() => disk.syncFs(root));
    if (failure) for (const dir of dirs) failed.set(dir, failure);
    return failed;
  }
  for (const dir of dirs) {
    const failure = await failureOf(() => disk.syncDir(dir));
    if (failure) failed.set(dir, failure);
  }
  return failed;
}

async function failureOf(sync: () => Promise<void>): Promise<Details | undefined> {
  try {
    await durably(sync);
    return undefined;
  } catch (error) {
    if (error instanceof DongboError && error.code === 'FSYNC_FAILED') return error.details;
    throw error;
  }
}

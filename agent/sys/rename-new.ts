/** A rename that swaps, and one that refuses to replace, also where the file system has no RENAME_NOREPLACE (NFS, some FUSE). */
import { link, lstat, rename, unlink } from 'node:fs/promises';
import os from 'node:os';
import { errnoCode, systemError } from './errno.ts';
import { native } from './native.ts';
import { quickCall } from './quick-call.ts';

/** EEXIST when `to` exists, whatever it is. */
export async function renameNew(from: string, to: string): Promise<void> {
  const calls = await native();
  try {
    await quickCall(
      () => calls.renameNow(from, to, 'noReplace'),
      () => calls.rename(from, to, 'noReplace'),
    );
  } catch (error) {
    if (errnoCode(error) !== 'EINVAL' && errnoCode(error) !== 'ENOSYS') throw error;
    await renameNewByLink(from, to);
  }
}

export async function exchange(a: string, b: string): Promise<void> {
  const calls = await native();
  await quickCall(
    () => calls.renameNow(a, b, 'exchange'),
    () => calls.rename(a, b, 'exchange'),
  );
}

/**
 * link(2) refuses to replace on every file system; both names exist for a moment. A directory cannot be linked: there
 * the worst that a race can replace is an empty directory, since rename(2) refuses any other.
 */
export async function renameNewByLink(from: string, to: string): Promise<void> {
  const stat = await lstat(from);
  if (stat.isDirectory()) {
    await refuseExisting(from, to);
    return rename(from, to);
  }
  await link(from, to);
  await unlink(from);
}

async function refuseExisting(from: string, to: string): Promise<void> {
  try {
    await lstat(to);
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return;
    throw error;
  }
  throw systemError(os.constants.errno.EEXIST, 'rename', from, to);
}

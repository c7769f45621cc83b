/** Lists a directory by the bytes of its names, never through a link. */
import { access, constants, open, readdir } from 'node:fs/promises';
import os from 'node:os';
import type { DirEntry } from './disk.ts';
import { errnoCode, systemError } from './errno.ts';

const directoryOnly = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Sorted by raw bytes. Throws ENOTDIR on a link or a file; ENOTSUP where /proc is not mounted. */
export async function listDir(path: string): Promise<DirEntry[]> {
  await using handle = await open(path, directoryOnly);
  const names = await readdirOf(handle.fd, path);
  names.sort(Buffer.compare);
  return names.map((raw) => ({ name: decodeName(raw), raw }));
}

/** readdir takes a path only; through /proc it reads the very directory that was opened, whatever moved since. */
async function readdirOf(fd: number, path: string): Promise<Buffer[]> {
  const opened = `/proc/self/fd/${fd}`;
  try {
    return await readdir(opened, { encoding: 'buffer' });
  } catch (error) {
    const missing = errnoCode(error) === 'ENOENT' && !(await hasProc());
    throw missing ? systemError(os.constants.errno.ENOTSUP, 'readdir (needs /proc)', path) : error;
  }
}

async function hasProc(): Promise<boolean> {
  try {
    await access('/proc/self/fd');
    return true;
  } catch {
    return false;
  }
}

/** The text of a name or link target, or undefined when its bytes are not valid UTF-8. */
export function decodeName(raw: Uint8Array): string | undefined {
  try {
    return utf8.decode(raw);
  } catch {
    return undefined;
  }
}

/** What a path leads to, whatever it is called: files and directories are the same by device and inode. */
import { readdir, realpath, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoCode } from './errno.ts';

export interface FileId {
  readonly dev: bigint;
  readonly ino: bigint;
}

export const keyOf = ({ dev, ino }: FileId): string => `${dev}.${ino}`;

/** Of a directory or file, links resolved, and of each directory above it. `-` first when it is not there. */
export async function idsUpwards(path: string): Promise<string[]> {
  let at: string;
  try {
    at = await realpath(path);
  } catch (error) {
    if (!isAbsent(error) || path === '/') throw error;
    return [`- ${path}`, ...(await idsUpwards(dirname(path))).filter((id) => !id.startsWith('-'))];
  }
  const ids: string[] = [];
  for (; ; at = dirname(at)) {
    ids.push(keyOf(await stat(at, { bigint: true })));
    if (at === '/') return ids;
  }
}

/** Of a directory or file, and of what lies in it directly. None when it is not there. */
export async function idsWithin(path: string): Promise<string[]> {
  const ids: string[] = [];
  for (const one of [path, ...(await namesIn(path)).map((name) => join(path, name))]) {
    try {
      ids.push(keyOf(await stat(one, { bigint: true })));
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  return ids;
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoCode(error) ?? '');

/** ext, XFS, Btrfs, ZFS, F2FS, tmpfs, as statfs(2) tells them. Network and FUSE mounts may number anew each time. */
const keeping = new Set([0xef53, 0x58465342, 0x9123683e, 0x2fc12fc1, 0xf2f52010, 0x01021994]);

/** Whether a directory has its inode number for as long as it lives there. */
export async function keepsInodes(path: string): Promise<boolean> {
  return keeping.has((await statfs(path)).type >>> 0);
}

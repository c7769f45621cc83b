/** `Disk` over node:fs and a few native calls. */
import { lstatSync, rmdirSync, unlinkSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import type { Disk } from './disk.ts';
import { diskStat } from './disk-stat.ts';
import { errnoCode } from './errno.ts';
import { decodeName, listDir } from './list-dir.ts';
import { native } from './native.ts';
import { openRead, openWrite } from './node-file.ts';
import { quickCall } from './quick-call.ts';
import { exchange, renameNew } from './rename-new.ts';
import { rootedDisk } from './rooted-disk.ts';
import { syncFs } from './sync-fs.ts';
import { writeWhole } from './write-whole.ts';

const specialBits = 0o7000;
const directoryOnly = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW;

export const nodeDisk: Disk = {
  lstat: (path) =>
    quickCall(
      () => diskStat(lstatSync(path, { bigint: true })),
      async () => diskStat(await fs.lstat(path, { bigint: true })),
    ),
  list: listDir,
  readlink: async (path) => decodeName(await fs.readlink(path, { encoding: 'buffer' })),
  openRead,
  openWrite,
  writeWhole,
  mkdir,
  rmdir: (path) =>
    quickCall(
      () => rmdirSync(path),
      () => fs.rmdir(path),
    ),
  unlink: (path) =>
    quickCall(
      () => unlinkSync(path),
      () => fs.unlink(path),
    ),
  isOpenForWriting,
  symlink: (target, path) => fs.symlink(target, path),
  rename: (from, to) => fs.rename(from, to),
  renameNew,
  exchange,
  chmod: async (path, mode) => (await native()).chmod(path, mode),
  setMtime: async (path, mtimeNs) => (await native()).setMtime(path, mtimeNs),
  syncDir,
  syncFs,
  free,
  within: (root) => rootedDisk(root, nodeDisk),
};

/** The mode is exact, whatever the umask; special bits inherited from the parent (setgid) stay. */
async function mkdir(path: string, mode: number): Promise<void> {
  await fs.mkdir(path, mode);
  const stat = await fs.lstat(path);
  if ((stat.mode & 0o777) !== mode) (await native()).chmod(path, (stat.mode & specialBits) | mode);
}

const readOnly = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;

async function isOpenForWriting(path: string): Promise<boolean | undefined> {
  const calls = await native();
  try {
    await using handle = await fs.open(path, readOnly);
    return calls.isOpenForWriting(handle.fd, path);
  } catch (error) {
    if (['EACCES', 'EPERM', 'EINVAL', 'ENOLCK', 'EAGAIN'].includes(errnoCode(error) ?? '')) return undefined;
    throw error;
  }
}

async function syncDir(path: string): Promise<void> {
  await using handle = await fs.open(path, directoryOnly);
  await handle.sync();
}

async function free(path: string): Promise<number> {
  const { bavail, bsize } = await fs.statfs(path);
  return bavail * bsize;
}

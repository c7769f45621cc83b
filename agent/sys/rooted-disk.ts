/**
 * A disk that reaches nothing outside one directory. Each path is opened beneath the root by the kernel, in one step
 * and at the moment of the call: through no link, into no mount. What is done is then done at that descriptor, whatever
 * anybody makes of the path meanwhile. A descriptor serves one call: a path leads where it leads now.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import os from 'node:os';
import { openBeneath } from './beneath.ts';
import type { Disk, DiskStat } from './disk.ts';
import { diskStat } from './disk-stat.ts';
import { errnoCode, systemError } from './errno.ts';
import { type LstatAll, lstatAll } from './lstat-all.ts';
import { openPinned } from './node-file.ts';

const { errno } = os.constants;
/** open(2), Linux: names a directory without opening it for reading. Node does not export it. */
const O_PATH = 0o10000000;
const pin = O_PATH | constants.O_NOFOLLOW;
const rootFlags = pin | constants.O_DIRECTORY;

/** Beneath `root`, an absolute path whose last component is no link. `disk` does what is done at the descriptors. */
export function rootedDisk(root: string, disk: Disk): Disk {
  const parent = <T>(path: string, work: (at: string) => Promise<T>) => inParent(root, path, work);
  const both = (from: string, to: string, work: (a: string, b: string) => Promise<void>) =>
    parent(from, (a) => parent(to, (b) => work(a, b)));
  return {
    lstat: (path) => lstat(root, path, disk),
    list: (path) => inDir(root, path, (at) => disk.list(at)),
    readlink: (path) => parent(path, (at) => disk.readlink(at)),
    openRead: (path) => pinned(root, path, (fd) => openPinned(fd, path)),
    openWrite: (path) => parent(path, (at) => disk.openWrite(at)),
    writeWhole: (path, pieces, facts) => parent(path, (at) => disk.writeWhole(at, pieces, facts)),
    mkdir: (path, mode) => parent(path, (at) => disk.mkdir(at, mode)),
    rmdir: (path) => parent(path, (at) => disk.rmdir(at)),
    unlink: (path) => parent(path, (at) => disk.unlink(at)),
    symlink: (target, path) => parent(path, (at) => disk.symlink(target, at)),
    isOpenForWriting: (path) => parent(path, (at) => disk.isOpenForWriting(at)),
    rename: (from, to) => both(from, to, disk.rename),
    renameNew: (from, to) => both(from, to, disk.renameNew),
    exchange: (a, b) => both(a, b, disk.exchange),
    chmod: (path, mode) => parent(path, (at) => disk.chmod(at, mode)),
    setMtime: (path, mtimeNs) => parent(path, (at) => disk.setMtime(at, mtimeNs)),
    syncDir: (path) => inDir(root, path, (at) => disk.syncDir(at)),
    // By its name: the descriptor that hears of failed write-backs is kept between calls.
    syncFs: (path) => disk.syncFs(path),
    free: (path) => inDir(root, path, (at) => disk.free(at)),
    within: (path) => rootedDisk(path, disk),
  };
}

/** As `lstatAll`, of a directory beneath `root`. */
export const lstatAllWithin =
  (root: string): LstatAll =>
  (dir, names, signal) =>
    inDir(root, dir, (at) => lstatAll(at.slice(0, -2), names, signal));

async function lstat(root: string, path: string, disk: Disk): Promise<DiskStat> {
  // It may be anything, or gone: that is for the caller to judge.
  if (path === root) return disk.lstat(root);
  return pinned(root, path, async (fd) => diskStat(fstatSync(fd, { bigint: true })));
}

/** `work` gets a path of the item that goes through the descriptor of its directory. */
async function inParent<T>(root: string, path: string, work: (at: string) => Promise<T>): Promise<T> {
  const inside = beneath(root, path);
  const cut = inside.lastIndexOf('/');
  const name = inside.slice(cut + 1);
  if (name === '') throw systemError(errno.EXDEV, 'open', path);
  const fd = await openInside(root, inside.slice(0, Math.max(cut, 0)), rootFlags, path);
  return through(fd, `/${name}`, path, work);
}

/** `work` gets a path of the directory itself that goes through its descriptor. */
async function inDir<T>(root: string, path: string, work: (at: string) => Promise<T>): Promise<T> {
  const fd = await openInside(root, beneath(root, path), rootFlags, path);
  return through(fd, '/.', path, work);
}

async function pinned<T>(root: string, path: string, work: (fd: number) => Promise<T>): Promise<T> {
  const fd = await openInside(root, beneath(root, path), pin, path);
  try {
    return await work(fd);
  } catch (error) {
    throw toldOf(error, path, fd);
  } finally {
    closeSync(fd);
  }
}

async function through<T>(
  fd: number,
  rest: string,
  path: string,
  work: (at: string) => Promise<T>,
): Promise<T> {
  try {
    return await work(`/proc/self/fd/${fd}${rest}`);
  } catch (error) {
    throw toldOf(error, path, fd);
  } finally {
    closeSync(fd);
  }
}

/** '' for the root itself. Throws EXDEV for a path that is not beneath it. */
function beneath(root: string, path: string): string {
  if (path === root) return '';
  if (!path.startsWith(`${root}/`)) throw systemError(errno.EXDEV, 'open', path);
  return path.slice(root.length + 1);
}

async function openInside(root: string, inside: string, flags: number, path: string): Promise<number> {
  const fd = openSync(root, rootFlags);
  if (inside === '') return fd;
  try {
    return await openBeneath(fd, inside, flags, path);
  } finally {
    closeSync(fd);
  }
}

/**
 * The error by the path that the caller knows. Without /proc nothing is found by a descriptor: that must never be taken
 * for an item that is gone.
 */
function toldOf(error: unknown, path: string, fd: number): unknown {
  const code = errnoCode(error);
  if (!(error instanceof Error) || code === undefined) return error;
  if (code === 'ENOENT' && !hasProc(fd)) return systemError(errno.ENOTSUP, 'open (needs /proc)', path);
  if ('path' in error) Object.assign(error, { path });
  error.message = error.message.replace(/\/proc\/self\/fd\/\d+\/[^']*/, path);
  return error;
}

function hasProc(fd: number): boolean {
  return lstatSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false }) !== undefined;
}

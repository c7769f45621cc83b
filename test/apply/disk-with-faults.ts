/** A real disk that lets a test look at every operation before it happens, and make it fail. */
import type { Disk, DiskFile } from '#agent/sys/disk.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';

export type DiskCall =
  | Exclude<keyof Disk, 'within' | 'openRead' | 'openWrite' | 'writeWhole'>
  | 'open'
  | 'write'
  | 'sync'
  | 'truncate'
  | 'read';

/** Runs before the operation; what it throws is what the caller gets. `to` is the second path of a rename. */
export type Before = (call: DiskCall, path: string, to?: string) => void | Promise<void>;

export const errno = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code });

export function diskWith(before: Before, disk: Disk = nodeDisk): Disk {
  const one =
    <A extends unknown[], R>(call: DiskCall, run: (path: string, ...rest: A) => Promise<R>) =>
    async (path: string, ...rest: A): Promise<R> => {
      const [second] = rest;
      await before(call, path, typeof second === 'string' ? second : undefined);
      return run(path, ...rest);
    };
  const opened = (open: (path: string) => Promise<DiskFile>) => async (path: string) => {
    await before('open', path);
    return fileWith(await open(path), path, before);
  };
  const hooked: Disk = {
    lstat: one('lstat', disk.lstat),
    list: one('list', disk.list),
    readlink: one('readlink', disk.readlink),
    openRead: opened(disk.openRead),
    openWrite: opened(disk.openWrite),
    /** In single steps, so that a crash can come between. */
    writeWhole: async (path, pieces, { mode, mtimeNs }) => {
      await using file = await hooked.openWrite(path);
      let at = 0;
      for (const piece of pieces) {
        await file.write(piece, at);
        at += piece.length;
      }
      await hooked.chmod(path, mode);
      await hooked.setMtime(path, mtimeNs);
    },
    mkdir: one('mkdir', disk.mkdir),
    rmdir: one('rmdir', disk.rmdir),
    unlink: one('unlink', disk.unlink),
    symlink: async (target, path) => {
      await before('symlink', path);
      return disk.symlink(target, path);
    },
    isOpenForWriting: one('isOpenForWriting', disk.isOpenForWriting),
    rename: one('rename', disk.rename),
    renameNew: one('renameNew', disk.renameNew),
    exchange: one('exchange', disk.exchange),
    chmod: one('chmod', disk.chmod),
    setMtime: one('setMtime', disk.setMtime),
    syncDir: one('syncDir', disk.syncDir),
    syncFs: one('syncFs', disk.syncFs),
    within: (root) => diskWith(before, disk.within(root)),
    free: one('free', disk.free),
  };
  return hooked;
}

/** As NFS and others: `exchange` is refused. */
export const withoutExchange: Disk = cannotExchange(nodeDisk);

function cannotExchange(disk: Disk): Disk {
  return {
    ...disk,
    exchange: async () => {
      throw errno('EINVAL');
    },
    within: (root) => cannotExchange(disk.within(root)),
  };
}

function fileWith(file: DiskFile, path: string, before: Before): DiskFile {
  const first = async (call: DiskCall) => before(call, path);
  return {
    read: async (into, position) => {
      await first('read');
      return file.read(into, position);
    },
    write: async (from, position) => {
      await first('write');
      return file.write(from, position);
    },
    writeAll: async (pieces, position) => {
      let at = position;
      for (const piece of pieces) {
        await first('write');
        await file.write(piece, at);
        at += piece.length;
      }
    },
    stat: () => file.stat(),
    truncate: async (size) => {
      await first('truncate');
      return file.truncate(size);
    },
    sync: async () => {
      await first('sync');
      return file.sync();
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

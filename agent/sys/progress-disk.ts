/** A disk that tells of every call, so that a task which hangs is known from one that is at work. */
import type { Disk, DiskFile } from './disk.ts';

/**
 * `note` is called before each call and never waits: who begins the next call has the one before behind him. Reads and
 * writes within a file count, so a large one is progress all the way.
 */
export function withProgress(disk: Disk, note: () => void): Disk {
  const told =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      note();
      return call(...args);
    };
  const opened =
    (open: (path: string) => Promise<DiskFile>) =>
    async (path: string): Promise<DiskFile> => {
      note();
      return toldFile(await open(path), told);
    };
  return {
    lstat: told((path) => disk.lstat(path)),
    list: told((path) => disk.list(path)),
    readlink: told((path) => disk.readlink(path)),
    openRead: opened((path) => disk.openRead(path)),
    openWrite: opened((path) => disk.openWrite(path)),
    writeWhole: told((path, pieces, facts) => disk.writeWhole(path, pieces, facts)),
    mkdir: told((path, mode) => disk.mkdir(path, mode)),
    rmdir: told((path) => disk.rmdir(path)),
    unlink: told((path) => disk.unlink(path)),
    symlink: told((target, path) => disk.symlink(target, path)),
    isOpenForWriting: told((path) => disk.isOpenForWriting(path)),
    rename: told((from, to) => disk.rename(from, to)),
    renameNew: told((from, to) => disk.renameNew(from, to)),
    exchange: told((a, b) => disk.exchange(a, b)),
    chmod: told((path, mode) => disk.chmod(path, mode)),
    setMtime: told((path, mtimeNs) => disk.setMtime(path, mtimeNs)),
    syncDir: told((path) => disk.syncDir(path)),
    syncFs: told((path) => disk.syncFs(path)),
    within: (root) => withProgress(disk.within(root), note),
    free: told((path) => disk.free(path)),
  };
}

type Told = <A extends unknown[], R>(call: (...args: A) => R) => (...args: A) => R;

const toldFile = (file: DiskFile, told: Told): DiskFile => ({
  read: told((into, position) => file.read(into, position)),
  write: told((from, position) => file.write(from, position)),
  writeAll: told((pieces, position) => file.writeAll(pieces, position)),
  stat: told(() => file.stat()),
  truncate: told((size) => file.truncate(size)),
  sync: told(() => file.sync()),
  [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
});

/** The real disk, on which another program writes whenever one file is read. */
import type { Disk, DiskFile } from '#agent/sys/disk.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';

/** `onRead` is told of each read, before its bytes are taken; it may change what the file holds. */
export function busyDisk(
  name: string,
  onRead: (position: number) => Promise<void>,
  base: Disk = nodeDisk,
): Disk {
  return {
    ...base,
    within: (root) => busyDisk(name, onRead, base.within(root)),
    openRead: async (path) => {
      const file = await base.openRead(path);
      return path.endsWith(`/${name}`) ? busyFile(file, onRead) : file;
    },
  };
}

function busyFile(file: DiskFile, onRead: (position: number) => Promise<void>): DiskFile {
  return {
    read: async (into, position) => {
      await onRead(position);
      return file.read(into, position);
    },
    write: (from, position) => file.write(from, position),
    writeAll: (pieces, position) => file.writeAll(pieces, position),
    stat: () => file.stat(),
    truncate: (size) => file.truncate(size),
    sync: () => file.sync(),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

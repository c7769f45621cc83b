/** The real disk, failing where it is told to. */
import type { Disk } from '#agent/sys/disk.ts';
import type { LstatAll } from '#agent/sys/lstat-all.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';

export interface Fault {
  readonly call: 'lstat' | 'list' | 'readlink' | 'openRead';
  /** The end of the path. */
  readonly path: string;
  readonly errno: string;
}

export const errnoError = (code: string): Error => Object.assign(new Error(code), { code });

/** `faults` may be changed at any time. */
export function faultyDisk(faults: Fault[]): { disk: Disk; lstatAll: LstatAll } {
  const check = (call: Fault['call'], path: string): void => {
    const fault = faults.find((f) => f.call === call && path.endsWith(f.path));
    if (fault) throw errnoError(fault.errno);
  };
  const lstat = async (path: string) => {
    check('lstat', path);
    return nodeDisk.lstat(path);
  };
  const disk: Disk = {
    ...nodeDisk,
    within: () => disk,
    lstat,
    list: async (path) => {
      check('list', path);
      return nodeDisk.list(path);
    },
    readlink: async (path) => {
      check('readlink', path);
      return nodeDisk.readlink(path);
    },
    openRead: async (path) => {
      check('openRead', path);
      return nodeDisk.openRead(path);
    },
  };
  const lstatAll: LstatAll = (dir, names) =>
    Promise.all(names.map((name) => lstat(`${dir}/${name}`).catch((error: Error) => error)));
  return { disk, lstatAll };
}

/** From the stat of node:fs to `DiskStat`. */
import type { BigIntStats } from 'node:fs';
import type { DiskStat, EntryKind } from './disk.ts';

const permissionBits = 0o7777n;

export function diskStat(stat: BigIntStats): DiskStat {
  return {
    kind: kindOf(stat),
    mode: Number(stat.mode & permissionBits),
    size: Number(stat.size),
    mtimeNs: stat.mtimeNs,
    ctimeNs: stat.ctimeNs,
    ino: stat.ino,
    dev: stat.dev,
    nlink: Number(stat.nlink),
  };
}

function kindOf(stat: BigIntStats): EntryKind {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'dir';
  if (stat.isSymbolicLink()) return 'link';
  if (stat.isSocket()) return 'socket';
  return stat.isFIFO() ? 'fifo' : 'device';
}

/** From the stat of node:fs to `DiskStat`: what a disk may say and nothing here can hold becomes the nearest that can be. */
import type { BigIntStats } from 'node:fs';
import type { DiskStat, EntryKind } from './disk.ts';

const permissionBits = 0o7777n;
const times = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/** Nanoseconds in 64 bits reach from 1677 to 2262; ext4, XFS and tmpfs hold years beyond, and anybody may set them. */
const timeOf = (ns: bigint): bigint => (ns < times.least ? times.least : ns > times.most ? times.most : ns);

/** Of a directory some file systems tell the bytes of all that is beneath it. */
const sizeOf = (bytes: bigint): number => Math.min(Number(bytes), Number.MAX_SAFE_INTEGER);

export function diskStat(stat: BigIntStats): DiskStat {
  return {
    kind: kindOf(stat),
    mode: Number(stat.mode & permissionBits),
    size: sizeOf(stat.size),
    mtimeNs: timeOf(stat.mtimeNs),
    ctimeNs: timeOf(stat.ctimeNs),
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

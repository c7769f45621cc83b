/** What of a stat tells whether an item has changed. */
import type { DiskFacts } from '#agent/core/item.ts';
import type { DiskStat } from '#agent/sys/disk.ts';

export const factsOf = ({ size, mtimeNs, ctimeNs, ino, mode }: DiskStat): DiskFacts => ({
  size,
  mtimeNs,
  ctimeNs,
  ino,
  mode,
});

/** Accident 14: no single time stamp is trusted; any difference in any fact means "look at the bytes". */
export const sameFacts = (a: DiskFacts, b: DiskFacts): boolean =>
  a.size === b.size &&
  a.mtimeNs === b.mtimeNs &&
  a.ctimeNs === b.ctimeNs &&
  a.ino === b.ino &&
  a.mode === b.mode;

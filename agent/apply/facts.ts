/** What the index knows of a file on disk against what is there now. */
import type { DiskFacts, LocalState } from '#agent/core/item.ts';
import type { DiskStat } from '#agent/sys/disk.ts';

export const factsOf = ({ size, mtimeNs, ctimeNs, ino, mode }: DiskStat): DiskFacts => ({
  size,
  mtimeNs,
  ctimeNs,
  ino,
  mode,
});

/**
 * Whether the disk still holds what the last scan or write left: nothing that was not seen may be overwritten. A file
 * that is held after a power cut was seen as it is, so what arrives may replace it.
 */
export function isAsKnown(stat: DiskStat | undefined, local: LocalState | undefined): boolean {
  const kind = local?.state.kind ?? 'gone';
  if (kind === 'gone' || !stat) return kind === 'gone' && !stat;
  if (stat.kind !== kind) return false;
  // A directory's times change with its children, which have rows of their own.
  if (kind === 'dir') return stat.mode === local?.facts?.mode;
  const facts = local?.held ?? local?.facts;
  return facts !== undefined && stat.ctimeNs === facts.ctimeNs && isSameFile(stat, facts);
}

/** As far as a rename leaves it alone: a rename sets ctime. */
export const isSameFile = (stat: DiskStat, facts: DiskFacts): boolean =>
  stat.size === facts.size &&
  stat.mtimeNs === facts.mtimeNs &&
  stat.ino === facts.ino &&
  stat.mode === facts.mode;

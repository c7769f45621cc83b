/**
 * Modes and times belong to the owner of a file, and some file systems have none, or coarse ones. What cannot be set is
 * no reason to hold anything up: the content is there. What the disk shows instead is in the facts of the row, so that
 * no later look takes it for somebody's edit (`core/as-noted.ts`).
 */
import type { DiskFacts, ItemState } from '#agent/core/item.ts';
import { isAttributeRefused } from '#agent/sys/errno.ts';

/** FAT counts in two seconds. */
const coarsestNs = 2_000_000_000n;

export async function setIfPossible(set: () => Promise<void>): Promise<void> {
  try {
    await set();
  } catch (error) {
    if (!isAttributeRefused(error)) throw error;
  }
}

/** Whether the disk shows another mode or time than the record says. */
export function isUnset(state: ItemState, facts: DiskFacts): boolean {
  if (state.kind === 'gone') return false;
  if (state.kind !== 'link' && state.mode !== (facts.mode & 0o777)) return true;
  if (state.kind === 'dir') return false;
  const apart = state.mtimeNs - facts.mtimeNs;
  return apart > coarsestNs || apart < -coarsestNs;
}

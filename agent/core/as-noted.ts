/**
 * What a look has seen, against what was noted at the look or write before. A mode or time that is still what it was then
 * is nobody's edit: it stands for what was noted, whatever the file system has made of that. So a file of another
 * account, whose mode could not be set, and one on a disk with coarse times or no modes at all, says nothing back.
 */
import type { ItemState, LocalState } from './item.ts';

export function asNoted(seen: LocalState, before: LocalState | undefined): LocalState {
  if (!before?.facts || !seen.facts) return seen;
  const sameMode = (before.facts.mode & 0o777) === (seen.facts.mode & 0o777);
  const sameTime = before.facts.mtimeNs === seen.facts.mtimeNs;
  const state = withNoted(seen.state, before.state, { sameMode, sameTime });
  return state === seen.state ? seen : { ...seen, state };
}

interface Unchanged {
  readonly sameMode: boolean;
  readonly sameTime: boolean;
}

function withNoted(seen: ItemState, noted: ItemState, { sameMode, sameTime }: Unchanged): ItemState {
  if (seen.kind === 'dir' && noted.kind === 'dir') return sameMode ? noted : seen;
  if (seen.kind === 'link' && noted.kind === 'link')
    return sameTime ? { ...seen, mtimeNs: noted.mtimeNs } : seen;
  if (seen.kind !== 'file' || noted.kind !== 'file') return seen;
  const mode = sameMode ? noted.mode : seen.mode;
  const mtimeNs = sameTime ? noted.mtimeNs : seen.mtimeNs;
  return mode === seen.mode && mtimeNs === seen.mtimeNs ? seen : { ...seen, mode, mtimeNs };
}

/** What a scan asks of an index row. */
import type { Row } from '#agent/core/item.ts';
import { sameFacts } from './facts.ts';
import type { Found, FoundKind } from './store.ts';

/** Whether the index believes the item to be on disk. */
export const isLocal = ({ local }: Row): boolean => local !== undefined && local.state.kind !== 'gone';

/** Whether rows may lie beneath this one: it is, or may once have been, a directory here. */
export function mayHold({ local, agreed, remote }: Row): boolean {
  if (local && local.state.kind !== 'gone') return local.state.kind === 'dir';
  const others = [agreed?.state.kind, remote?.state.kind];
  return (
    others.includes('dir') ||
    (local !== undefined && others.every((kind) => kind !== 'file' && kind !== 'link'))
  );
}

/** For the rules of what is left out, which may name directories only. */
export function kindOfRow({ local, agreed, remote }: Row): FoundKind {
  for (const tree of [local, agreed, remote]) {
    const kind = tree?.state.kind;
    if (kind === 'file' || kind === 'dir' || kind === 'link') return kind;
  }
  return 'file';
}

/** Whether this very directory was here before, so that what it holds is known; another one may have taken its place. */
export const isKnownDir = ({ kind, facts }: Found, row: Row | undefined): boolean =>
  kind === 'dir' && row?.local?.state.kind === 'dir' && (row.local.facts?.ino ?? facts.ino) === facts.ino;

/** A directory's times and size change with its entries, which are looked at for themselves: they do not count. */
export function sameAsRow(found: Found, row: Row | undefined): boolean {
  const { state, facts } = row?.local ?? {};
  if (state === undefined || state.kind !== found.kind) return false;
  // A mode that could not be set is in the facts alone.
  if (state.kind === 'dir')
    return isKnownDir(found, row) && ((facts?.mode ?? state.mode) & 0o777) === (found.facts.mode & 0o777);
  if (state.kind === 'link' && state.target !== found.target) return false;
  return facts !== undefined && sameFacts(facts, found.facts);
}

/** Whether a file holds less than the index says, or is not believed since it once did. */
export function isShort({ kind, facts }: Found, row: Row | undefined): boolean {
  if (kind !== 'file') return false;
  const state = (row?.local ?? row?.agreed)?.state;
  return row?.local?.held !== undefined || (state?.kind === 'file' && facts.size < state.size);
}

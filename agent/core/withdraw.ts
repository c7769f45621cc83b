/**
 * A label was raised above what this node is cleared for: the author's newer record of the item is withheld, and what
 * it had sent before is withdrawn. Only records of that one feed are: its order is its author's, so the outcome does
 * not hang on the order in which feeds arrive. Pure; each answer depends on the row alone.
 */
import { type Origin, originKey } from './ids.ts';
import type { AgreedState, ItemState, Row, Withdrawn } from './item.ts';
import { standing, withoutRecords } from './merge.ts';

/**
 * `destroy`: what is on the disk came from that author and nobody here has touched it. `aside`: there is work of this
 * node in it. `leave`: it did not come so, or another author shares it still.
 */
export type Fate = 'destroy' | 'aside' | 'leave';

/** Names a content without its mode and time: two of the same name are the same bytes. */
export function contentName(state: ItemState): string | undefined {
  if (state.kind === 'file') return state.sha256;
  if (state.kind === 'link') return `-> ${state.target}`;
  return state.kind === 'dir' ? 'dir' : undefined;
}

const sameFeed = (a: Origin, b: Origin): boolean => originKey(a) === originKey(b);

/** The row once a withheld record of `mark.author` has come under `mark.seq`, after records with `mark.contents`. */
export function withWithdrawn(row: Row, mark: Withdrawn): Row {
  const others = (row.withdrawn ?? []).filter(({ author }) => !sameFeed(author, mark.author));
  const before = (row.withdrawn ?? []).find(({ author }) => sameFeed(author, mark.author));
  const contents = [...new Set([...(before?.contents ?? []), ...mark.contents])];
  const seq = Math.max(before?.seq ?? 0, mark.seq);
  const remote = withoutRecords(row.remote, (r) => sameFeed(r.author, mark.author) && r.seq < seq);
  return { ...row, ...(remote ? { remote } : {}), withdrawn: [...others, { ...mark, seq, contents }] };
}

/** A later record of that feed is for this node again: nothing is left to withdraw. */
export function withoutWithdrawn(row: Row, author: Origin, seq: number): Row {
  if (!row.withdrawn) return row;
  const { withdrawn, ...trees } = row;
  const left = withdrawn.filter((mark) => !sameFeed(mark.author, author) || mark.seq > seq);
  if (left.length === withdrawn.length) return row;
  return left.length > 0 ? { ...trees, withdrawn: left } : trees;
}

/** What becomes of the copy on the disk; undefined when nothing of the row is withdrawn. */
export function fateOf(row: Row, me: Origin): Fate | undefined {
  if (!row.withdrawn?.length) return undefined;
  const here = row.local?.state ?? { kind: 'gone' };
  const name = contentName(here);
  if (name === undefined) return 'destroy';
  const shared = standing(row.remote).some(({ state }) => contentName(state) === name);
  if (shared) return 'leave';
  if (row.withdrawn.some(({ contents }) => contents.includes(name)))
    return isOwn(row, me) ? own(here) : 'destroy';
  const base = row.agreed?.author;
  return base && row.withdrawn.some(({ author }) => sameFeed(author, base)) ? own(here) : 'leave';
}

/** A directory is no work of anybody's. */
const own = ({ kind }: ItemState): Fate => (kind === 'dir' ? 'leave' : 'aside');

/** Whether this node, in whatever life, has published the item itself: then it is not for others to destroy. */
const isOwn = ({ remote, agreed }: Row, { node }: Origin): boolean =>
  agreed?.author.node === node || standing(remote).some(({ author }) => author.node === node);

/** The row's agreed tree once the copy is gone from the disk. */
export const agreedGone = ({ agreed, withdrawn }: Row): AgreedState | undefined => {
  const author = agreed?.author ?? withdrawn?.[0]?.author;
  return author && { state: { kind: 'gone' }, version: agreed?.version ?? [], author };
};

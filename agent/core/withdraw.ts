/**
 * A label was raised above what this node is cleared for: the author's newer record of the item is withheld, and what
 * it had sent before is withdrawn. Only records of that one feed are: its order is its author's, so the outcome does
 * not hang on the order in which feeds arrive. Nor does it hang on what stands now: a content that another feed ever
 * brought to the path, or that this node has made, is not for one author to have destroyed. Pure.
 */
import { actorOf } from './actor.ts';
import { type Origin, originKey } from './ids.ts';
import type { AgreedState, Brought, ItemState, Row, Withdrawn } from './item.ts';
import { standing, withAgreed, withoutRecords } from './merge.ts';

/**
 * `destroy`: what is on the disk came from that author alone and nobody here has touched it. `aside`: there is work of
 * this node in it, or another brought it too. `leave`: it did not come so, or another author shares it still.
 */
export type Fate = 'destroy' | 'aside' | 'leave';

/** Stands for contents that nobody wrote down: any of them may be the one that is asked for. */
export const anyContent = '*';

/** Names a content without its mode and time: two of the same name are the same bytes. */
export function contentName(state: ItemState): string | undefined {
  if (state.kind === 'file') return state.sha256;
  if (state.kind === 'link') return `-> ${state.target}`;
  return state.kind === 'dir' ? 'dir' : undefined;
}

const sameFeed = (a: Origin, b: Origin): boolean => originKey(a) === originKey(b);

/** What the records that stand in a row brought. */
export const broughtBy = (row: Row): Brought[] =>
  standing(withAgreed(row.remote, row.agreed)).map(({ author, seq, state }) => ({
    author,
    seq,
    name: contentName(state) ?? '',
    over: false,
  }));

/** Contents of one feed at one path that are remembered: the work of a record must not grow with those before it. */
export const maxBrought = 512;

/** What is beyond that of any feed, the oldest. That some was forgotten stays known: `forgot` is to be noted. */
export function beyondBound(brought: readonly Brought[]): {
  readonly excess: readonly Brought[];
  readonly forgot: readonly Brought[];
} {
  const feeds = Map.groupBy(brought, ({ author }) => originKey(author));
  const excess = [...feeds.values()].flatMap((some) =>
    some.length <= maxBrought ? [] : some.toSorted((a, b) => a.seq - b.seq).slice(0, -maxBrought),
  );
  const authors = new Map(excess.map(({ author }) => [originKey(author), author]));
  const forgot = [...authors.values()].map((author) => ({ author, seq: 0, name: anyContent, over: false }));
  return { excess, forgot };
}

/** What the feed had brought before its record `seq`, by name; what it has withdrawn already is not among them. */
export function contentsBefore(brought: readonly Brought[], author: Origin, seq: number): string[] {
  const earlier = brought.filter((one) => sameFeed(one.author, author) && !one.over && one.seq < seq);
  return [...new Set(earlier.map(({ name }) => name))].filter((name) => name !== '' && name !== anyContent);
}

/** The row once a withheld record of `mark.author` has come under `mark.seq`, after records with `mark.contents`. */
export function withWithdrawn(row: Row, mark: Withdrawn): Row {
  const others = (row.withdrawn ?? []).filter(({ author }) => !sameFeed(author, mark.author));
  const before = (row.withdrawn ?? []).find(({ author }) => sameFeed(author, mark.author));
  const contents = [...new Set([...(before?.contents ?? []), ...mark.contents])];
  const seq = Math.max(before?.seq ?? 0, mark.seq);
  const remote = withoutRecords(row.remote, (r) => sameFeed(r.author, mark.author) && r.seq < seq);
  return { ...row, ...(remote ? { remote } : {}), withdrawn: [...others, { ...mark, seq, contents }] };
}

/** `brought`: all that is known of the path, before that mark and with it. */
export function withKept(row: Row, brought: readonly Brought[]): Row {
  if (!row.withdrawn) return row;
  const marks = row.withdrawn;
  const known = new Set([...brought, ...marks].map(({ author }) => actorOf(author)));
  const seen = [...(row.remote?.seen ?? []), ...(row.agreed?.version ?? [])];
  // Somebody had a hand in the item, and nobody knows with what.
  const unknown = seen.some(([actor]) => !known.has(actor));
  const isKept = (mark: Withdrawn, name: string): boolean =>
    unknown || brought.some((one) => !one.over && !sameFeed(one.author, mark.author) && isOf(one, name));
  const withdrawn = marks.map((mark) => withKeptNames(mark, (name) => isKept(mark, name)));
  return { ...row, withdrawn };
}

const isOf = (one: Brought, name: string): boolean => one.name === name || one.name === anyContent;

function withKeptNames({ kept: _, ...mark }: Withdrawn, isKept: (name: string) => boolean): Withdrawn {
  const kept = mark.contents.filter(isKept);
  return kept.length > 0 ? { ...mark, kept } : mark;
}

/** A record of `author` with that content has come while others' marks wait. */
export function withBrought(row: Row, author: Origin, name: string | undefined): Row {
  if (!row.withdrawn || name === undefined) return row;
  const withdrawn = row.withdrawn.map((mark) =>
    sameFeed(mark.author, author)
      ? mark
      : withKeptNames(mark, (one) => one === name || (mark.kept ?? []).includes(one)),
  );
  return { ...row, withdrawn };
}

/** A later record of that feed is for this node again: nothing is left to withdraw. */
export function withoutWithdrawn(row: Row, author: Origin, seq: number): Row {
  if (!row.withdrawn) return row;
  const { withdrawn, ...trees } = row;
  const left = withdrawn.filter((mark) => !sameFeed(mark.author, author) || mark.seq > seq);
  if (left.length === withdrawn.length) return row;
  return left.length > 0 ? { ...trees, withdrawn: left } : trees;
}

/** Names of the contents that are to be found nowhere on this disk any more. */
export function doomedNames({ withdrawn = [] }: Row): ReadonlySet<string> {
  const kept = new Set(withdrawn.flatMap((mark) => mark.kept ?? []));
  return new Set(withdrawn.flatMap(({ contents }) => contents.filter((name) => !kept.has(name))));
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
    return isOwn(row, me) || !doomedNames(row).has(name) ? own(here) : 'destroy';
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

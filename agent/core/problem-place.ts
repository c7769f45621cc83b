/**
 * What a problem is of where that is no item: a feed, a record of it, a member that has not confirmed, a level of
 * secrecy. Such a place begins with `/`, as the path of no item does (`checkPath`), so that nobody's file can stand for it.
 */
const feed = /^\/feed:([0-9a-f]{64})(?:\/(\d+|more))?$/;
const withdrawal = '/withdrawal:';
/** As versions before this one named places, by words that a file may bear as well. */
const formerly = /^(?:feed:[0-9a-f]{64}(?:\/\d+)?|withdrawal:[0-9a-f]{64}|secret:[A-Z_]+)$/;

export const isPlace = (subject: string): boolean => subject.startsWith('/');

/** Without `seq`: the feed as a whole. */
export const feedPlace = (node: string, seq?: number): string =>
  seq === undefined ? `/feed:${node}` : `/feed:${node}/${seq}`;

/** Of many records in one. */
export const feedSum = (node: string): string => `/feed:${node}/more`;

export interface FeedPlace {
  readonly node: string;
  readonly seq: number | undefined;
  /** Whether it is of many records; its details say of which. */
  readonly sum: boolean;
}

/** Undefined for what is no feed. */
export function feedOf(subject: string): FeedPlace | undefined {
  const [, node, at] = feed.exec(subject) ?? [];
  if (node === undefined) return undefined;
  const sum = at === 'more';
  return { node, seq: at === undefined || sum ? undefined : Number(at), sum };
}

export const withdrawalPlace = (node: string): string => `${withdrawal}${node}`;
export const isWithdrawal = (subject: string): boolean => subject.startsWith(withdrawal);

export const secretPlace = (level: string): string => `/secret:${level}`;

/** The place that an earlier version meant; undefined where it was an item. */
export const placeFormerly = (subject: string): string | undefined =>
  formerly.test(subject) ? `/${subject}` : undefined;

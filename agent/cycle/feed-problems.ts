/**
 * Problems of feeds, noted by their place in the feed (`core/problem-place.ts`). They are over when what they speak of is:
 * no record of the node is closed any more, the record is superseded.
 */
import type { Problem } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { Origin, SpaceId } from '#agent/core/ids.ts';
import { type FeedPlace, feedOf, feedSum } from '#agent/core/problem-place.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import { maxShown, shownCursor } from '#agent/apply/unreadable.ts';
import { closedFrom } from './closed-feeds.ts';

/** Looked at in one go; what is beyond waits for the next time. */
const maxCleared = 10_000;

/** Of many records the last one stands for all. */
function placeOf({ path, details }: Problem): FeedPlace | undefined {
  const place = feedOf(path);
  return place?.sum ? { ...place, seq: Number(details.last) } : place;
}

export async function clearFeedProblems(parts: {
  readonly state: SpaceState;
  readonly space: SpaceId;
  readonly emit: Emit;
  /** Of who publishes no more nothing is awaited. */
  readonly publishes: (node: string) => boolean;
  /** Whether what lies closed in a past life of a node is published anew in its present one (`heritage.ts`). */
  readonly inherited: boolean;
}): Promise<void> {
  const { state, space, emit } = parts;
  if (state.counts().problems === 0) return;
  // Alone with what is taken in, or a problem noted meanwhile would go with its forerunner.
  const over = await state.exclusive(() => clearOver(state, parts));
  for (const path of over) emit({ type: 'problem.cleared', space, path });
}

async function clearOver(
  state: SpaceState,
  { publishes, inherited }: { readonly publishes: (node: string) => boolean; readonly inherited: boolean },
): Promise<readonly string[]> {
  const heads = (await state.origins()).toSorted((a, b) => b.time - a.time);
  const origins = heads.map(({ origin }) => origin);
  const over: string[] = [];
  const shown = new Map<string, number>();
  const sums = new Map<string, Problem['details']>();
  for await (const problem of state.problems()) {
    const place = placeOf(problem);
    if (!place) continue;
    const { node, seq, sum } = place;
    const among = inherited ? latestOf(origins, place) : origins;
    const isOver = !publishes(node) || !(await stands(state, among, place));
    const count = (shown.get(node) ?? 0) + (isOver || sum || seq === undefined ? 0 : 1);
    shown.set(node, Math.min(count, maxShown));
    // Versions before this one noted each by itself.
    const isMany = count > maxShown && !sum && seq !== undefined && !isOver;
    if (isMany) sums.set(node, both(sums.get(node), { node, records: 1, first: seq, last: seq }));
    if (!isMany && !isOver) continue;
    over.push(problem.path);
    if (over.length === maxCleared) break;
  }
  if (over.length === 0) return over;
  const batch = state.batch();
  for (const path of over) batch.clearProblem(path);
  for (const [node, count] of shown) batch.setCursor(shownCursor(node), count);
  for (const [node, details] of sums) {
    const before = (await state.problem(feedSum(node)))?.details;
    batch.putProblem({ code: 'RECORDS_UNREADABLE', path: feedSum(node), details: both(before, details) });
  }
  await batch.commit();
  return over;
}

const both = (a: Problem['details'] | undefined, b: Problem['details']): Problem['details'] =>
  a
    ? {
        ...b,
        records: Number(a.records) + Number(b.records),
        first: Math.min(Number(a.first), Number(b.first)),
        last: Math.max(Number(a.last), Number(b.last)),
      }
    : b;

/** The first of the node's; all where a record is named. */
const latestOf = (origins: readonly Origin[], { node, seq }: FeedPlace): readonly Origin[] =>
  seq === undefined ? origins.filter((origin) => origin.node === node).slice(0, 1) : origins;

/** A node has had several lives, each with a feed. */
async function stands(
  state: SpaceState,
  origins: readonly Origin[],
  { node, seq }: FeedPlace,
): Promise<boolean> {
  for (const origin of origins) {
    if (origin.node !== node) continue;
    if (seq === undefined ? (await closedFrom(state, origin)) > 0 : await state.record(origin, seq))
      return true;
  }
  return false;
}

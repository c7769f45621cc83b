/**
 * Problems of feeds, noted by their place in the feed (`core/problem-place.ts`). They are over when what they speak of is: no record of the node is closed any more, the record is superseded.
 */
import type { Emit } from '#agent/core/event.ts';
import type { Origin, SpaceId } from '#agent/core/ids.ts';
import { type FeedPlace, feedOf } from '#agent/core/problem-place.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import { closedFrom } from './closed-feeds.ts';

/** Looked at in one go; what is beyond waits for the next time. */
const maxCleared = 10_000;

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
  for await (const { path } of state.problems()) {
    const place = feedOf(path);
    if (
      !place ||
      (publishes(place.node) && (await stands(state, inherited ? latestOf(origins, place) : origins, place)))
    )
      continue;
    over.push(path);
    if (over.length === maxCleared) break;
  }
  const batch = state.batch();
  for (const path of over) batch.clearProblem(path);
  await batch.commit();
  return over;
}

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

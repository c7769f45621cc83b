/**
 * Feeds with records that this node holds and cannot open, because it holds no grant of their epoch. They are shown as
 * a problem and never vouched for; when a grant comes, they are read again.
 */
import { ingestRecords } from '#agent/apply/ingest.ts';
import type { Problem } from '#agent/core/errors.ts';
import { type Origin, originKey } from '#agent/core/ids.ts';
import type { Planner } from '#agent/core/plan.ts';
import type { SpaceBatch } from '#agent/feed/space-batch.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { Keyring } from '#agent/seal/keyring.ts';

/** The cursor holds the sequence number of the first segment with a closed record, 0 when there is none. */
const cursorOf = (origin: Origin): string => `closed/${originKey(origin)}`;

/** Not the name of an item: it is never on disk. */
const problemPath = (origin: Origin): string => `feed:${origin.node}`;

export const closedFrom = (state: SpaceState, origin: Origin): Promise<number> =>
  state.cursor(cursorOf(origin));

/** Notes in `batch` that records from `seq` on are closed to this node; returns what to tell. */
export function noteClosed(batch: SpaceBatch, origin: Origin, seq: number): Problem {
  const problem = {
    code: 'GRANT_MISSING',
    path: problemPath(origin),
    details: { node: origin.node, seq },
  };
  batch.setCursor(cursorOf(origin), seq);
  batch.putProblem(problem);
  return problem;
}

export interface ReopenParts {
  readonly state: SpaceState;
  readonly keys: Keyring;
  readonly me: Planner;
}

/** Reads what was closed once more, one batch for each segment. Run it alone with the rows (`SpaceState.exclusive`). */
export async function reopen({ state, keys, me }: ReopenParts, origin: Origin): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  let closed: number | undefined;
  for await (const segment of state.segments(origin, await closedFrom(state, origin))) {
    const batch = state.batch();
    const taken = await ingestRecords({ segment, state, keys, me, batch });
    await batch.commit();
    problems.push(...taken.problems);
    if (taken.unopened > 0) closed ??= segment.header.first;
  }
  const batch = state.batch();
  // Its problem goes with the next look at those (`feed-problems.ts`): another life of the node may be closed still.
  if (closed === undefined) batch.setCursor(cursorOf(origin), 0);
  else problems.push(noteClosed(batch, origin, closed));
  await batch.commit();
  return problems;
}

/** After a start: a crash may have come between a grant and what it opens. */
export async function reopenAll(parts: ReopenParts): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const { origin } of await parts.state.origins()) {
    if ((await closedFrom(parts.state, origin)) === 0) continue;
    problems.push(...(await parts.state.exclusive(() => reopen(parts, origin))));
  }
  return problems;
}

/**
 * Records of a feed that are no good: problems, each under its place in the feed while they are few, and one in sum for all
 * others of the node. Whoever publishes a hundred thousand of them makes no look dearer.
 */
import type { Problem } from '#agent/core/errors.ts';
import type { NodeId } from '#agent/core/ids.ts';
import { feedPlace, feedSum } from '#agent/core/problem-place.ts';

/** Of one node, that are shown each by itself. */
export const maxShown = 20;

/** How many of a node are shown by themselves. */
export const shownCursor = (node: NodeId | string): string => `unreadable/${node}`;

export interface UnreadableState {
  cursor(name: string): Promise<number>;
  problem(path: string): Promise<Problem | undefined>;
}

export interface UnreadableBatch {
  putProblem(problem: Problem): void;
  setCursor(name: string, value: number): void;
}

export interface Unreadable {
  readonly code: string;
  readonly seq: number;
  readonly details: Problem['details'];
}

/** Notes them in `batch`, in the order of the feed; returns what to tell. */
export async function noteUnreadable(
  { state, batch }: { readonly state: UnreadableState; readonly batch: UnreadableBatch },
  node: NodeId,
  found: readonly Unreadable[],
): Promise<readonly Problem[]> {
  if (found.length === 0) return [];
  const told: Problem[] = [];
  let shown = await state.cursor(shownCursor(node));
  let sum = (await state.problem(feedSum(node)))?.details;
  for (const { code, seq, details } of found) {
    const problem = { code, path: feedPlace(node, seq), details: { node, seq, ...details } };
    const known = (await state.problem(problem.path)) !== undefined;
    if (known || shown < maxShown) {
      batch.putProblem(problem);
      told.push(problem);
      if (!known) shown += 1;
    } else sum = summed(sum, node, seq);
  }
  batch.setCursor(shownCursor(node), shown);
  if (sum) {
    const problem = { code: 'RECORDS_UNREADABLE', path: feedSum(node), details: sum };
    batch.putProblem(problem);
    told.push(problem);
  }
  return told;
}

/** One more; a record that is read again counts once. */
function summed(before: Problem['details'] | undefined, node: string, seq: number): Problem['details'] {
  const [first, last] = [Number(before?.first ?? seq), Number(before?.last ?? 0)];
  const isNew = before === undefined || seq < first || seq > last;
  const records = Number(before?.records ?? 0) + (isNew ? 1 : 0);
  return { node, records, first: Math.min(first, seq), last: Math.max(last, seq) };
}

/** Of the waiting changes those that take an item away. */
import type { Row } from '#agent/core/item.ts';
import { type Planner, planItem } from '#agent/core/plan.ts';
import type { Going } from './delete-window.ts';
import type { ApplyState } from './ports.ts';

/** Reads every pending row again, so ask only when their number is alarming. Memory does not grow. */
export function goingIn(
  state: ApplyState,
  me: Planner,
  { count, signal }: { readonly count: number; readonly signal: AbortSignal },
): Going {
  const isGoing = (row: Row | undefined): boolean => row !== undefined && takesAway(row, me);
  return {
    count,
    async *paths() {
      for await (const path of state.pending()) {
        signal.throwIfAborted();
        if (isGoing(await state.row(path))) yield path;
      }
    },
    staying: async (paths) => (await state.rows(paths)).filter((row) => row && !isGoing(row)).length,
  };
}

/** A withdrawal counts as a delete does: so many at once are for a person to see. */
function takesAway(row: Row, me: Planner): boolean {
  const action = planItem(row, me);
  if (action.do !== 'withdraw') return action.do === 'delete';
  return action.fate !== 'leave' && (row.local?.state.kind ?? 'gone') !== 'gone';
}

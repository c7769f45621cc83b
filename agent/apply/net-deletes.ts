/** How many of the waiting deletes take away the last copy here: a rename's other half has been written before. */
import type { Row } from '#agent/core/item.ts';
import { type Planner, planItem } from '#agent/core/plan.ts';
import type { ApplyState } from './ports.ts';

export interface NetDeletes {
  readonly deletes: number;
  /** Items that stay or go, without those that a rename counts twice. */
  readonly total: number;
}

/** Reads every pending row again, so ask only when the plain count is alarming. Memory does not grow. */
export async function netDeletes(state: ApplyState, me: Planner, signal: AbortSignal): Promise<NetDeletes> {
  let deletes = 0;
  let renamed = 0;
  for await (const path of state.pending()) {
    signal.throwIfAborted();
    const row = await state.row(path);
    if (!row || !takesAway(row, me)) continue;
    if (await livesElsewhere(state, me, path, row)) renamed += 1;
    else deletes += 1;
  }
  return { deletes, total: state.counts().items - renamed };
}

/** A withdrawal counts as a delete does: so many at once are for a person to see. */
function takesAway(row: Row, me: Planner): boolean {
  const action = planItem(row, me);
  if (action.do !== 'withdraw') return action.do === 'delete';
  return action.fate !== 'leave' && (row.local?.state.kind ?? 'gone') !== 'gone';
}

/** Whether a file's content is the content of another item that stays; the first chunk leads to those. */
async function livesElsewhere(
  state: Pick<ApplyState, 'row' | 'locations'>,
  me: Planner,
  path: string,
  { local }: Row,
): Promise<boolean> {
  const first = local?.content?.refs[0];
  if (local?.state.kind !== 'file' || !first) return false;
  for (const { path: other } of await state.locations(first.id)) {
    if (other === path) continue;
    const row = await state.row(other);
    const there = row?.local?.state;
    if (!row || there?.kind !== 'file' || there.sha256 !== local.state.sha256) continue;
    if (!takesAway(row, me)) return true;
  }
  return false;
}

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
    if (!row || planItem(row, me).do !== 'delete') continue;
    if (await livesElsewhere(state, me, path, row)) renamed += 1;
    else deletes += 1;
  }
  return { deletes, total: state.counts().items - renamed };
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
    if (planItem(row, me).do !== 'delete') return true;
  }
  return false;
}

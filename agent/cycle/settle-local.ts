/** Change → index: what a look found at a path becomes its row, together with the record of it or without. */
import { answerKey } from '#agent/apply/take-corrections.ts';
import { originalOf } from '#agent/core/conflict-name.ts';
import type { Origin } from '#agent/core/ids.ts';
import type { ItemChange, LocalState, Row } from '#agent/core/item.ts';
import { isAtRest, type Planner, planItem } from '#agent/core/plan.ts';
import { settleAdopted, settlePublished } from '#agent/core/settle.ts';
import { isWithinBounds } from '#agent/core/version.ts';
import { contentName } from '#agent/core/withdraw.ts';
import type { Superseded } from '#agent/feed/owed-drops.ts';
import type { SpaceBatch } from '#agent/feed/space-batch.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import { asSealed, supersededOf } from './places.ts';
import type { LocalChange } from './publisher.ts';

/** Run it alone with the rows. */
export interface SettleParts {
  readonly batch: SpaceBatch;
  readonly state: Pick<SpaceState, 'row'>;
  readonly origin: Origin;
  readonly me: Planner;
}

/** The remote tree may have moved while the file was read: only our own record is added to it. */
export async function settleRow(
  parts: SettleParts,
  seen: LocalChange & { readonly change: ItemChange },
  { epoch, seq, urgent }: { readonly epoch: number; readonly seq: number; readonly urgent: boolean },
): Promise<void> {
  const { state, origin } = parts;
  const { path, local, change } = seen;
  const before = await state.row(path);
  const { state: published, version, content } = change;
  const record = { state: published, version, author: origin, epoch, seq, ...(content ? { content } : {}) };
  const row = settlePublished(before ?? {}, record, local ?? before?.local);
  putRow(parts, seen, { row, superseded: supersededOf(before?.local, origin, { seq, urgent }) });
}

/** Of our own record only the feed knows. What was answered before is over. */
export async function settleProposed(parts: SettleParts, seen: LocalChange): Promise<void> {
  parts.batch.putCorrection(answerKey(seen.path), undefined);
  await settleNote(parts, seen);
}

/** Nothing to publish: the index takes note, and the path waits for the apply step if the plan has work for it. */
export async function settleNote(parts: SettleParts, note: LocalChange): Promise<void> {
  const { batch, state, me } = parts;
  const before = await state.row(note.path);
  const seen = asSealed(batch, note, before?.local);
  const row: Row = { ...before, ...(seen.local ? { local: seen.local } : {}) };
  noteMade(parts, note.path, before, seen.local);
  const action = planItem(row, me);
  putRow(parts, seen, { row: action.do === 'adopt' ? settleAdopted(row, action) : row });
  if (action.do === 'publish' && !isWithinBounds(action.version))
    batch.putProblem({ code: 'VERSION_SPENT', path: seen.path, details: {} });
  else if (note.refused)
    batch.putProblem({ code: 'ITEM_UNSHARABLE', path: note.path, details: note.refused });
}

/** A content that did not come by what was applied was made here, whatever comes of it: nobody else may have it destroyed. */
function noteMade(
  { batch, origin }: SettleParts,
  path: string,
  before: Row | undefined,
  now: LocalState | undefined,
): void {
  const name = now && now.state.kind !== 'dir' ? contentName(now.state) : undefined;
  const known = [before?.local?.state, before?.agreed?.state].some((was) => was && contentName(was) === name);
  if (name !== undefined && !known) batch.putBrought(path, { author: origin, seq: 0, name, over: false });
}

function putRow(
  { batch, me }: SettleParts,
  { path, pieces, dropPieces }: LocalChange,
  { row, superseded }: { readonly row: Row; readonly superseded?: Superseded | undefined },
): void {
  batch.putRow(path, row);
  const next = planItem(row, me);
  if (isAtRest(next)) batch.clearPending(path);
  else if (next.do !== 'publish') batch.markPending(path);
  if (next.do === 'stay') batch.putProblem({ code: codeOf(path, me), path, details: {} });
  else batch.clearProblem(path);
  if (dropPieces) batch.dropLocations(path, superseded);
  for (const { id, ...place } of pieces ?? []) batch.addLocation(id, { path, ...place });
}

function codeOf(path: string, me: Planner): string {
  const proposed = me.proposes && originalOf(path) === undefined;
  return proposed ? 'CORRECTION_PROPOSED' : 'LOCAL_EDIT_NOT_SHARED';
}

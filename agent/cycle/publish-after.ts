/** What a run of the applier calls for in this node's own feed. */
import type { ApplyResult } from '#agent/apply/tally.ts';
import type { Origin } from '#agent/core/ids.ts';
import { dueYield, planItem } from '#agent/core/plan.ts';
import type { LabelGate } from './label-gate.ts';
import type { NodeSpace } from './node-space.ts';
import type { Publisher } from './publisher.ts';
import { unlessAway } from './unless-cipher-gone.ts';

export interface AfterParts {
  readonly own: NodeSpace;
  readonly labels: LabelGate;
  readonly publisher: () => Publisher;
}

/** Yields for own records that another's version has replaced, and directories that must live on. */
export async function publishAfter(
  parts: AfterParts,
  { yields, revive }: Pick<ApplyResult, 'yields' | 'revive'>,
): Promise<void> {
  if (yields.length + revive.length === 0) return;
  const publisher = parts.publisher();
  if (!publisher.me.publishes) return;
  for (const path of yields) await unlessAway(() => yieldItem(parts, path, publisher));
  for (const path of revive) await unlessAway(() => reviveItem(parts, path, publisher));
  await publisher.flush();
}

async function yieldItem({ own, labels }: AfterParts, path: string, publisher: Publisher): Promise<void> {
  const row = (await own.state.row(path)) ?? {};
  const version = dueYield(row, publisher.me);
  if (!version) return;
  const change = { path, state: { kind: 'yield' }, version } as const;
  await publisher.add({ path, change, labelClass: await labels.ofRecord(row), contentBytes: 0 });
}

/** A directory deleted elsewhere that still holds local items: an edit beats a delete, so it is published anew. */
async function reviveItem({ own, labels }: AfterParts, path: string, publisher: Publisher): Promise<void> {
  const row = await own.state.row(path);
  if (row?.local?.state.kind !== 'dir') return;
  const agreed = { ...(row.agreed ?? emptyAgreed(own.origin)), state: { kind: 'gone' } } as const;
  const action = planItem({ ...row, agreed }, publisher.me);
  if (action.do !== 'publish') return;
  const { state, version } = action;
  const change = { path, state, version };
  const labelClass = await labels.ofRecord(row);
  await publisher.add({ path, local: row.local, change, labelClass, contentBytes: 0 });
}

const emptyAgreed = (author: Origin) => ({ state: { kind: 'gone' } as const, version: [], author });

/** Rows as records arrive and plans are carried out, without a disk. */
import { actorOf } from '#agent/core/actor.ts';
import type { Origin } from '#agent/core/ids.ts';
import type { ItemState, Row } from '#agent/core/item.ts';
import { mergeRemote, type Published } from '#agent/core/merge.ts';
import { type Action, planItem } from '#agent/core/plan.ts';
import { settleAdopted, settleApplied, settlePublished, settleWithdrawn } from '#agent/core/settle.ts';
import { bumpVersion, type Version } from '#agent/core/version.ts';
import { originOf } from './sample.ts';

export const me = { ...originOf(1, 2), publishes: true };
export const myOldLife = originOf(1, 1);
export const [B, C] = [originOf(2), originOf(3)];
export const dir: ItemState = { kind: 'dir', mode: 0o755 };

export const by = (author: Origin, state: Published['state'], base: Version = []): Published => ({
  state,
  author,
  version: bumpVersion(base, actorOf(author)),
  epoch: 1,
  seq: 1,
});

/** The row after the records were received, and the plan carried out, one after another. */
export const receive = (row: Row, ...records: Published[]): Row => {
  const remote = records.reduce((r, record) => mergeRemote(r, record, row.agreed), row.remote);
  return remote ? { ...row, remote } : row;
};

/** Carries out one action in the row alone. */
export function carryOut(row: Row, action: Action): Row {
  if (action.do === 'publish') {
    return settlePublished(row, {
      state: action.state,
      version: action.version,
      author: me,
      epoch: 1,
      seq: 1,
    });
  }
  if (action.do === 'adopt') return settleAdopted(row, action);
  if (action.do === 'nothing' || action.do === 'stay') return row;
  if (action.do === 'withdraw') return settleWithdrawn(row, action);
  return settleApplied(row, action, { state: action.remote.state });
}

export const atRest = (row: Row): Row => {
  let now = row;
  for (let i = 0; i < 4; i++) now = carryOut(now, planItem(now, me));
  return now;
};

export const edited = (row: Row, state: ItemState): Row => ({ ...row, local: { state } });
export const published = (state: ItemState): Row => atRest(edited({}, state));

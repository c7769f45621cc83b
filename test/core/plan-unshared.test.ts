/** The plan at a member that may not publish. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actorOf } from '#agent/core/actor.ts';
import type { ItemState, Row } from '#agent/core/item.ts';
import { mergeRemote, type Published } from '#agent/core/merge.ts';
import { isAtRest, planItem } from '#agent/core/plan.ts';
import { settleAdopted, settleApplied } from '#agent/core/settle.ts';
import { bumpVersion, type Version } from '#agent/core/version.ts';
import { fileOf, gone, originOf } from './sample.ts';

const me = { ...originOf(1), publishes: false };
const A = originOf(2);
const dir: ItemState = { kind: 'dir', mode: 0o755 };

const by = (state: ItemState, knows: Version = []): Published => ({
  state,
  version: bumpVersion(knows, actorOf(A)),
  author: A,
  epoch: 1,
  seq: 1,
});

function receive(row: Row, record: Published): Row {
  const remote = mergeRemote(row.remote, record, row.agreed);
  return remote ? { ...row, remote } : row;
}

/** Carries out the plan until nothing is left to do. */
function atRest(row: Row): Row {
  let now = row;
  for (let i = 0; i < 4; i++) {
    const action = planItem(now, me);
    if (action.do === 'publish') throw new Error('must not publish');
    if (isAtRest(action)) return now;
    if (action.do === 'adopt') now = settleAdopted(now, action);
    else if (action.do === 'apply' || action.do === 'delete')
      now = settleApplied(now, action, { state: action.remote.state });
  }
  throw new Error('no rest');
}

const edited = (row: Row, state: ItemState): Row => ({ ...row, local: { state } });
const first = by(fileOf(1));
const synced = atRest(receive({}, first));

describe('where nothing may be published', () => {
  it('an edit, a new file and a delete stay until another version comes', () => {
    expect(planItem(edited({}, fileOf(9)), me)).toEqual({ do: 'stay' });
    for (const state of [fileOf(9), gone, dir])
      expect(planItem(edited(synced, state), me)).toEqual({ do: 'stay' });
  });

  it('another version is written, what is only here kept beside it', () => {
    const next = by(fileOf(2), first.version);
    const planned = (state: ItemState) => planItem(edited(receive(synced, next), state), me);
    expect(planned(fileOf(9))).toMatchObject({ do: 'apply', replaces: 'file', keep: 'conflict' });
    expect(planned(gone)).toMatchObject({ do: 'apply', replaces: 'nothing', keep: 'none' });
    expect(planned(dir)).toMatchObject({ do: 'apply', replaces: 'dir' });
    // The bytes are the author's own: only mode or time were touched.
    expect(planned(fileOf(1, 5n))).toMatchObject({ do: 'apply', keep: 'trash' });
    expect(planned(fileOf(2))).toMatchObject({ do: 'adopt' });
    expect(planItem(edited(receive({}, first), fileOf(9)), me)).toMatchObject({ keep: 'conflict' });
  });

  it('a delete takes no place: an edit stays, and is held against nothing', () => {
    const deleted = receive(synced, by(gone, first.version));
    const after = atRest(edited(deleted, fileOf(9)));
    expect([after.local?.state, after.agreed?.state]).toEqual([fileOf(9), gone]);
    expect(planItem(after, me)).toEqual({ do: 'stay' });
    expect(planItem(edited(deleted, fileOf(1, 5n)), me)).toMatchObject({ do: 'delete', keep: 'trash' });
  });

  it('what stands in the place of a directory gives way at once', () => {
    const row = edited(atRest(receive({}, by(dir))), fileOf(9));
    expect(planItem(row, me)).toMatchObject({ do: 'apply', replaces: 'file', keep: 'conflict' });
  });

  it('comes to rest from any local state and any records, and publishes never', () => {
    const state = fc.constantFrom<ItemState>(fileOf(1), fileOf(1, 5n), fileOf(2), dir, gone);
    fc.assert(
      fc.property(fc.array(fc.tuple(state, fc.option(state)), { maxLength: 6 }), (steps) => {
        let row: Row = {};
        let known: Version = [];
        for (const [record, edit] of steps) {
          if (edit) row = edited(row, edit);
          const next = by(record, known);
          known = next.version;
          row = receive(atRest(row), next);
        }
        expect(isAtRest(planItem(atRest(row), me))).toBe(true);
      }),
    );
  });
});

/** Directories that were made before their own record was applied: their mode is nobody's word. */
import { describe, expect, it } from 'vitest';
import { actorOf } from '#agent/core/actor.ts';
import type { ItemState, Row } from '#agent/core/item.ts';
import { mergeRemote, type Published } from '#agent/core/merge.ts';
import { planItem } from '#agent/core/plan.ts';
import { settleAdopted } from '#agent/core/settle.ts';
import { bumpVersion } from '#agent/core/version.ts';
import { fileOf, gone, originOf } from './sample.ts';

const me = { ...originOf(1), publishes: true };
const A = originOf(2);
const dirOf = (mode: number): ItemState => ({ kind: 'dir', mode });
const record: Published = {
  state: dirOf(0o555),
  version: bumpVersion([], actorOf(A)),
  author: A,
  epoch: 1,
  seq: 1,
};
const remote = mergeRemote(undefined, record);
const withRecord: Row = remote ? { remote } : {};
const interim: Row = { agreed: { state: dirOf(0o755), version: [], author: A, interim: true } };
const on = (row: Row, state: ItemState): Row => ({ ...row, local: { state } });

describe('an interim directory', () => {
  it('is no edit with whatever mode, and no delete when it was not made', () => {
    for (const row of [interim, on(interim, dirOf(0o755)), on(interim, dirOf(0o700)), on(interim, gone)])
      expect(planItem(row, me)).toEqual({ do: 'nothing' });
    expect(planItem(on(interim, fileOf(1)), me)).toMatchObject({ do: 'publish' });
  });

  it('gets the mode of its record, and is then agreed to', () => {
    const row = { ...interim, ...withRecord };
    expect(planItem(row, me)).toMatchObject({ do: 'apply', replaces: 'nothing' });
    expect(planItem(on(row, dirOf(0o755)), me)).toMatchObject({ do: 'apply', replaces: 'dir' });
    const right = on(row, dirOf(0o555));
    const action = planItem(right, me);
    expect(action.do).toBe('adopt');
    if (action.do !== 'adopt') return;
    const after = settleAdopted(right, action);
    expect(after.agreed).toEqual({ state: dirOf(0o555), version: record.version, author: A });
    expect(planItem(after, me)).toEqual({ do: 'nothing' });
    expect(planItem(on(after, dirOf(0o755)), me)).toMatchObject({ do: 'publish' });
  });

  it('a directory that the index does not know takes the mode of the record that waits for it', () => {
    expect(planItem(on(withRecord, dirOf(0o755)), me)).toMatchObject({ do: 'apply', replaces: 'dir' });
    // A file that nobody agreed to gives way, and is kept beside.
    expect(planItem(on(withRecord, fileOf(1)), me)).toMatchObject({ do: 'apply', keep: 'conflict' });
  });
});

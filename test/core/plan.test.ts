import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actorOf } from '#agent/core/actor.ts';
import { type ItemState, type Row, sameState } from '#agent/core/item.ts';
import { type Published, standing } from '#agent/core/merge.ts';
import { dueYield, planItem } from '#agent/core/plan.ts';
import { settlePublished } from '#agent/core/settle.ts';
import { bumpVersion, compareVersions, type Version } from '#agent/core/version.ts';
import { atRest, B, by, C, carryOut, dir, edited, me, myOldLife, published, receive } from './plan-rows.ts';
import { fileOf, gone } from './sample.ts';

describe('the plan for one item', () => {
  it('has nothing to do where nothing is known', () => expect(planItem({}, me)).toEqual({ do: 'nothing' }));

  it('takes a file that is missing where an edit is due for no delete: the edit would win anyhow', () => {
    const row = published(fileOf(1));
    const known = row.agreed?.version ?? [];
    const missing = edited(receive(row, by(B, fileOf(2), known)), gone);
    expect(planItem(missing, me)).toMatchObject({ do: 'apply', replaces: 'nothing', keep: 'none' });
    expect(atRest(missing).agreed?.state).toEqual(fileOf(2));
    expect(planItem(edited(receive(row, by(B, gone, known)), gone), me).do).toBe('adopt');
    expect(planItem(edited(row, gone), me).do).toBe('publish');
  });

  it('publishes a new file, an edit, a delete, a file that became a directory', () => {
    const row = published(fileOf(1));
    expect(planItem(edited({}, fileOf(1)), me)).toMatchObject({ do: 'publish', state: fileOf(1) });
    for (const state of [fileOf(2), gone, dir]) {
      const action = planItem(edited(row, state), me);
      expect(action).toMatchObject({ do: 'publish', state });
      if (action.do === 'publish') {
        expect(compareVersions(action.version, row.agreed?.version ?? [])).toBe('after');
      }
    }
  });

  it('applies what is new, into nothing or over what it replaces', () => {
    const first = by(B, fileOf(1));
    const row = receive({}, first);
    expect(planItem(row, me)).toMatchObject({ do: 'apply', replaces: 'nothing', keep: 'none' });
    const second = by(B, fileOf(2), first.version);
    expect(planItem(receive(atRest(row), second), me)).toMatchObject({ replaces: 'file', keep: 'trash' });
    const removed = by(B, gone, first.version);
    expect(planItem(receive(atRest(row), removed), me)).toMatchObject({ do: 'delete', keep: 'trash' });
    const made = by(B, dir, first.version);
    expect(planItem(receive(atRest(row), made), me)).toMatchObject({ replaces: 'file', keep: 'trash' });
  });

  it('keeps nothing where only mode or time differ', () => {
    const first = by(B, fileOf(1));
    const touched = by(B, fileOf(1, 9n, 0o600), first.version);
    const action = planItem(receive(atRest(receive({}, first)), touched), me);
    expect(action).toMatchObject({ do: 'apply', replaces: 'file', keep: 'none' });
  });

  it('publishes an unseen local edit before anything is applied over it', () => {
    const first = by(B, fileOf(1));
    const row = receive(edited(atRest(receive({}, first)), fileOf(3)), by(B, fileOf(2), first.version));
    expect(planItem(row, me).do).toBe('publish');
  });

  it('adopts the same state from both sides, and a delete of what never came', () => {
    const row = receive(edited({}, fileOf(1)), by(B, fileOf(1)));
    expect(planItem(row, me)).toMatchObject({ do: 'adopt' });
    expect(planItem(receive({}, by(B, gone)), me)).toMatchObject({ do: 'adopt' });
  });

  it('keeps my losing edit as a conflict copy, another author’s only in the trash', () => {
    const strong = by(B, fileOf(3), by(B, fileOf(2)).version);
    expect(planItem(receive(published(fileOf(1)), strong), me)).toMatchObject({ keep: 'conflict' });
    const theirs = atRest(receive({}, by(C, fileOf(1))));
    expect(planItem(receive(theirs, strong), me)).toMatchObject({ keep: 'trash' });
  });

  it('leaves my winning edit alone', () => {
    const row = atRest(edited(published(fileOf(1)), fileOf(2)));
    expect(planItem(receive(row, by(B, fileOf(3))), me)).toEqual({ do: 'nothing' });
  });

  it('restores what another edited while I deleted it', () => {
    const first = by(B, fileOf(1));
    const row = atRest(edited(atRest(receive({}, first)), gone));
    const action = planItem(receive(row, by(B, fileOf(2), first.version)), me);
    expect(action).toMatchObject({ do: 'apply', replaces: 'nothing', keep: 'none' });
  });

  it('takes an unknown disk for no edit: what no scan has looked at is not deleted', () => {
    const { local: _, ...unseen } = published(fileOf(1));
    expect(planItem(unseen, me)).toEqual({ do: 'nothing' });
  });

  it('lets a delete also mean the same content from another author', () => {
    const row = atRest(receive(edited({}, fileOf(1, 5n)), by(B, fileOf(1))));
    const both = atRest(receive(published(fileOf(1, 5n)), by(B, fileOf(1))));
    for (const start of [row, both]) {
      const after = atRest(edited(start, gone));
      expect(planItem(after, me)).toEqual({ do: 'nothing' });
      expect(after.remote?.state).toEqual(gone);
    }
  });

  it('goes back to what stands when the winner is withdrawn, even if a person got there first', () => {
    const first = by(B, fileOf(1));
    const deleted = atRest(edited(atRest(receive({}, first)), gone));
    const edit = by(C, fileOf(2), first.version);
    const withdrawn = receive(atRest(receive(deleted, edit)), by(C, { kind: 'yield' }, edit.version));
    expect(planItem(withdrawn, me)).toMatchObject({ do: 'delete', keep: 'trash' });
    expect(atRest(edited(withdrawn, gone)).agreed?.state).toEqual(gone);
  });

  it('withdraws a losing edit once it is kept beside, and not twice', () => {
    const strong = by(B, fileOf(3), by(B, fileOf(2)).version);
    const lost = receive(published(fileOf(1)), strong);
    expect(dueYield(lost, me)).toBeUndefined();
    const settled = atRest(lost);
    const version = dueYield(settled, me);
    expect(version).toBeDefined();
    const record: Published = {
      state: { kind: 'yield' },
      version: version ?? [],
      author: me,
      epoch: 1,
      seq: 9,
    };
    const after = settlePublished(settled, record);
    expect(after.remote?.rivals).toBeUndefined();
    expect(after.remote?.state).toEqual(fileOf(3));
    expect(dueYield(after, me)).toBeUndefined();
    const reader = receive({}, strong, by(me, fileOf(1)), record);
    expect(reader.remote?.rivals).toBeUndefined();
  });
});

const state = fc.oneof(
  fc.constantFrom<ItemState>(gone, dir, { kind: 'link', target: 'x', mtimeNs: 0n }),
  fc.nat(3).map((n) => fileOf(n)),
  fc.nat(3).map((n) => fileOf(1, BigInt(n))),
);
const version = fc
  .array(fc.tuple(fc.constantFrom(me, B, C), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 4 })
  .map((steps) =>
    steps.reduce<Version>(
      (v, [o, n]) => Array.from({ length: n }).reduce<Version>((w) => bumpVersion(w, actorOf(o)), v),
      [],
    ),
  );
const record: fc.Arbitrary<Published> = fc
  .record({ state, version, author: fc.constantFrom(me, myOldLife, B, C) })
  .map((r) => ({ ...r, version: bumpVersion(r.version, actorOf(r.author)), epoch: 1, seq: 1 }));
/** Any row at all, also such as no honest history leads to. */
const anyRow: fc.Arbitrary<Row> = fc
  .record({
    local: fc.option(state),
    agreed: fc.option(record),
    records: fc.array(record, { maxLength: 4 }),
  })
  .map(({ local, agreed, records }) => {
    const row: Row = {
      ...(local ? { local: { state: local } } : {}),
      ...(agreed && agreed.state.kind !== 'yield'
        ? { agreed: { state: agreed.state, version: agreed.version, author: agreed.author } }
        : {}),
    };
    return receive(row, ...records);
  });

describe('the plan for any row', () => {
  it('is total, and doing it leaves nothing to do', () => {
    fc.assert(
      fc.property(anyRow, (row) => {
        expect(planItem(atRest(row), me)).toEqual({ do: 'nothing' });
      }),
      { numRuns: 2000 },
    );
  });

  it('ends with three trees that say the same', () => {
    fc.assert(
      fc.property(anyRow, fc.option(state), (row, edit) => {
        const rest = atRest(row);
        const { local, agreed, remote } = edit ? atRest(edited(rest, edit)) : rest;
        expect(sameState(local?.state ?? agreed?.state ?? gone, agreed?.state ?? gone)).toBe(true);
        const [winner] = standing(remote);
        if (winner) expect(sameState(winner.state, agreed?.state ?? gone)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('never writes over a local edit', () => {
    fc.assert(
      fc.property(anyRow, state, (row, edit) => {
        const { do: what } = planItem(edited(atRest(row), edit), me);
        expect(['nothing', 'adopt', 'publish']).toContain(what);
      }),
      { numRuns: 1000 },
    );
  });

  it('withdraws only what lost: the winner stays', () => {
    fc.assert(
      fc.property(anyRow, (row) => {
        const before = atRest(row);
        const version = dueYield(before, me);
        if (version === undefined) return;
        const after = settlePublished(before, {
          state: { kind: 'yield' },
          version,
          author: me,
          epoch: 1,
          seq: 9,
        });
        expect(after.remote?.version).toEqual(before.remote?.version);
        expect(after.remote?.rivals?.length ?? 0).toBeLessThan(before.remote?.rivals?.length ?? 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('publishes after everything that it had agreed to and published before', () => {
    fc.assert(
      fc.property(anyRow, state, (row, edit) => {
        const before = atRest(row);
        const action = planItem(edited(before, edit), me);
        if (action.do !== 'publish') return;
        expect(compareVersions(action.version, before.agreed?.version ?? [])).toBe('after');
        const after = carryOut(edited(before, edit), action);
        expect([after.remote, ...(after.remote?.rivals ?? [])].map((r) => r?.version)).toContainEqual(
          action.version,
        );
      }),
      { numRuns: 1000 },
    );
  });
});

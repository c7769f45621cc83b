/** The plan where one member owns the records (R36). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actorOf, countOf } from '#agent/core/actor.ts';
import { decided, isToBeOwned, proposal } from '#agent/core/correction.ts';
import type { ItemState, Row } from '#agent/core/item.ts';
import { isAtRest, planItem, republish } from '#agent/core/plan.ts';
import { settleAdopted, settleApplied, settlePublished } from '#agent/core/settle.ts';
import { by, dir, edited, receive } from './plan-rows.ts';
import { fileOf, gone, originOf, refOf } from './sample.ts';

const A = originOf(1);
const B = originOf(2);
const owner = { ...A, publishes: true, masterOwner: A.node, proposes: false };
const proposer = { ...B, publishes: false, masterOwner: A.node, proposes: true };
const content = { levels: 0, refs: [refOf(1, 72)] };

/** Carries out the plan until nothing is left to do. */
function atRest(row: Row, me: typeof owner): Row {
  let now = row;
  for (let i = 0; i < 6; i++) {
    const action = planItem(now, me);
    if (isAtRest(action)) return now;
    if (action.do === 'adopt') now = settleAdopted(now, action);
    else if (action.do === 'publish') {
      if (!me.publishes) throw new Error('must not publish');
      now = settlePublished(now, { ...action, author: me, epoch: 1, seq: 1 });
    } else if (action.do === 'apply' || action.do === 'delete')
      now = settleApplied(now, action, { state: action.remote.state });
  }
  throw new Error('no rest');
}

const first = by(A, fileOf(1));
const seen = atRest(receive({}, first), proposer);
const own = atRest(edited({}, fileOf(1)), owner);
const withContent = (row: Row, state: ItemState): Row => ({ ...row, local: { state, content } });
const kept = (row: Row) => {
  const change = proposal('a', row, proposer);
  if (!change || change.state.kind === 'yield') throw new Error('nothing is proposed');
  return { ...change, state: change.state, author: B, epoch: 1, seq: 7 };
};
const published = (row: Row) => {
  const action = republish(row, owner);
  if (!action) throw new Error('nothing to publish');
  return settlePublished(row, { ...action, author: A, epoch: 1, seq: 2 });
};
const recordOf = (row: Row) => row.remote ?? expect.fail();

describe('a proposal', () => {
  it('is made of an edit, a new file and a delete, once more than the owner knows', () => {
    expect(proposal('a', withContent(seen, fileOf(9)), proposer)).toMatchObject({
      state: fileOf(9),
      content,
    });
    expect(proposal('a', withContent({}, fileOf(9)), proposer)).toMatchObject({ state: fileOf(9) });
    expect(proposal('a', edited(seen, gone), proposer)).toMatchObject({ state: gone });
    const { version } = kept(withContent(seen, fileOf(9)));
    expect([countOf(version, actorOf(A)), countOf(version, actorOf(B))]).toEqual([1, 1]);
  });

  it('is not made of what is as agreed, a folder, a conflict copy, or by others', () => {
    const edit = withContent(seen, fileOf(9));
    expect(proposal('a', withContent(seen, fileOf(1)), proposer)).toBeUndefined();
    expect(proposal('a', edited({}, dir), proposer)).toBeUndefined();
    expect(proposal('a (xung đột H29.13 2026-11-24 08-15-00)', edit, proposer)).toBeUndefined();
    expect(proposal('a', edit, owner)).toBeUndefined();
    expect(proposal('a', edit, { ...proposer, proposes: false })).toBeUndefined();
  });
});

describe('what the owner has decided', () => {
  const edit = withContent(seen, fileOf(9));

  it('is written if accepted, and is to be published as its own', () => {
    const row = decided(own, kept(edit), true);
    expect(planItem(row, owner)).toMatchObject({ do: 'apply', keep: 'trash', remote: { state: fileOf(9) } });
    const after = atRest(row, owner);
    expect(isToBeOwned(after, owner)).toBe(true);
    expect(isToBeOwned(after, proposer)).toBe(false);
    const done = published(after);
    expect(isToBeOwned(done, owner)).toBe(false);
    const answered = receive(edit, recordOf(done));
    expect(planItem(answered, proposer)).toMatchObject({ do: 'adopt' });
  });

  it('stands as before if refused, and at the proposer takes the place of the edit, which is kept beside', () => {
    const after = atRest(decided(own, kept(edit), false), owner);
    expect([after.local?.state, isToBeOwned(after, owner)]).toEqual([fileOf(1), true]);
    const done = published(after);
    const answered = receive(edit, recordOf(done));
    expect(planItem(answered, proposer)).toMatchObject({
      do: 'apply',
      keep: 'conflict',
      remote: { state: fileOf(1) },
    });
    // A member that proposed nothing has nothing to do but to take note.
    const other = { ...proposer, ...originOf(3) };
    expect(planItem(receive(edited(seen, fileOf(9)), recordOf(done)), other)).toEqual({ do: 'stay' });
  });

  it('counts on for each decision, whatever the proposal says of itself', () => {
    const hostile = { ...kept(edit), version: [[actorOf(A), 2 ** 42] as const] };
    const once = published(atRest(decided(own, hostile, false), owner));
    const twice = published(atRest(decided(once, hostile, true), owner));
    expect(twice.local?.state).toEqual(fileOf(9));
    expect(countOf(twice.remote?.version ?? [], actorOf(A))).toBe(3);
    expect(countOf(twice.remote?.version ?? [], actorOf(B))).toBe(2);
  });

  it('keeps an edit that the owner has not published yet, accepted or not', () => {
    for (const accept of [true, false]) {
      const row = decided(edited(own, fileOf(5)), kept(edit), accept);
      const action = planItem(row, owner);
      const keeps = action.do === 'publish' || (action.do === 'apply' && action.keep === 'conflict');
      expect(keeps, action.do).toBe(true);
    }
  });
});

it('comes to rest at the owner and at a proposer from any states, and a proposer never publishes', () => {
  const state = fc.constantFrom<ItemState>(fileOf(1), fileOf(1, 5n), fileOf(9), dir, gone);
  fc.assert(
    fc.property(state, state, state, fc.boolean(), (before, mine, proposed, accept) => {
      const base = atRest(edited({}, before), owner);
      const version = [[actorOf(B), 1]] as const;
      const row = decided(
        edited(base, mine),
        { state: proposed, version, author: B, epoch: 1, seq: 1 },
        accept,
      );
      const settled = atRest(row, owner);
      const answer = settled.remote;
      const at = answer ? receive(edited(seen, proposed), answer) : seen;
      expect(isAtRest(planItem(atRest(at, proposer), proposer))).toBe(true);
    }),
  );
});

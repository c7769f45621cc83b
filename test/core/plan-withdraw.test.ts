/** A raised label: what one author sent is withdrawn, whatever else is known of the item and in whatever order it came. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actorOf } from '#agent/core/actor.ts';
import type { ItemState, Row, Withdrawn } from '#agent/core/item.ts';
import { type Published, standing } from '#agent/core/merge.ts';
import { isAtRest, planItem } from '#agent/core/plan.ts';
import { bumpVersion, mergeVersions, type Version } from '#agent/core/version.ts';
import { contentName, withoutWithdrawn, withWithdrawn } from '#agent/core/withdraw.ts';
import { atRest, B, by, C, carryOut, dir, edited, me, published, receive } from './plan-rows.ts';
import { fileOf, gone } from './sample.ts';

const markOf = (author: typeof B, seq: number, ...states: ItemState[]): Withdrawn => ({
  author,
  seq,
  contents: states.map((state) => contentName(state) ?? ''),
});
const first = by(B, fileOf(1));
const applied = atRest(receive({}, first));
const raised = markOf(B, 2, fileOf(1));

describe('the plan for a withdrawn item', () => {
  it('destroys the clean copy and is then at rest, and publishes nothing', () => {
    const row = withWithdrawn(applied, raised);
    expect(planItem(row, me)).toMatchObject({ do: 'withdraw', fate: 'destroy' });
    const after = carryOut(row, planItem(row, me));
    expect(after).toMatchObject({ local: { state: gone }, agreed: { state: gone } });
    expect(planItem(after, me)).toEqual({ do: 'nothing' });
    expect(planItem(receive(after, first), me)).toEqual({ do: 'nothing' });
  });

  it('does so where only mode or time was changed here, or where it was never applied', () => {
    const touched = edited(applied, fileOf(1, 9n, 0o600));
    expect(planItem(withWithdrawn(touched, raised), me)).toMatchObject({ fate: 'destroy' });
    const unapplied = withWithdrawn(receive({}, first), raised);
    expect(planItem(unapplied, me)).toMatchObject({ do: 'withdraw', fate: 'destroy' });
    expect(planItem(carryOut(unapplied, planItem(unapplied, me)), me)).toEqual({ do: 'nothing' });
  });

  it('sets a local edit aside, and never publishes it', () => {
    const row = withWithdrawn(edited(applied, fileOf(3)), raised);
    expect(planItem(row, me)).toMatchObject({ do: 'withdraw', fate: 'aside' });
    expect(planItem(carryOut(row, planItem(row, me)), me)).toEqual({ do: 'nothing' });
  });

  it('leaves what is this node’s own, or never came from the author', () => {
    const own = atRest(edited(applied, fileOf(3)));
    expect(planItem(withWithdrawn(own, raised), me)).toEqual({ do: 'withdraw', fate: 'leave' });
    const apart = withWithdrawn(edited({}, fileOf(4)), raised);
    expect(planItem(apart, me)).toEqual({ do: 'withdraw', fate: 'leave' });
    // Its bytes are the same as what came, and it has published them itself.
    const mine = withWithdrawn(published(fileOf(1)), raised);
    expect(planItem(mine, me)).toEqual({ do: 'withdraw', fate: 'leave' });
  });

  it('leaves what another author shares still, and brings that author’s back where it differs', () => {
    const same = withWithdrawn(receive(applied, by(C, fileOf(1))), raised);
    expect(planItem(same, me)).toEqual({ do: 'withdraw', fate: 'leave' });
    expect(standing(atRest(same).remote).map(({ author }) => author)).toEqual([C]);
    const other = withWithdrawn(receive(applied, by(C, fileOf(2))), raised);
    const rest = atRest(other);
    expect([rest.local?.state, rest.agreed?.author]).toEqual([fileOf(2), C]);
  });

  it('withdraws nothing any more once a later record can be read', () => {
    const again = by(B, fileOf(5), first.version);
    const row = withoutWithdrawn(withWithdrawn(applied, raised), B, 3);
    expect(row.withdrawn).toBeUndefined();
    expect(atRest(receive(row, { ...again, seq: 3 })).local?.state).toEqual(fileOf(5));
    expect(withoutWithdrawn(withWithdrawn(applied, raised), B, 1).withdrawn).toHaveLength(1);
  });

  it('takes away a directory that came so, and sets none aside', () => {
    const row = withWithdrawn(atRest(receive({}, by(B, dir))), markOf(B, 2, dir));
    expect(planItem(row, me)).toMatchObject({ fate: 'destroy' });
    const instead = edited(applied, dir);
    expect(planItem(withWithdrawn(instead, raised), me)).toMatchObject({ fate: 'leave' });
  });
});

/** A feed of one item: what is readable, and what is withheld. */
interface Event {
  readonly what: number;
  readonly readable: boolean;
  readonly learns: boolean;
}
const event: fc.Arbitrary<Event> = fc.record({
  what: fc.nat(4),
  readable: fc.boolean(),
  learns: fc.boolean(),
});
const feed = fc.array(event, { minLength: 1, maxLength: 5 });
const stateOf = (what: number): ItemState => (what === 0 ? gone : fileOf(what));

type Arrival = (row: Row) => Row;

/** What arrives of a feed, record by record, as `OpenedTags` has it. */
function arrivals(author: typeof B, events: readonly Event[], other: Version): Arrival[] {
  let version: Version = [];
  let opened: string[] = [];
  return events.map(({ what, readable, learns }, i) => {
    const seq = i + 1;
    version = bumpVersion(learns ? mergeVersions(version, other) : version, actorOf(author));
    const state = stateOf(what);
    if (readable) {
      const record: Published = { state, author, version, epoch: 1, seq };
      opened = [...opened, contentName(state) ?? ''];
      return (row) => receive(withoutWithdrawn(row, author, seq), record);
    }
    const contents = opened.filter((name) => name !== '');
    opened = [];
    return (row) => (contents.length === 0 ? row : withWithdrawn(row, { author, seq, contents }));
  });
}

const interleaved = (a: readonly Arrival[], b: readonly Arrival[], turns: readonly boolean[]): Arrival[] => {
  const [left, right] = [[...a], [...b]];
  const all: Arrival[] = [];
  for (const turn of turns) all.push(...(turn ? left : right).splice(0, 1));
  return [...all, ...left, ...right];
};

describe('whatever the order in which two feeds arrive', () => {
  const turns = fc.array(fc.boolean(), { maxLength: 10 });
  it('the records that stand are the same, and so is what is withdrawn', () => {
    fc.assert(
      fc.property(feed, feed, turns, turns, (b, c, one, two) => {
        const of = (order: readonly boolean[]) => {
          const [left, right] = [arrivals(B, b, []), arrivals(C, c, [[actorOf(B), 1]])];
          return interleaved(left, right, order).reduce<Row>((row, arrive) => arrive(row), {});
        };
        const marks = ({ withdrawn = [] }: Row) =>
          withdrawn.map(({ author, seq }) => `${author.node} ${seq}`);
        const [x, y] = [of(one), of(two)];
        expect(standing(x.remote)).toEqual(standing(y.remote));
        expect(marks(x).sort()).toEqual(marks(y).sort());
      }),
      { numRuns: 2000 },
    );
  });

  it('the plan comes to rest, and destroys nothing that did not come from others', () => {
    fc.assert(
      fc.property(feed, feed, turns, fc.nat(12), (b, c, order, editAt) => {
        const all = interleaved(arrivals(B, b, []), arrivals(C, c, [[actorOf(B), 1]]), order);
        let row: Row = {};
        for (const [i, arrive] of all.entries()) {
          row = arrive(row);
          if (i === editAt) row = edited(row, fileOf(99));
          for (let step = 0; step < 6 && !isAtRest(planItem(row, me)); step++) {
            const action = planItem(row, me);
            if (row.local?.state.kind === 'file' && row.local.state.size === 99)
              expect(action).not.toMatchObject({ do: 'withdraw', fate: 'destroy' });
            row = carryOut(row, action);
          }
          expect(isAtRest(planItem(row, me))).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

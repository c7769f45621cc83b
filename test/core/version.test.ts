/** Versions that a member fills or winds up: nobody's grow without bound, and honest edits go on over them. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actorOf, countOf } from '#agent/core/actor.ts';
import { maxActors, maxCounter } from '#agent/core/bounds.ts';
import { decodeChange, encodeChange } from '#agent/core/change-codec.ts';
import { encode } from '#agent/core/codec.ts';
import { type Actor, bytesOf, type Origin, parseActor } from '#agent/core/ids.ts';
import type { Row } from '#agent/core/item.ts';
import { mergeRemote, type Published } from '#agent/core/merge.ts';
import { dueYield, planItem } from '#agent/core/plan.ts';
import { settleApplied, settlePublished } from '#agent/core/settle.ts';
import {
  boundVersion,
  compareVersions,
  isWithinBounds,
  mergeVersions,
  type Version,
} from '#agent/core/version.ts';
import { fileOf, hexOf, originOf } from './sample.ts';

const [hostile, honest, third] = [originOf(1), originOf(2), originOf(3)];
const planner = { ...honest, publishes: true };
/** Actors that nobody is, sorted before all others when `low`. */
const fakes = (count: number, from: number, low = true): Version =>
  Array.from({ length: count }, (_, i) => [parseActor((low ? '00' : 'ff') + hexOf(from + i, 8).slice(2)), 1]);
const filled = (author: Origin, n: number, from: number, low = true): Version =>
  mergeVersions(fakes(maxActors - 1, from, low), [[actorOf(author), n]]);

const version: fc.Arbitrary<Version> = fc
  .uniqueArray(fc.nat(12), { maxLength: 6 })
  .chain((ns) =>
    fc.tuple(
      ...ns.toSorted((a, b) => a - b).map((n) => fc.tuple(fc.constant(n), fc.integer({ min: 1, max: 3 }))),
    ),
  )
  .map((pairs) => pairs.map(([n, count]) => [parseActor(hexOf(n, 8)), count] as const));

describe('comparing', () => {
  it('is as the definition says', () => {
    const knownIn = (v: Version, actor: Actor) => v.find(([a]) => a === actor)?.[1] ?? 0;
    const beyond = (a: Version, b: Version) => a.some(([actor, n]) => n > knownIn(b, actor));
    fc.assert(
      fc.property(version, version, (a, b) => {
        const order = { '10': 'after', '01': 'before', '11': 'concurrent', '00': 'equal' } as const;
        const key = `${Number(beyond(a, b))}${Number(beyond(b, a))}` as keyof typeof order;
        expect(compareVersions(a, b)).toBe(order[key]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('on the wire', () => {
  const change = (v: Version) => ({ path: 'f', state: { kind: 'gone' }, version: v }) as const;
  const raw = (v: Version) =>
    encode({ path: 'f', kind: 'gone', version: v.map(([actor, n]) => [bytesOf(actor), n]) });
  const actor = actorOf(hostile);

  it.each([
    ['full', fakes(maxActors, 0), true],
    ['of too many actors', fakes(maxActors + 1, 0), false],
    ['at the limit', [[actor, maxCounter]] as Version, true],
    ['wound up beyond it', [[actor, maxCounter + 1]] as Version, false],
  ])('a version %s', (_what, v, taken) => {
    if (taken) expect(decodeChange(encodeChange(change(v))).version).toEqual(v);
    else {
      expect(() => decodeChange(raw(v))).toThrow(/CODEC_MALFORMED/);
      expect(() => encodeChange(change(v))).toThrow(/INVARIANT/);
    }
  });
});

describe('bounding', () => {
  it('leaves what is small as it is, and keeps whom it must', () => {
    expect(boundVersion(fakes(maxActors, 0), () => [])).toHaveLength(maxActors);
    const full = mergeVersions(fakes(2 * maxActors, 0), [[actorOf(honest), 7]]);
    const bounded = boundVersion(full, () => [actorOf(honest)]);
    expect([bounded.length, countOf(bounded, actorOf(honest))]).toEqual([maxActors, 7]);
    expect(boundVersion(bounded, () => [actorOf(honest)])).toBe(bounded);
    const many = fakes(2 * maxActors, 0).map(([a]) => a);
    expect(boundVersion(fakes(3 * maxActors, 0), () => many)).toHaveLength(maxActors);
  });
});

describe('a member that fills versions', () => {
  const record = (author: Origin, content: number, v: Version): Published => ({
    state: fileOf(content),
    content: { levels: 0, refs: [] },
    author,
    version: v,
    epoch: 1,
    seq: content,
  });

  /** One round: the hostile record is applied here, then edited here; returns the edit. */
  function round(row: Row, content: number, v: Version): { row: Row; edit: Published } {
    const remote = mergeRemote(row.remote, record(hostile, content, v), row.agreed);
    const came: Row = { ...row, ...(remote && { remote }) };
    const action = planItem(came, planner);
    const local = { state: fileOf(content) };
    const applied = action.do === 'apply' ? settleApplied(came, action, local) : came;
    expect(planItem(applied, planner).do).toBe('nothing');
    const edited = { ...applied, local: { state: fileOf(content + 1) } };
    const plan = planItem(edited, planner);
    if (plan.do !== 'publish') throw new Error(`not published: ${plan.do}`);
    const edit = record(honest, content + 1, plan.version);
    return { row: settlePublished(edited, edit), edit };
  }

  it.each([
    ['lower', true],
    ['higher', false],
  ])('does not keep an honest node from publishing, with %s actors; everybody follows', (_how, low) => {
    let row: Row = {};
    let known: Version = [];
    let there: Row['remote'];
    for (let n = 1; n <= 12; n++) {
      const v = mergeVersions(filled(hostile, n, n * maxActors, low).slice(1), known);
      const attack = boundVersion(v, () => [actorOf(hostile), actorOf(honest)]);
      const before = countOf(row.agreed?.version ?? [], actorOf(honest));
      const { row: after, edit } = round(row, 10 * n, attack);
      row = after;
      expect(isWithinBounds(edit.version)).toBe(true);
      expect(row.remote?.seen.length).toBeLessThanOrEqual(maxActors);
      expect(countOf(edit.version, actorOf(honest))).toBeGreaterThan(before);
      there = mergeRemote(mergeRemote(there, record(hostile, 10 * n, attack)), edit);
      expect([there?.state, there?.rivals]).toEqual([edit.state, undefined]);
      expect(there?.seen.length).toBeLessThanOrEqual(maxActors);
      // As a third node does that takes it over.
      const taken = planItem({ remote: there as NonNullable<Row['remote']> }, { ...third, publishes: true });
      expect(taken.do === 'apply' && isWithinBounds(taken.agreed.version)).toBe(true);
      known = [[actorOf(honest), countOf(edit.version, actorOf(honest))]];
    }
  });

  it('that says nothing of our own edits: our count is not forgotten', () => {
    const first = round({}, 10, filled(hostile, 1, 0));
    const before = countOf(first.edit.version, actorOf(honest));
    // Replaces our edit, then leaves us out of what it says next.
    const replacing = boundVersion(mergeVersions(filled(hostile, 2, 5000), first.edit.version), () => [
      actorOf(hostile),
      actorOf(honest),
    ]);
    const second = mergeRemote(first.row.remote, record(hostile, 20, replacing));
    const third_ = mergeRemote(second, record(hostile, 30, filled(hostile, 3, 9000)));
    const { edit } = round(
      { ...first.row, ...(third_ && { remote: third_ }) },
      40,
      filled(hostile, 4, 15_000),
    );
    expect(countOf(edit.version, actorOf(honest))).toBeGreaterThan(before);
  });

  it('does not make a yield that nobody takes', () => {
    const mine = record(honest, 10, mergeVersions(filled(honest, 1, 0), []));
    const agreed = {
      state: fileOf(20),
      version: mergeVersions(filled(hostile, 9, 9000), mine.version),
      author: hostile,
    };
    const remote = mergeRemote(mergeRemote(undefined, mine), record(hostile, 20, filled(hostile, 9, 9000)));
    const row: Row = { agreed, ...(remote && { remote }), local: { state: fileOf(20) } };
    const plan = planItem(row, planner);
    const settled = plan.do === 'adopt' ? { ...row, agreed: plan.agreed } : row;
    const due = dueYield(settled, planner);
    expect(due && isWithinBounds(due)).toBe(true);
  });
});

/** The remote tree: the same from the same records, in whatever order they come. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actorOf } from '#agent/core/actor.ts';
import { parseActor } from '#agent/core/ids.ts';
import type { ItemState, RemoteState } from '#agent/core/item.ts';
import { mergeRemote, type Published, standing } from '#agent/core/merge.ts';
import { bumpVersion, compareVersions, mergeVersions, type Version } from '#agent/core/version.ts';
import { fileOf, gone, originOf } from './sample.ts';

const [A, B, C] = [originOf(1), originOf(2), originOf(3)];
const by = (author: typeof A, state: Published['state'], base: Version = []): Published => ({
  state,
  author,
  version: bumpVersion(base, actorOf(author)),
  epoch: 1,
  seq: 1,
});

const mergeAll = (records: readonly Published[]): RemoteState | undefined =>
  records.reduce<RemoteState | undefined>((remote, r) => mergeRemote(remote, r), undefined);

/** A history as honest members make it: each record builds on those that its author had merged by then. */
interface Write {
  readonly author: number;
  readonly knows: readonly number[];
  readonly kind: number;
}
const write: fc.Arbitrary<Write> = fc.record({
  author: fc.integer({ min: 1, max: 4 }),
  knows: fc.array(fc.nat(12), { maxLength: 3 }),
  kind: fc.nat(4),
});

function history(writes: readonly Write[]): Published[] {
  const records: Published[] = [];
  writes.forEach(({ author, knows, kind }, i) => {
    const origin = originOf(author);
    const own = records.filter((r) => r.author.node === origin.node);
    const known = knows.flatMap((k) => records[k % Math.max(1, records.length)] ?? []);
    const base = [...own, ...known].reduce<Version>((v, r) => mergeVersions(v, r.version), []);
    const states: Published['state'][] = [gone, { kind: 'yield' }, fileOf(i), fileOf(i), fileOf(7)];
    records.push(by(origin, states[kind] ?? gone, base));
  });
  return records;
}

const summary = (remote: RemoteState | undefined) => ({
  standing: standing(remote).map((r) => [r.state, r.version, r.author.node]),
  seen: remote?.seen,
});

describe('mergeRemote', () => {
  it('does not depend on order or repetition', () => {
    const shuffled = fc.array(write, { minLength: 1, maxLength: 12 }).chain((writes) => {
      const records = history(writes);
      const order = fc.shuffledSubarray(records, { minLength: records.length });
      return fc.tuple(fc.constant(records), order, fc.subarray(records));
    });
    fc.assert(
      fc.property(shuffled, ([records, order, again]) => {
        expect(summary(mergeAll([...order, ...again]))).toEqual(summary(mergeAll(records)));
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps exactly the records that no other knows of', () => {
    fc.assert(
      fc.property(fc.array(write, { minLength: 1, maxLength: 12 }), (writes) => {
        const records = history(writes);
        const unreplaced = records.filter(
          (r) => !records.some((o) => o !== r && compareVersions(r.version, o.version) === 'before'),
        );
        const kept = standing(mergeAll(records)).map((r) => r.version);
        const expected = unreplaced.filter((r) => r.state.kind !== 'yield').map((r) => r.version);
        expect(kept.length).toBe(expected.length);
        expect(kept).toEqual(expect.arrayContaining(expected));
      }),
      { numRuns: 500 },
    );
  });

  it('lets an edit beat a delete, then the higher sum, then the higher actor', () => {
    const edit = by(A, fileOf(1));
    const laterDelete = by(B, gone, by(C, fileOf(2)).version);
    expect(mergeAll([edit, laterDelete])?.state).toEqual(fileOf(1));
    const twice = by(B, fileOf(3), by(B, fileOf(2)).version);
    expect(mergeAll([edit, twice])?.state).toEqual(fileOf(3));
    const higher = actorOf(A) > actorOf(B) ? A : B;
    expect(mergeAll([edit, by(B, fileOf(2))])?.author).toEqual(higher);
  });

  it('lets a directory beat a file, so that what is in it keeps its place', () => {
    const dir: ItemState = { kind: 'dir', mode: 0o755 };
    const file = by(B, fileOf(2), by(B, fileOf(1)).version);
    expect(mergeAll([by(A, dir), file])?.state).toEqual(dir);
  });

  it('does not forget a loser whose winner is deleted by one who never knew of it', () => {
    const winner = by(A, fileOf(2), by(A, fileOf(1)).version);
    const loser = by(B, fileOf(3));
    const remove = by(C, gone, winner.version);
    for (const order of [
      [winner, loser, remove],
      [remove, winner, loser],
      [loser, remove, winner],
    ]) {
      expect(mergeAll(order)?.state).toEqual(fileOf(3));
    }
  });

  it('remembers what a withdrawn record had replaced, even with nothing left standing', () => {
    const first = by(A, fileOf(1));
    const edit = by(B, fileOf(2), first.version);
    const withdrawn = by(B, { kind: 'yield' }, edit.version);
    const remote = mergeAll([withdrawn, first, edit]);
    expect(standing(remote)).toEqual([]);
    expect(mergeAll([withdrawn, first, by(C, fileOf(3))])?.state).toEqual(fileOf(3));
  });

  it('folds in the agreed record that was never merged', () => {
    const own = by(A, fileOf(2), by(B, fileOf(1)).version);
    const agreed = { state: fileOf(2), version: own.version, author: A };
    expect(mergeRemote(undefined, by(B, fileOf(1)), agreed)?.state).toEqual(fileOf(2));
  });

  it('ignores a record that does not count itself', () => {
    const bogus: Published = { ...by(A, fileOf(1)), version: [[parseActor('ff'.repeat(8)), 9]] };
    expect(mergeRemote(undefined, bogus)).toBeUndefined();
  });
});

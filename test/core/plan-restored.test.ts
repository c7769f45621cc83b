/** What the plan makes of a disk that is older than the feeds: a new index, or an old image put back. */
import { describe, expect, it } from 'vitest';
import { planItem } from '#agent/core/plan.ts';
import { atRest, B, by, dir, edited, me, myOldLife, receive } from './plan-rows.ts';
import { fileOf, gone, originOf } from './sample.ts';

describe('the plan for an item of a restored node', () => {
  it('keeps beside, and lets give way, what it finds where others have published and it agreed to nothing', () => {
    const row = receive(edited({}, fileOf(1)), by(B, fileOf(2)));
    expect(planItem(row, me)).toMatchObject({ do: 'apply', replaces: 'file', keep: 'conflict' });
    expect(atRest(row).agreed?.state).toEqual(fileOf(2));
    expect(planItem(receive(edited({}, fileOf(1)), by(B, dir)), me)).toMatchObject({ keep: 'conflict' });
    const touched = receive(edited({}, fileOf(1, 9n)), by(B, fileOf(1)));
    expect(planItem(touched, me)).toMatchObject({ do: 'apply', keep: 'none' });
    expect(planItem(receive(edited({}, dir), by(B, fileOf(1))), me).do).toBe('publish');
    expect(planItem(receive(edited({}, fileOf(1)), by(B, gone)), me).do).toBe('publish');
  });

  it('does the same with an edit on an old image, beside what it published itself in another life', () => {
    const old = by(myOldLife, fileOf(1));
    const row = edited(atRest(receive({}, old)), fileOf(3));
    const forgotten = by(myOldLife, fileOf(2), old.version);
    expect(planItem(receive(row, forgotten), me)).toMatchObject({ do: 'apply', keep: 'conflict' });
    expect(planItem(row, me).do).toBe('publish');
  });

  it('keeps another’s edit beside when its author has written past it in a new life', () => {
    const reader = atRest(receive({}, by(originOf(2, 1), fileOf(1))));
    const past = by(originOf(2, 2), fileOf(2), by(originOf(2, 2), fileOf(3)).version);
    expect(planItem(receive(reader, past), me)).toMatchObject({ do: 'apply', keep: 'conflict' });
  });
});

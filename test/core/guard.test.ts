import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LossCount, massDelete, suddenlyEmpty } from '#agent/core/guard.ts';
import { parseDigest } from '#agent/core/ids.ts';

describe('brakes', () => {
  it.each([
    [20, 20, false],
    [21, 21, true],
    [21, 41, true],
    [21, 42, false],
    [5000, 10_000, false],
    [5001, 10_000, true],
    [0, 0, false],
  ])('%i deletes of %i items: halts %s', (deletes, total, halts) => {
    expect(massDelete({ deletes, total })).toBe(halts);
  });

  it.each([
    [0, 0, false],
    [0, 1, false],
    [0, 2, true],
    [1, 5000, false],
  ])('%i seen of %i known: suddenly empty %s', (seen, known, halts) => {
    expect(suddenlyEmpty({ seen, known })).toBe(halts);
  });

  it('counts never more than was deleted, and fewer the more items stay or came', () => {
    const loss = fc.record(
      {
        path: fc.string(),
        stood: fc.nat(50),
        content: fc.constant({ size: 1, sha256: parseDigest('ab'.repeat(32)) }),
      },
      { requiredKeys: ['path'] },
    );
    fc.assert(
      fc.property(fc.array(loss), fc.nat(50), fc.nat(50), (losses, left, othersCame) => {
        const count = new LossCount();
        for (const one of losses) count.add(one);
        const deletes = count.deletes({ left, othersCame });
        expect(deletes).toBeLessThanOrEqual(losses.length);
        expect(count.deletes({ left: left + 1, othersCame })).toBeLessThanOrEqual(deletes);
        expect(count.deletes({ left, othersCame: othersCame + 1 })).toBeLessThanOrEqual(deletes);
      }),
    );
  });
});

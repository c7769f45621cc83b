import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { massDelete, netDeletes, suddenlyEmpty } from '#agent/core/guard.ts';

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

  it('takes a renamed folder for no delete', () => {
    const files = Array.from({ length: 1000 }, (_, i) => ({ path: `a/${i}`, sha256: `h${i}` }));
    const puts = [{}, ...files.map(({ sha256 }) => ({ sha256 }))];
    expect(netDeletes([{ path: 'a' }, ...files], puts)).toBe(0);
    expect(netDeletes([{ path: 'a' }, ...files], [])).toBe(1001);
  });

  it('counts never more than was deleted, and fewer with every put', () => {
    const hash = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined });
    const entry = hash.map((sha256) => (sha256 === undefined ? {} : { sha256 }));
    fc.assert(
      fc.property(fc.array(entry), fc.array(entry), entry, (deletes, puts, put) => {
        const paths = deletes.map((d, i) => ({ path: `${i}`, ...d }));
        const count = netDeletes(paths, puts);
        expect(count).toBeLessThanOrEqual(deletes.length);
        expect(netDeletes(paths, [...puts, put])).toBeLessThanOrEqual(count);
      }),
    );
  });
});

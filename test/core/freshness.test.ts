import { describe, expect, it } from 'vitest';
import { advance, awaited, clockSkewMs, isRenewalDue, isYounger, validUntil } from '#agent/core/freshness.ts';

const hour = 3_600_000;
const freshnessMs = 24 * hour;
const start = Date.parse('2026-11-02T00:00:00.000Z');
const at = (hours: number, proven?: number, elapsed = 0) => ({
  now: start + hours * hour,
  elapsed: elapsed * hour,
  freshnessMs,
  proven: proven === undefined ? undefined : start + proven * hour,
});

describe('the copy of one author', () => {
  it('is valid for the term after its author signed, not after the head came', () => {
    const held = advance(awaited(start), at(20, 1));
    expect(held.synced).toBe(start + hour);
    expect(validUntil(held, freshnessMs)).toBe(start + 25 * hour);
    expect(advance(held, at(24.9, 1)).stale).toBe(false);
    expect(advance(held, at(25, 1)).stale).toBe(true);
  });

  it('is stale after the term when the author was never heard', () => {
    expect(advance(awaited(start), at(23)).stale).toBe(false);
    expect(advance(awaited(start), at(24)).stale).toBe(true);
  });

  it('stays stale when the clock goes back, and until the author signs again', () => {
    const stale = advance(advance(awaited(start), at(1, 1)), at(30, 1));
    expect(stale.stale).toBe(true);
    expect(advance(stale, at(2, 1)).stale).toBe(true);
    expect(advance(stale, at(31, 30.5)).stale).toBe(false);
  });

  it('is not kept fresh by a clock that stands still or is set back again and again', () => {
    let row = advance(awaited(start), at(1, 1));
    for (let i = 0; i < 23; i++) row = advance(row, at(1, 1, 1));
    expect(row.stale).toBe(false);
    expect(advance(row, at(1, 1, 1)).stale).toBe(true);
  });

  it('is fresh again after a clock that was far ahead once, by the next word', () => {
    const ahead = advance(advance(awaited(start), at(1, 1)), at(9000, 1));
    expect(ahead.stale).toBe(true);
    const back = advance(ahead, at(3, 2));
    expect([back.stale, validUntil(back, freshnessMs)]).toEqual([false, start + 26 * hour]);
    expect(advance(back, at(4, 2)).stale).toBe(false);
  });

  it('takes no word from the future, and an old one moves nothing back', () => {
    expect(advance(awaited(start), at(1, 2)).synced).toBeUndefined();
    const little = advance(awaited(start), at(1, 1 + clockSkewMs / hour));
    expect(little.synced).toBe(start + hour);
    expect(advance(little, at(3, 0.5)).synced).toBe(start + hour);
  });
});

it('a head is renewed when it is old, or was signed by a clock that was far ahead', () => {
  expect(isRenewalDue(start, start + hour - 1, hour)).toBe(false);
  expect(isRenewalDue(start, start + hour, hour)).toBe(true);
  expect(isRenewalDue(start + clockSkewMs, start, hour)).toBe(false);
  expect(isRenewalDue(start + clockSkewMs + 1, start, hour)).toBe(true);
});

it('the younger head is kept, but none from the future', () => {
  expect(isYounger(start, start + 1, start + 1)).toBe(true);
  expect(isYounger(start + 1, start, start + 1)).toBe(false);
  expect(isYounger(start, start + clockSkewMs + 1, start)).toBe(false);
  expect(isYounger(start + clockSkewMs + 1, start, start)).toBe(true);
});

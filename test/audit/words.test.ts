/** Cells that no spreadsheet runs, refusals that do not fill the log. */
import { expect, it } from 'vitest';
import { csvCell, csvRow } from '#agent/audit/csv.ts';
import { RefusalTally } from '#agent/audit/refusal-tally.ts';
import { SetClock } from '#test/trust/parties.ts';

it('quotes every cell, and disarms what a spreadsheet would take for a formula', () => {
  expect(csvRow(['a', 'b "c"', 3, undefined])).toBe('"a","b ""c""","3",""');
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '|cmd', '%x'])
    expect(csvCell(text)).toBe(`"'${text}"`);
  expect(csvCell(-3)).toBe('"-3"');
  expect(csvCell('H29.13')).toBe('"H29.13"');
});

it('counts the refusals of one caller within a minute in one record', () => {
  const clock = new SetClock();
  const tally = new RefusalTally(clock);
  const fields = { code: 'NOT_A_MEMBER', peer: 'a' };
  expect(tally.note('a', fields)).toEqual({ ...fields, times: 1 });
  for (let i = 0; i < 50; i++) expect(tally.note('a', fields)).toBeUndefined();
  expect(tally.due()).toEqual([]);
  clock.ms += 60_000;
  expect(tally.due()).toEqual([{ ...fields, times: 50 }]);
  expect(tally.due()).toEqual([]);
});

it('counts a crowd of strangers together', () => {
  const tally = new RefusalTally(new SetClock());
  const refuse = (i: number) => tally.note(`10.0.0.${i}`, { code: 'TLS_HANDSHAKE', address: `10.0.0.${i}` });
  const written = Array.from({ length: 500 }, (_, i) => refuse(i)).filter(Boolean);
  expect(written).toHaveLength(12);
  expect(tally.due(true)).toEqual([{ code: 'several', peer: 'others', times: 488 }]);
});

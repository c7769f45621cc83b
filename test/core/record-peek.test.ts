import { expect, it } from 'vitest';
import type { FeedRecord } from '#agent/core/record.ts';
import { encodeRecord } from '#agent/core/record-codec.ts';
import { peekRecord } from '#agent/core/record-peek.ts';

const item = (epoch: number): FeedRecord => ({
  ...{ type: 'item', epoch, labelClass: 'INTERNAL', sealed: new Uint8Array(70) },
});
const grant = (epoch: number): FeedRecord => ({
  ...{ type: 'grant', epoch, labelClass: 'INTERNAL', suite: 'nacl-pq', grants: [] },
});

it.each([1, 23, 24, 255, 256, 65_535, 65_536, 0xffff_ffff])('tells type and epoch %i', (epoch) => {
  expect(peekRecord(encodeRecord(item(epoch)))).toEqual({ type: 'item', epoch });
  expect(peekRecord(encodeRecord(grant(epoch)))).toEqual({ type: 'grant', epoch });
  expect(peekRecord(encodeRecord({ ...grant(epoch), form: 'cells' } as FeedRecord))).toEqual({
    type: 'grant',
    epoch,
  });
});

it('finds nothing in other bytes, or in a record cut short', () => {
  const whole = encodeRecord(item(300));
  for (const bytes of [new Uint8Array(), whole.subarray(0, 5), whole.subarray(0, 18), whole.subarray(1)])
    expect(peekRecord(bytes)).toBeUndefined();
});

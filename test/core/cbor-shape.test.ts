/** Bytes that would become millions of values become none, whatever message they come as. */
import { expect, it } from 'vitest';
import { isWithinShape } from '#agent/core/cbor-shape.ts';
import { decodeChange } from '#agent/core/change-codec.ts';
import { encode } from '#agent/core/codec.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import { peekRecord } from '#agent/core/record-peek.ts';
import { decodeHeader, decodeSegment } from '#agent/core/segment-codec.ts';
import { decodeHeadsReply } from '#agent/exchange/wire-messages.ts';
import { spaceNamed } from '#test/exchange/sample-feed.ts';
import { readVectors } from './vector.ts';

const size = 4 * 1024 * 1024;
const arrayOf = (byte: number): Uint8Array => {
  const bytes = new Uint8Array(size).fill(byte);
  bytes.set([0x9a, ...new Uint8Array(new Uint32Array([size - 5]).buffer).toReversed()]);
  return bytes;
};
const bombs: [string, Uint8Array][] = [
  ['empty maps', arrayOf(0xa0)],
  ['empty arrays', arrayOf(0x80)],
  ['empty strings', arrayOf(0x60)],
  ['numbers', arrayOf(0x01)],
  ['arrays in arrays', new Uint8Array(size).fill(0x81)],
  ['tags on tags', new Uint8Array(size).fill(0xc1)],
  ['a map that promises more than there is', Uint8Array.of(0xba, 0xff, 0xff, 0xff, 0xff)],
  [
    'an array that promises more than there is',
    Uint8Array.of(0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  ],
];
const readers: Record<string, (bytes: Uint8Array) => unknown> = {
  segment: decodeSegment,
  header: decodeHeader,
  record: decodeRecord,
  change: (bytes) => decodeChange(bytes),
  heads: (bytes) => decodeHeadsReply(bytes, spaceNamed('any')),
};

it.each(bombs)('%s: refused by every reader, by the count of values alone', (_what, bytes) => {
  for (const read of Object.values(readers))
    expect(() => read(bytes)).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ rule: expect.stringMatching(/^at most/) }),
      }),
    );
  expect(peekRecord(bytes)).toBeUndefined();
});

it('says of every vector what is in it', () => {
  for (const { hex } of readVectors<{ valid: { hex: string }[] }>('codec.json').valid)
    expect(isWithinShape(Uint8Array.fromHex(hex), { values: 4096, depth: 3 })).toBe(true);
  expect(isWithinShape(encode([[1], { a: 2 }]), { values: 6, depth: 2 })).toBe(true);
  expect(isWithinShape(encode([[1], { a: 2 }]), { values: 5, depth: 2 })).toBe(false);
  expect(isWithinShape(encode([[1]]), { values: 9, depth: 1 })).toBe(false);
  // Cut off within a string, within a number, and before the last value.
  for (const cut of [
    [0x42, 1],
    [0x19, 1],
    [0x82, 1],
  ])
    expect(isWithinShape(Uint8Array.from(cut), { values: 9, depth: 9 })).toBe(false);
});

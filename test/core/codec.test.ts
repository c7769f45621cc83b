import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode } from '#agent/core/codec.ts';
import { readVectors } from './vector.ts';

const { cbor } = readVectors<{ cbor: { valid: [string, string][]; malformed: [string, string][] } }>(
  'codec.json',
);

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

describe('deterministic CBOR', () => {
  it('gives back what was put in, from one encoding only', () => {
    fc.assert(
      fc.property(plain, (value) => {
        const bytes = encode(value);
        expect(decode(bytes)).toEqual(value);
        expect(encode(decode(bytes))).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });

  it('takes no bytes but those that it would write', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        let value: unknown;
        try {
          value = decode(bytes);
        } catch (error) {
          expect(error).toHaveProperty('code', 'CODEC_MALFORMED');
          return;
        }
        expect(encode(value)).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('carries integers of 64 bits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (n) => {
        const back = decode(encode({ n })) as { n: number | bigint };
        expect(BigInt(back.n)).toBe(n);
      }),
    );
  });

  it('does not depend on the order in which keys were set', () => {
    expect(encode({ b: 1, a: 2, aa: 3 })).toEqual(encode({ aa: 3, a: 2, b: 1 }));
  });

  it.each(cbor.valid)('vector: %s', (_, hex) => {
    expect(encode(decode(Uint8Array.fromHex(hex))).toHex()).toBe(hex);
  });

  it.each(cbor.malformed)('refuses: %s', (_, hex) => {
    expect(() => decode(Uint8Array.fromHex(hex))).toThrow(/CODEC_MALFORMED/);
  });

  it('refuses nesting that would eat the stack', () => {
    expect(() => decode(new Uint8Array(2_000_000).fill(0x81))).toThrow(/CODEC_MALFORMED/);
  });

  it('refuses more bytes than allowed', () => {
    expect(() => decode(encode('abcdef'), 6)).toThrow(/CODEC_MALFORMED/);
    expect(decode(encode('abcdef'), 7)).toBe('abcdef');
  });

  it.each([
    ['a fraction', 1.5],
    ['NaN', Number.NaN],
    ['an unsafe number', 2 ** 53],
    ['undefined', undefined],
    ['an undefined field', { a: undefined }],
    ['a lone surrogate', '\ud800'],
    ['a wide integer', 2n ** 64n],
  ])('does not encode %s', (_, value) => {
    expect(() => encode(value)).toThrow(/INVARIANT/);
  });
});

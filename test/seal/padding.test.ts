import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paddedSize, paddingFor, unpad } from '#agent/seal/padding.ts';

const padded = (plain: Uint8Array) => new Uint8Array([...plain, ...paddingFor(plain.length)]);

describe('padding', () => {
  it('comes off again, whatever the plaintext ends with', () => {
    const ends = fc.constantFrom([], [0x80], [0x80, 0, 0], [0], [0, 0, 0x80]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), ends, (body, end) => {
        const plain = Uint8Array.from([...body, ...end]);
        expect(unpad(padded(plain))).toEqual(plain);
      }),
    );
  });

  it('always adds at least its marker, and never more than 12 % above 256 bytes', () => {
    for (const length of [0, 1, 255, 256, 257, 65_536, 65_537, 262_144]) {
      expect(paddedSize(length)).toBeGreaterThan(length);
      expect(paddedSize(length)).toBeLessThanOrEqual(Math.max(256, Math.ceil((length + 1) * 1.12)));
    }
    expect(paddedSize(0)).toBe(paddedSize(200));
  });

  it.each([
    ['nothing', []],
    ['zeros only', new Array(256).fill(0)],
    ['no marker', new Array(256).fill(1)],
    ['a marker but another size', [1, 2, 0x80, 0]],
    ['one zero too many', [...padded(Uint8Array.of(1, 2)), 0]],
    ['one zero too few', [...padded(Uint8Array.of(1, 2)).slice(0, -1)]],
    ['a bit after the marker', [...padded(Uint8Array.of(1, 2)).slice(0, -1), 1]],
    ['the next size up', [1, 0x80, ...new Array(paddedSize(256) - 2).fill(0)]],
  ])('refuses %s', (_, bytes) => {
    expect(unpad(Uint8Array.from(bytes))).toBeUndefined();
  });
});

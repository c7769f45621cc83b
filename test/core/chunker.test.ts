import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cutter, gearTable } from '#agent/core/chunker.ts';
import { padmeSize } from '#agent/core/padme.ts';
import { maxChunk, meanChunk, minChunk } from '#agent/core/sealed-chunk.ts';
import { shake } from './shake.ts';
import { readVectors } from './vector.ts';

interface Case {
  readonly name: string;
  readonly seed?: string;
  readonly zeros?: boolean;
  readonly length: number;
  readonly ends: number[];
}

const gear = gearTable(shake('dongbo gear', 1024));

function cutAll(data: Uint8Array, table: Uint32Array = gear): number[] {
  const cutter = new Cutter(table);
  const ends: number[] = [];
  for (let at = 0; at < data.length; ) {
    at = cutter.cut(data, at, data.length, true);
    ends.push(at);
  }
  return ends;
}

/** As a reader does: bytes come in pieces, and a chunk is cut as soon as the bytes at hand decide it. */
function cutInPieces(data: Uint8Array, pieces: readonly number[]): number[] {
  const cutter = new Cutter(gear);
  const ends: number[] = [];
  let from = 0;
  let have = 0;
  for (let i = 0; have < data.length; i++) {
    have = Math.min(data.length, have + (pieces[i % pieces.length] ?? data.length));
    while (from < have) {
      const end = cutter.cut(data, from, have, have === data.length);
      if (end < 0) break;
      ends.push(end);
      from = end;
    }
  }
  return ends;
}

const data = shake('a long file', 8_000_000);
const lengths = (ends: readonly number[]) => ends.map((end, i) => end - (ends[i - 1] ?? 0));

describe('cut points', () => {
  it.each(readVectors<{ cases: Case[] }>('cut-points.json').cases)('vector: $name', (c) => {
    const bytes = c.zeros ? new Uint8Array(c.length) : shake(c.seed ?? '', c.length);
    expect(cutAll(bytes)).toEqual(c.ends);
  });

  it('keep the bounds and the mean', () => {
    const all = lengths(cutAll(data));
    expect(Math.min(...all.slice(0, -1))).toBeGreaterThanOrEqual(minChunk);
    expect(Math.max(...all)).toBeLessThanOrEqual(maxChunk);
    const mean = data.length / all.length;
    expect(mean).toBeGreaterThan(meanChunk * 0.85);
    expect(mean).toBeLessThan(meanChunk * 1.15);
  });

  it('do not depend on how the bytes come in', () => {
    const part = data.subarray(0, 1_500_000);
    const whole = cutAll(part);
    const pieces = fc.array(fc.integer({ min: 1000, max: 400_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(pieces, (sizes) => {
        expect(cutInPieces(part, sizes)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('move with the content: a byte in front changes the first chunks only', () => {
    const before = new Set(cutAll(data).map((end) => data.length - end));
    const shifted = new Uint8Array(data.length + 1);
    shifted.set(data, 1);
    const fresh = cutAll(shifted).filter((end) => !before.has(shifted.length - end));
    expect(fresh.length).toBeLessThanOrEqual(6);
  });

  it('lie elsewhere under another key', () => {
    const other = new Set(cutAll(data, gearTable(shake('another key', 1024))));
    expect(cutAll(data).filter((end) => other.has(end))).toEqual([data.length]);
  });

  it('hear the 32 bytes before them, those before the least size too', () => {
    const oneBit = Uint32Array.from({ length: 256 }, (_, byte) => (byte === 1 ? 1 : 0));
    const bytes = new Uint8Array(minChunk + 1000);
    bytes[minChunk - 15] = 1;
    expect(new Cutter(oneBit).cut(bytes, 0, bytes.length, true)).toBe(minChunk - 15 + 32 + 1);
  });

  it('wait for more bytes only while these decide nothing', () => {
    const cutter = new Cutter(gear);
    expect(cutter.cut(new Uint8Array(maxChunk), 0, maxChunk - 1, false)).toBe(-1);
    expect(cutter.cut(new Uint8Array(maxChunk), 0, maxChunk, false)).toBe(maxChunk);
  });

  it('need a whole table', () => {
    expect(() => gearTable(new Uint8Array(1023))).toThrow(/INVARIANT/);
    expect(() => new Cutter(new Uint32Array(255))).toThrow(/INVARIANT/);
  });
});

describe('Padmé', () => {
  it.each(readVectors<{ sizes: [number, number][] }>('padme.json').sizes)('%i takes %i', (n, padded) => {
    expect(padmeSize(n)).toBe(padded);
  });

  it('adds at most 12 %, never shrinks, and is its own size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 257, max: 2 ** 52 }), (n) => {
        const padded = padmeSize(n);
        expect(padded).toBeGreaterThanOrEqual(n);
        expect(padded).toBeLessThanOrEqual(n * 1.12);
        expect(padmeSize(padded)).toBe(padded);
        expect(padmeSize(n + 1)).toBeGreaterThanOrEqual(padded);
      }),
    );
  });
});

/** Segments, heads, receipts, records and changes: pinned bytes, and what must be refused. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeChange, encodeChange } from '#agent/core/change-codec.ts';
import { decode, encode } from '#agent/core/codec.ts';
import { DongboError } from '#agent/core/errors.ts';
import { parseActor } from '#agent/core/ids.ts';
import type { ItemChange } from '#agent/core/item.ts';
import { decodeRecord, encodeRecord } from '#agent/core/record-codec.ts';
import { maxSegmentBytes } from '#agent/core/segment.ts';
import {
  decodeHead,
  decodeHeader,
  decodeReceipt,
  decodeSegment,
  encodeHead,
  encodeHeader,
  encodeReceipt,
  encodeSegment,
  headSigned,
  receiptSigned,
} from '#agent/core/segment-codec.ts';
import { hexOf, refOf } from './sample.ts';
import { readVectors } from './vector.ts';

interface Vector {
  readonly name: string;
  readonly kind: 'header' | 'segment' | 'head' | 'receipt' | 'record' | 'change';
  readonly hex: string;
  readonly field?: string;
}

const vectors = readVectors<{ valid: Vector[]; malformed: Vector[] }>('codec.json');

const again: Record<Vector['kind'], (bytes: Uint8Array) => Uint8Array> = {
  header: (b) => encodeHeader(decodeHeader(b)),
  segment: (b) => encodeSegment(decodeSegment(b)),
  head: (b) => encodeHead(decodeHead(b)),
  receipt: (b) => encodeReceipt(decodeReceipt(b)),
  record: (b) => encodeRecord(decodeRecord(b)),
  change: (b) => encodeChange(decodeChange(b)),
};

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

const bytesOfVector = (v: Vector) => Uint8Array.fromHex(v.hex);

describe('what travels in a feed', () => {
  it.each(vectors.valid)('vector: $name', (v) => {
    expect(again[v.kind](bytesOfVector(v)).toHex()).toBe(v.hex);
  });

  it.each(vectors.malformed)('refuses $kind: $name', (v) => {
    const error = errorOf(() => again[v.kind](bytesOfVector(v)));
    expect(error).toBeInstanceOf(DongboError);
    expect(error).toMatchObject({ code: 'CODEC_MALFORMED', details: { field: v.field } });
  });

  it.each(vectors.valid)('refuses every field missing or of another type: $name', (v) => {
    const map = decode(bytesOfVector(v)) as Record<string, unknown>;
    for (const field of Object.keys(map)) {
      const { [field]: _, ...without } = map;
      // The only field that may be missing.
      const lacking = field === 'answer' ? [] : [without];
      for (const broken of [...lacking, { ...map, [field]: false }]) {
        expect(errorOf(() => again[v.kind](encode(broken)))).toHaveProperty('code', 'CODEC_MALFORMED');
      }
    }
    expect(errorOf(() => again[v.kind](encode({ ...map, extra: 1 })))).toHaveProperty('code');
  });

  it.each(vectors.valid)('never fails but with its code on flipped bytes: $name', (v) => {
    const bytes = bytesOfVector(v);
    for (let i = 0; i < bytes.length; i++) {
      const flipped = bytes.with(i, (bytes[i] ?? 0) ^ (1 << (i % 8)));
      const error = errorOf(() => again[v.kind](flipped));
      if (error !== undefined) expect(error).toHaveProperty('code', 'CODEC_MALFORMED');
    }
  });

  it('refuses a header of more than 1024 entries', () => {
    const [first] = vectors.valid;
    const map = decode(bytesOfVector(first as Vector)) as Record<string, unknown>;
    const withEntries = (n: number) => encode({ ...map, entries: new Uint8Array(48 * n) });
    expect(decodeHeader(withEntries(1024)).entries).toHaveLength(1024);
    expect(errorOf(() => decodeHeader(withEntries(1025)))).toHaveProperty('details.field', 'entries');
  });

  it('refuses a segment of more than 4 MiB of bodies, and a label beyond its length', () => {
    const { hex = '' } = vectors.valid.find(({ kind }) => kind === 'segment') ?? {};
    const segment = decodeSegment(Uint8Array.fromHex(hex));
    const of = (bytes: number) =>
      encodeSegment({
        ...segment,
        bodies: segment.bodies.map((_, i) => new Uint8Array(i === 0 ? bytes : 1)),
      });
    const others = segment.bodies.length - 1;
    expect(decodeSegment(of(maxSegmentBytes - others)).bodies[0]).toHaveLength(maxSegmentBytes - others);
    expect(errorOf(() => decodeSegment(of(maxSegmentBytes - others + 1)))).toMatchObject({
      details: { field: 'bodies' },
    });
    const record = (label: string) =>
      decodeRecord(encode({ type: 'item', epoch: 1, label, sealed: Uint8Array.of(1) }));
    expect(record('x'.repeat(64)).labelClass).toHaveLength(64);
    for (const label of ['', 'x'.repeat(65)])
      expect(errorOf(() => record(label))).toMatchObject({ details: { field: 'label' } });
  });

  it('signs heads and receipts over everything but the signature', () => {
    const byKind = (kind: string) => bytesOfVector(vectors.valid.find((v) => v.kind === kind) as Vector);
    const strip = (bytes: Uint8Array) => {
      const { signature: _, ...rest } = decode(bytes) as Record<string, unknown>;
      return encode(rest);
    };
    expect(headSigned(decodeHead(byKind('head')))).toEqual(strip(byKind('head')));
    expect(receiptSigned(decodeReceipt(byKind('receipt')))).toEqual(strip(byKind('receipt')));
  });
});

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((s) => !/[/\0]/.test(s) && s !== '.' && s !== '..');
const change: fc.Arbitrary<ItemChange> = fc.record({
  path: fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
  state: fc.oneof(
    fc.constantFrom({ kind: 'gone' as const }, { kind: 'yield' as const }),
    fc.record({ kind: fc.constant('dir' as const), mode: fc.nat(0o777) }),
    fc.record({
      kind: fc.constant('link' as const),
      target: fc.string({ minLength: 1 }).filter((t) => !t.includes('\0')),
      mtimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    }),
  ),
  version: fc
    .uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 5 })
    .map((ns) => ns.sort((a, b) => a - b).map((n) => [parseActor(hexOf(n, 8)), n + 1] as const)),
});

describe('changes', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(change, (c) => {
        expect(decodeChange(encodeChange(c))).toEqual(c);
      }),
    );
  });

  it('hold large lists by their top refs', () => {
    const [vector] = vectors.valid.filter((v) => v.name.startsWith('change: large'));
    const { content } = decodeChange(bytesOfVector(vector as Vector));
    expect(content).toEqual({ levels: 2, refs: [refOf(12, 72)] });
  });
});

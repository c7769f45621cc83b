/** What a declared size may cost: honest content always passes, and nothing that repeats or nests beyond it does. */
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxFileBytes } from '#agent/core/bounds.ts';
import { decodeChange, encodeChange } from '#agent/core/change-codec.ts';
import { encodeRefs, ListBuilder, walkContent } from '#agent/core/chunk-list.ts';
import { Cutter, gearTable, gearTableBytes } from '#agent/core/chunker.ts';
import { type ChunkId, parseActor, parseChunkId } from '#agent/core/ids.ts';
import type { ChunkRef, Content, ItemChange } from '#agent/core/item.ts';
import { maxChunk, minChunk } from '#agent/core/sealed-chunk.ts';
import { noise } from '#test/apply/bytes.ts';
import { digestOf, hexOf, refOf } from './sample.ts';

const idOf = (plain: Uint8Array): ChunkId => parseChunkId(createHash('sha256').update(plain).digest('hex'));
const cutter = new Cutter(gearTable(noise(gearTableBytes, 5)));
const large = 17 * 1024 * 1024;
const random = noise(large, 7);
const zeros = new Uint8Array(large);

/** As the author of a file does it. */
function cut(bytes: Uint8Array): ChunkRef[] {
  const refs: ChunkRef[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = cutter.cut(bytes, from, bytes.length, true);
    refs.push({ id: idOf(bytes.subarray(from, end)), length: end - from });
    from = end;
  }
  return refs;
}

class Listed {
  readonly lists = new Map<ChunkId, Uint8Array>();
  readonly loaded: ChunkId[] = [];

  list(refs: readonly ChunkRef[]): ChunkRef {
    const plain = encodeRefs(refs);
    this.lists.set(idOf(plain), plain);
    return { id: idOf(plain), length: plain.length };
  }

  build(refs: readonly ChunkRef[]): Content {
    const builder = new ListBuilder(idOf);
    const made = refs.flatMap((ref) => builder.add(ref));
    const { content, lists } = builder.finish();
    for (const { id, plain } of [...made, ...lists]) this.lists.set(id, plain);
    return content;
  }

  async walk(content: Content, size: number): Promise<ChunkRef[]> {
    const load = async (id: ChunkId) => {
      this.loaded.push(id);
      return this.lists.get(id) ?? new Uint8Array(0);
    };
    return Array.fromAsync(walkContent(content, load, size));
  }
}

const changeOf = (content: Content, size: number): ItemChange => ({
  path: 'f',
  state: { kind: 'file', mode: 0o644, mtimeNs: 0n, size, sha256: digestOf(1) },
  version: [[parseActor(hexOf(1, 8)), 1]],
  content,
});
const decoded = (content: Content, size: number) => decodeChange(encodeChange(changeOf(content, size)));

async function passes(refs: readonly ChunkRef[]): Promise<void> {
  const size = refs.reduce((sum, { length }) => sum + length, 0);
  const listed = new Listed();
  const content = listed.build(refs);
  expect(decoded(content, size)).toEqual(changeOf(content, size));
  expect(await listed.walk(content, size)).toEqual(refs);
}

const sizes = fc.oneof(
  fc.nat(3 * maxChunk),
  fc.nat(large),
  fc
    .record({ unit: fc.constantFrom(minChunk, maxChunk), times: fc.nat(80), off: fc.constantFrom(-1, 0, 1) })
    .map(({ unit, times, off }) => Math.min(large, Math.max(0, unit * times + off))),
  fc.constantFrom(0, 1, minChunk - 1, minChunk, minChunk + 1, maxChunk, 16 * 2 ** 20, large),
);

describe('honest content always passes', () => {
  it('of any size, cut by the chunker', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(1000), fc.boolean(), async (size, from, isZeros) => {
        const bytes = isZeros ? zeros : random;
        const start = Math.min(from, large - size);
        await passes(cut(bytes.subarray(start, start + size)));
      }),
      { numRuns: 60 },
    );
  });

  // More levels than a file in a test's memory can have: chunks as small as the chunker makes them.
  it('with two and three levels of lists, of the smallest chunks', async () => {
    const count = fc.oneof(fc.integer({ min: 65, max: 30_000 }), fc.constantFrom(65, 1024, 1025, 16_385));
    await fc.assert(
      fc.asyncProperty(count, fc.integer({ min: 1, max: minChunk }), async (n, last) => {
        const refs = Array.from({ length: n }, (_, i) => ({
          id: idOf(Buffer.from(`${i}`)),
          length: i === n - 1 ? last : minChunk + 1,
        }));
        await passes(refs);
      }),
      { numRuns: 12 },
    );
  });

  it('with every list as short as may be', async () => {
    // An id that ends a list at each ref: lists of 16, and of lists of 16.
    const short = Array.from({ length: 1025 }, (_, i) => refOf(i, minChunk + 1));
    await passes(short);
  });
});

describe('refused on decode', () => {
  const good = Array.from({ length: 16 }, (_, i) => refOf(i, minChunk));
  it.each([
    ['a chunk of one byte over and over', 0, Array.from({ length: 64 }, () => refOf(1, 1)), 64],
    ['lists for what fits inline', 1, [refOf(1, 36 * 16)], 64 * minChunk],
    ['a list of one ref that is not the last', 1, [refOf(1, 36), refOf(2, 36 * 16)], 2 ** 30],
    ['twelve levels for a file of 1 TiB', 12, [refOf(1, 36)], 2 ** 40],
    ['chunks that do not add up', 0, good, 16 * minChunk + 1],
    ['a size that no disk holds', 6, [refOf(1, 36)], maxFileBytes + 1],
  ])('%s', (_what, levels, refs, size) => {
    expect(() => decoded({ levels, refs }, size)).toThrow(/CODEC_MALFORMED/);
  });
});

describe('refused on expansion, before more is loaded than the size can need', () => {
  const size = 2 ** 30;
  const many = (n: number, ref: ChunkRef) => Array.from({ length: n }, () => ref);

  it('a tiny chunk repeated in a list', async () => {
    const listed = new Listed();
    const list = listed.list(many(256, refOf(1, 1)));
    await expect(listed.walk({ levels: 1, refs: many(64, list) }, size)).rejects.toThrow(/16384/);
    expect(listed.loaded).toHaveLength(1);
  });

  it('lists of one list each', async () => {
    const listed = new Listed();
    const data = listed.list(many(16, refOf(1, minChunk)));
    const one = listed.list([data]);
    const top = { levels: 2, refs: many(2, one) };
    await expect(listed.walk(top, size)).rejects.toThrow(/lists of at least 16/);
    expect(listed.loaded).toEqual([]);
    const hidden = { levels: 3, refs: [listed.list([...many(16, one), data])] };
    await expect(listed.walk(hidden, size)).rejects.toThrow(/lists of at least 16/);
    expect(listed.loaded).toHaveLength(1);
  });

  it('a last list that is short, beneath one that is not the last', async () => {
    const listed = new Listed();
    const full = listed.list(many(16, refOf(1, minChunk)));
    const short = listed.list([refOf(1, minChunk)]);
    const endsShort = listed.list([...many(16, full), short]);
    const top = { levels: 2, refs: [endsShort, endsShort] };
    await expect(listed.walk(top, size)).rejects.toThrow(/lists of at least 16/);
  });

  it('many levels, whatever the lists say', async () => {
    await expect(new Listed().walk({ levels: 12, refs: [refOf(1, 36)] }, size)).rejects.toThrow(/levels/);
  });
});

import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contentRoot,
  decodeRefs,
  encodeRefs,
  ListBuilder,
  type ListChunk,
  walkContent,
} from '#agent/core/chunk-list.ts';
import { maxInlineRefs } from '#agent/core/content-rules.ts';
import { type ChunkId, parseChunkId } from '#agent/core/ids.ts';
import type { ChunkRef, Content } from '#agent/core/item.ts';
import { minChunk } from '#agent/core/sealed-chunk.ts';
import { readVectors } from './vector.ts';

interface Case {
  readonly count: number;
  readonly levels: number;
  readonly top: number;
  readonly lists: number;
  readonly allLists: string;
  readonly root: string;
}

const vectors = readVectors<{ cases: Case[]; malformed: Record<string, string> }>('chunk-list.json');
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const idOf = (plain: Uint8Array): ChunkId => parseChunkId(sha256(plain));
const refs = (count: number, from = 0, least = 1): ChunkRef[] =>
  Array.from({ length: count }, (_, i) => ({
    id: parseChunkId(sha256(`ref ${from + i}`)),
    length: ((from + i) % (262_145 - least)) + least,
  }));
/** Of chunks as files are cut into. */
const dataRefs = (count: number, from = 0): ChunkRef[] => refs(count, from, minChunk);
const sizeOf = (all: readonly ChunkRef[]): number => all.reduce((sum, ref) => sum + ref.length, 0);

function build(all: readonly ChunkRef[]): { content: Content; lists: ListChunk[] } {
  const builder = new ListBuilder(idOf);
  const lists = all.flatMap((ref) => builder.add(ref));
  const { content, lists: rest } = builder.finish();
  return { content, lists: [...lists, ...rest] };
}

async function collect(content: Content, lists: readonly ListChunk[], size: number): Promise<ChunkRef[]> {
  const byId = new Map(lists.map((l) => [l.id, l.plain]));
  const found: ChunkRef[] = [];
  const load = async (id: ChunkId) => byId.get(id) ?? new Uint8Array(0);
  for await (const ref of walkContent(content, load, size)) found.push(ref);
  return found;
}

describe('lists of chunks', () => {
  it.each(vectors.cases)('vector: $count refs', (c) => {
    const { content, lists } = build(refs(c.count));
    expect(content.levels).toBe(c.levels);
    expect(content.refs).toHaveLength(c.top);
    expect(lists).toHaveLength(c.lists);
    expect(sha256(lists.map((l) => l.id).join(''))).toBe(c.allLists);
    expect(contentRoot(content)).toBe(c.root);
  });

  it('give back every ref in order', async () => {
    const count = fc.oneof(fc.nat(200), fc.constantFrom(64, 65, 3000, 17_000));
    await fc.assert(
      fc.asyncProperty(count, fc.nat(1000), async (n, from) => {
        const all = dataRefs(n, from);
        const { content, lists } = build(all);
        expect(content.refs.length).toBeLessThanOrEqual(maxInlineRefs);
        expect(content.levels === 0).toBe(n <= maxInlineRefs);
        expect(await collect(content, lists, sizeOf(all))).toEqual(all);
      }),
      { numRuns: 25 },
    );
  });

  it('change little when one ref is put in front', () => {
    const before = new Set(build(refs(16_384)).lists.map((l) => l.id));
    const [extra] = refs(1, 999_999);
    const { lists } = build([extra as ChunkRef, ...refs(16_384)]);
    const fresh = lists.filter((l) => !before.has(l.id));
    expect(fresh.length).toBeLessThanOrEqual(8);
    expect(fresh.reduce((sum, l) => sum + l.plain.length, 0)).toBeLessThan(40_000);
  });

  it('have 64 refs at the mean, 16 to 256 but for the last', () => {
    const sizes = build(refs(20_000)).lists.map((l) => l.plain.length / 36);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(256);
    expect(sizes.filter((n) => n < 16).length).toBeLessThanOrEqual(2);
    expect(20_000 / sizes.length).toBeGreaterThan(50);
    expect(20_000 / sizes.length).toBeLessThan(80);
  });

  it('round-trip as bytes', () => {
    expect(decodeRefs(encodeRefs(refs(100)))).toEqual(refs(100));
  });

  it.each(Object.entries(vectors.malformed))('refuse bytes with %s', (_, hex) => {
    expect(() => decodeRefs(Uint8Array.fromHex(hex))).toThrow(/CODEC_MALFORMED/);
  });

  it('refuse a list that is not as long as its ref says, or is missing', async () => {
    const { content, lists } = build(dataRefs(200));
    const size = sizeOf(dataRefs(200));
    const cut = lists.map((l) => ({ ...l, plain: l.plain.subarray(36) }));
    await expect(collect(content, cut, size)).rejects.toThrow(/CODEC_MALFORMED/);
    await expect(collect(content, [], size)).rejects.toThrow(/CODEC_MALFORMED/);
  });

  it('refuse refs that do not add up to the size, as soon as they pass it', async () => {
    const { content, lists } = build(dataRefs(200));
    const size = sizeOf(dataRefs(200));
    await expect(collect(content, lists, size + 1)).rejects.toThrow(/CODEC_MALFORMED/);
    await expect(collect(content, lists, size - 1)).rejects.toThrow(/CODEC_MALFORMED/);
  });

  it('name different contents differently', () => {
    const [one] = refs(1);
    const flat: Content = { levels: 0, refs: [one as ChunkRef] };
    expect(contentRoot(flat)).not.toBe(contentRoot({ ...flat, levels: 1 }));
  });
});

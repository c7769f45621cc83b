/** How content is cut into cells: one form for each file, and nothing else passes. */
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellData, cellInlineRefs, cellListRefs, cellsOf, EmptyCells, rulesOf } from '#agent/core/cells.ts';
import { decodeChange, encodeChange } from '#agent/core/change-codec.ts';
import { encodeRefs, ListBuilder, walkContent } from '#agent/core/chunk-list.ts';
import { isCode } from '#agent/core/errors.ts';
import { type ChunkId, parseActor, parseChunkId } from '#agent/core/ids.ts';
import type { ChunkRef, Content } from '#agent/core/item.ts';
import { formOf } from '#agent/core/seal-form.ts';
import type { ChunkPlace } from '#agent/core/sealed-chunk.ts';
import vectors from '#test/vectors/cells.json' with { type: 'json' };
import { digestOf, hexOf, refOf } from './sample.ts';

const rules = rulesOf('cells');
const idOf = (plain: Uint8Array): ChunkId => parseChunkId(createHash('sha256').update(plain).digest('hex'));
const names = {
  form: 'cells',
  idOf: (_: Uint8Array, { path, offset }: ChunkPlace) => idOf(Buffer.from(`${path} ${offset}`)),
} as const;

/** As an author does it, without the bytes. */
function made(size: number): { content: Content; lists: Map<ChunkId, Uint8Array> } {
  const lists = new Map<ChunkId, Uint8Array>();
  const builder = new ListBuilder(idOf, rules);
  for (let at = 0; at < size; at += cellData) {
    const ref = { id: idOf(Buffer.from(`${at}`)), length: Math.min(cellData, size - at) };
    for (const { id, plain } of builder.add(ref)) lists.set(id, plain);
  }
  const { content, lists: rest } = builder.finish();
  for (const { id, plain } of rest) lists.set(id, plain);
  return { content, lists };
}

const decoded = (content: Content, size: number) =>
  decodeChange(
    encodeChange({
      path: 'f',
      state: { kind: 'file', mode: 0o644, mtimeNs: 0n, size, sha256: digestOf(1) },
      version: [[parseActor(hexOf(1, 8)), 1]],
      content,
    }),
    rules,
  );

const walked = (content: Content, size: number, lists: ReadonlyMap<ChunkId, Uint8Array>) =>
  Array.fromAsync(walkContent(content, async (id) => lists.get(id) ?? new Uint8Array(0), size, rules));

describe('the form of a label class', () => {
  it.each(Object.entries(vectors.classes))('%s: %s', (labelClass, form) => {
    expect(formOf(labelClass)).toBe(form);
  });
});

describe('a file in cells', () => {
  it.each(vectors.files)('of $size bytes: $counts refs, $cells cells', ({ size, counts, cells }) => {
    expect(cellsOf(size)).toBe(cells);
    const used = counts.reduce((a, b) => a + b, 0);
    expect(new EmptyCells(names, 'f', size).count).toBe(cells - used);
    if (size > 100 * 1024 * 1024) return;
    const { content, lists } = made(size);
    expect([content.levels, content.refs.length]).toEqual([counts.length - 1, counts.at(-1)]);
    expect((counts[0] ?? 0) + lists.size).toBe(used);
  });

  it('passes what readers check, whatever its size', async () => {
    const near = fc
      .tuple(
        fc.constantFrom(0, 1, cellInlineRefs, cellListRefs, 2 * cellListRefs),
        fc.integer({ min: -2, max: 2 }),
      )
      .map(([cells, off]) => Math.max(0, cells * cellData + off));
    await fc.assert(
      fc.asyncProperty(fc.oneof(near, fc.nat(20_000_000)), async (size) => {
        const { content, lists } = made(size);
        expect(decoded(content, size).content).toEqual(content);
        const refs = await walked(content, size, lists);
        expect(refs.length).toBe(Math.ceil(size / cellData));
      }),
    );
  });

  it('is rounded up by cells that stand nowhere else', () => {
    const size = 9 * cellData + 1;
    const empties = [...new EmptyCells(names, 'f', size)];
    expect(empties.length).toBe(64 - 11);
    expect(Math.min(...empties.map(({ offset }) => offset))).toBe(10 * cellData);
    expect(new Set(empties.map(({ id }) => id)).size).toBe(empties.length);
    expect(empties.every(({ length }) => length === 0)).toBe(true);
    expect([...new EmptyCells({ ...names, form: 'steps' }, 'f', size)]).toEqual([]);
  });
});

const full = (count: number, from = 0): ChunkRef[] =>
  Array.from({ length: count }, (_, i) => refOf(from + i, cellData));

describe('another form of the same file', () => {
  const size = 3 * cellData;
  const refused: readonly (readonly [string, number, Content])[] = [
    [
      'a short cell in the middle',
      size,
      { levels: 0, refs: [...full(2), refOf(7, 1), refOf(8, cellData - 1)] },
    ],
    [
      'a cell that is too long',
      size,
      { levels: 0, refs: [refOf(1, cellData + 1), refOf(2, 2 * cellData - 1)] },
    ],
    ['a cell too many', size, { levels: 0, refs: [...full(2), refOf(8, cellData - 1), refOf(9, 1)] }],
    ['another length of the last cell', size - 5, { levels: 0, refs: full(3) }],
    ['a list that is not needed', size, { levels: 1, refs: [refOf(1, 3 * 36)] }],
    ['more refs than fit inline', 9 * cellData, { levels: 0, refs: full(9) }],
    ['two lists for one', 20 * cellData, { levels: 1, refs: [refOf(1, 10 * 36), refOf(2, 10 * 36)] }],
    ['a list of another length', 20 * cellData, { levels: 1, refs: [refOf(1, 19 * 36)] }],
    ['a level too many', 20 * cellData, { levels: 2, refs: [refOf(1, 36)] }],
  ];

  it.each(refused)('is refused: %s', (_, bytes, content) => {
    let thrown: unknown;
    try {
      decoded(content, bytes);
    } catch (error) {
      thrown = error;
    }
    expect(isCode(thrown, 'CODEC_MALFORMED')).toBe(true);
  });

  it('is refused in lists too', async () => {
    const bytes = 20 * cellData;
    const listOf = (refs: readonly ChunkRef[]) => {
      const plain = encodeRefs(refs);
      const id = idOf(plain);
      return [{ levels: 1, refs: [{ id, length: plain.length }] }, bytes, new Map([[id, plain]])] as const;
    };
    expect((await walked(...listOf(full(20)))).length).toBe(20);
    const uneven = [...full(18), refOf(98, cellData - 1), refOf(99, cellData)];
    await expect(walked(...listOf(uneven))).rejects.toThrow(/CODEC_MALFORMED/);
    const other = [...full(19), refOf(98, cellData - 1)];
    await expect(walked(...listOf(other))).rejects.toThrow(/CODEC_MALFORMED/);
  });
});

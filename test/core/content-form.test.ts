/** The rules of a content one by one, each in a case that no other rule refuses. */
import { describe, expect, it } from 'vitest';
import { cellData, rulesOf } from '#agent/core/cells.ts';
import { decodeChange, encodeChange } from '#agent/core/change-codec.ts';
import { encodeRefs, walkContent } from '#agent/core/chunk-list.ts';
import { maxInlineRefs, maxRefs, minRefs } from '#agent/core/content-rules.ts';
import { type ChunkId, parseActor } from '#agent/core/ids.ts';
import type { ChunkRef, Content } from '#agent/core/item.ts';
import type { SealForm } from '#agent/core/seal-form.ts';
import { maxChunk, minChunk } from '#agent/core/sealed-chunk.ts';
import { digestOf, hexOf, refOf } from './sample.ts';

const refBytes = 36;
const mebi = 1024 * 1024;
const chunks = (count: number, length: number): ChunkRef[] =>
  Array.from({ length: count }, (_, i) => refOf(i, length));

function decoded(content: Content, size: number, form: SealForm = 'steps') {
  const state = { kind: 'file', mode: 0o644, mtimeNs: 0n, size, sha256: digestOf(1) } as const;
  const change = { path: 'f', state, version: [[parseActor(hexOf(1, 8)), 1]] as const, content };
  return decodeChange(encodeChange(change), rulesOf(form));
}

describe('a record', () => {
  const list = (refs: number, more = 0) => ({ levels: 1, refs: [refOf(1, refs * refBytes + more)] });
  const cases: readonly { what: string; good: Content; bad: Content; size: number; form?: SealForm }[] = [
    {
      what: 'more refs than fit into it',
      good: { levels: 0, refs: chunks(maxInlineRefs, minChunk + 256) },
      bad: { levels: 0, refs: chunks(maxInlineRefs + 1, minChunk) },
      size: minChunk * (maxInlineRefs + 1),
    },
    { what: 'levels without a list', good: list(maxRefs), bad: { levels: 1, refs: [] }, size: 2 * mebi },
    {
      what: 'a list that is no whole number of refs',
      good: list(20),
      bad: list(20, 1),
      size: 2 * mebi,
    },
    { what: 'a list of too many refs', good: list(maxRefs), bad: list(maxRefs + 1), size: 2 * mebi },
    {
      what: 'a short list that is not the last',
      good: { levels: 1, refs: [refOf(1, minRefs * refBytes), refOf(2, refBytes)] },
      bad: { levels: 1, refs: [refOf(1, (minRefs - 1) * refBytes), refOf(2, refBytes)] },
      size: 2 * mebi,
    },
    {
      what: 'chunks that do not add up',
      good: { levels: 0, refs: chunks(4, maxChunk) },
      bad: { levels: 0, refs: chunks(5, maxChunk) },
      size: mebi,
    },
    {
      what: 'a small chunk that is not the last',
      good: { levels: 0, refs: [refOf(1, minChunk), refOf(2, 1)] },
      bad: { levels: 0, refs: [refOf(1, 1), refOf(2, minChunk)] },
      size: minChunk + 1,
    },
    {
      what: 'a list of cells for two',
      good: { levels: 1, refs: [refOf(1, 454 * refBytes), refOf(2, 46 * refBytes)] },
      bad: { levels: 1, refs: [refOf(2, 46 * refBytes)] },
      size: 500 * cellData,
      form: 'cells',
    },
  ];

  it.each(cases)('is refused with $what', ({ good, bad, size, form }) => {
    expect(decoded(good, size, form).content).toEqual(good);
    expect(() => decoded(bad, size, form)).toThrow(expect.objectContaining({ code: 'CODEC_MALFORMED' }));
  });
});

describe('lists', () => {
  const top = (refs: number, lists = 1) => ({ levels: 1, refs: chunks(lists, refs * refBytes) });
  /** What is given out before it is refused, and the rule. */
  async function walked(content: Content, lists: readonly (readonly ChunkRef[])[], size: number) {
    const found: ChunkRef[] = [];
    let next = 0;
    const load = async (_id: ChunkId) => encodeRefs(lists[next++] ?? []);
    try {
      for await (const ref of walkContent(content, load, size)) found.push(ref);
    } catch (error) {
      return { found: found.length, loaded: next, error };
    }
    return { found: found.length, loaded: next };
  }
  const malformed = { error: { code: 'CODEC_MALFORMED' } };

  it('are as long as their refs say', async () => {
    expect(await walked(top(20), [chunks(20, maxChunk)], 5 * mebi)).toEqual({ found: 20, loaded: 1 });
    expect(await walked(top(24), [chunks(20, maxChunk)], 5 * mebi)).toMatchObject({ ...malformed, found: 0 });
  });

  it('give out nothing beyond the size, and load nothing more', async () => {
    const two = [chunks(20, maxChunk), chunks(20, maxChunk)];
    expect(await walked(top(20, 2), two, 2 * mebi)).toMatchObject({ ...malformed, found: 8, loaded: 1 });
    expect(await walked(top(20, 2), two, 11 * mebi)).toMatchObject({ ...malformed, found: 40 });
  });

  it('hold chunks of their rules, and are not there where the size needs none', async () => {
    const small = [refOf(1, 1), ...chunks(19, maxChunk)];
    expect(await walked(top(20), [small], 19 * maxChunk + 1)).toMatchObject({ ...malformed, found: 0 });
    const little = [chunks(20, minChunk)];
    expect(await walked(top(20), little, 20 * minChunk)).toMatchObject({ ...malformed, loaded: 0 });
  });
});

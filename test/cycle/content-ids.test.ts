/** What a pusher asks and offers of a large file: little, when little changed. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ListBuilder } from '#agent/core/chunk-list.ts';
import { type ChunkId, parseChunkId } from '#agent/core/ids.ts';
import { idsOfContent } from '#agent/cycle/content-ids.ts';

const idOf = (text: string | Uint8Array): ChunkId =>
  parseChunkId(createHash('sha256').update(text).digest('hex'));

/** A file of `pieces` pieces, of which those from `from` on are of version `v`. */
function file(pieces: number, v = '', from = 0) {
  const lists = new Map<ChunkId, Uint8Array>();
  const builder = new ListBuilder(idOf);
  const data = Array.from({ length: pieces }, (_, i) => idOf(`piece ${i} ${i >= from ? v : ''}`));
  const keep = (made: readonly { id: ChunkId; plain: Uint8Array }[]) =>
    made.forEach(({ id, plain }) => {
      lists.set(id, plain);
    });
  for (const id of data) keep(builder.add({ id, length: 65_536 }));
  const { content, lists: rest } = builder.finish();
  keep(rest);
  const locations = async (id: ChunkId) => {
    const list = lists.get(id);
    return list ? [{ path: 'a', list }] : [];
  };
  return { content, data, lists, state: { locations } };
}

async function offered({ content, state }: ReturnType<typeof file>, has: ReadonlySet<ChunkId>) {
  let asked = 0;
  const lacks = async (ids: readonly ChunkId[]) => {
    asked += ids.length;
    expect(ids.length).toBeLessThanOrEqual(512);
    return ids.filter((id) => !has.has(id));
  };
  const ids: ChunkId[] = [];
  for await (const id of idsOfContent(content, state, lacks)) ids.push(id);
  return { ids, asked };
}

describe('the chunks of a large file', () => {
  it('are all named for a peer that has nothing, each list after what it names', async () => {
    const whole = file(16_384);
    const { ids } = await offered(whole, new Set());
    expect(whole.content.levels).toBe(2);
    expect(new Set(ids)).toEqual(new Set([...whole.data, ...whole.lists.keys()]));
    expect(ids.filter((id) => !whole.lists.has(id))).toEqual(whole.data);
    const firstList = ids.findIndex((id) => whole.lists.has(id));
    expect(firstList).toBeGreaterThanOrEqual(16);
    expect(whole.content.refs.map(({ id }) => id)).toContain(ids.at(-1));
  });

  it('are not asked for one by one when one changed', async () => {
    const before = file(16_384);
    const after = file(16_384, 'new', 16_383);
    const has = new Set([...before.data, ...before.lists.keys()]);
    const { ids, asked } = await offered(after, has);
    expect(ids).toContain(after.data.at(-1));
    expect(ids.length).toBeLessThan(300);
    expect(asked).toBeLessThan(600);
  });

  it('are passed over when the file has moved on and its lists are gone', async () => {
    const { content } = file(16_384);
    const gone = { ...file(0), content };
    expect((await offered(gone, new Set())).ids).toEqual([]);
  });
});

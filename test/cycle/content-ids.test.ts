/** What a pusher asks and offers of a large file: little, when little changed. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { actorOf } from '#agent/core/actor.ts';
import { encodeChange } from '#agent/core/change-codec.ts';
import { ListBuilder } from '#agent/core/chunk-list.ts';
import { type ChunkId, parseChunkId, parseDigest } from '#agent/core/ids.ts';
import { encodeRecord } from '#agent/core/record-codec.ts';
import { chunkIdsOf, idsOfContent } from '#agent/cycle/content-ids.ts';
import { EpochKeys } from '#agent/seal/epoch.ts';
import { epochSecret } from '#agent/seal/key-types.ts';
import { agree } from './node.ts';
import { SignedFeed } from './signed-feed.ts';

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

it('of a file that holds the same throughout are asked for once each', async () => {
  const lists = new Map<ChunkId, Uint8Array>();
  const builder = new ListBuilder(idOf);
  const ref = { id: idOf('zeros'), length: 262_144 };
  const keep = ({ id, plain }: { id: ChunkId; plain: Uint8Array }) => void lists.set(id, plain);
  for (let i = 0; i < 600; i++) builder.add(ref).forEach(keep);
  const { content, lists: rest } = builder.finish();
  rest.forEach(keep);
  const ids = content.refs.map(({ id }) => id);
  expect(new Set(ids).size).toBeLessThan(ids.length);
  const locations = async (id: ChunkId) => {
    const list = lists.get(id);
    return list ? [{ path: 'a', list }] : [];
  };
  const asked: (readonly ChunkId[])[] = [];
  const lacks = async (some: readonly ChunkId[]) => {
    asked.push(some);
    return some;
  };
  const offered = new Set<ChunkId>();
  for await (const id of idsOfContent(content, { locations }, lacks)) offered.add(id);
  expect(offered).toEqual(new Set([ref.id, ...lists.keys()]));
  for (const some of asked) expect(new Set(some).size).toBe(some.length);
});

it('of a record that an earlier version wrote and no reader takes are not offered; the others are', async () => {
  const { parties, agreement } = await agree(['H29.12', 'publish', 'subscribe']);
  const feed = new SignedFeed(parties[0], agreement);
  const { space, suite } = agreement;
  const keys = new EpochKeys({
    ...{ space, origin: feed.origin, epoch: 1, form: 'steps', labelClass: 'INTERNAL', suite },
    secret: epochSecret(new Uint8Array(32)),
  });
  const file = (path: string, mtimeNs: bigint) => {
    const state = {
      kind: 'file',
      mode: 0o644,
      mtimeNs,
      size: 4,
      sha256: parseDigest('0'.repeat(64)),
    } as const;
    const content = { levels: 0, refs: [{ id: idOf(path), length: 4 }] };
    const sealed = keys.sealRecord(
      encodeChange({ path, state, content, version: [[actorOf(feed.origin), 1]] }),
    );
    return encodeRecord({ type: 'item', epoch: 1, labelClass: 'INTERNAL', sealed });
  };
  const { segment } = feed.next([file('xa', 2n ** 63n), file('gần', 1n)]);
  const keyring = { keysFor: async () => keys } as never;
  const ids = await Array.fromAsync(
    chunkIdsOf(segment, { state: {} as never, keyring, lacks: async (some) => some, only: () => true }),
  );
  expect(ids).toEqual([idOf('gần')]);
});

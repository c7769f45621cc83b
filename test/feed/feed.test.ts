import { describe, expect, it } from 'vitest';
import { State } from '#agent/feed/state.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { collect, node, space, TestFeed, tagOf } from './fixtures.ts';

async function opened() {
  const dir = await temporaryDir();
  const state = await State.open(dir.path, { node });
  const index = state.space(space);
  const append = async ({ segment, head }: ReturnType<TestFeed['segment']>) => {
    const batch = index.batch();
    await batch.append(segment, head);
    await batch.commit();
  };
  const dispose = async () => {
    await state[Symbol.asyncDispose]();
    await dir[Symbol.asyncDispose]();
  };
  return { index, append, [Symbol.asyncDispose]: dispose };
}

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

describe('a feed in the state', () => {
  it('takes segments in order and gives them back bit for bit', async () => {
    await using at = await opened();
    const feed = new TestFeed();
    const made = [
      feed.segment([
        ['a', '1'],
        ['b', '2'],
      ]),
      feed.segment([['c', '3']]),
      feed.segment([
        ['d', '4'],
        ['e', '5'],
        ['f', '6'],
      ]),
    ];
    for (const one of made) await at.append(one);
    expect(await collect(at.index.segments(feed.origin, 1))).toEqual(made.map((m) => m.segment));
    for (const [from, count] of [
      [0, 3],
      [2, 3],
      [3, 2],
      [4, 1],
      [6, 1],
      [7, 0],
    ] as const) {
      expect(await collect(at.index.segments(feed.origin, from))).toHaveLength(count);
    }
    expect(await at.index.head(feed.origin)).toEqual(feed.head());
    expect(await at.index.origins()).toEqual([feed.head()]);
    expect(await at.index.position(feed.origin)).toEqual({ seq: 6, digest: feed.head().digest });
    expect(text(await at.index.record(feed.origin, 3))).toBe('3');
    expect(await at.index.liveSeq(feed.origin, tagOf('e'))).toBe(5);
    expect(await at.index.liveSeq(feed.origin, tagOf('z'))).toBeUndefined();
  });

  it('drops the bodies that later records supersede, within a segment too', async () => {
    await using at = await opened();
    const feed = new TestFeed();
    await at.append(
      feed.segment([
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ]),
    );
    await at.append(feed.segment([['b', '4']]));
    const bodies = (await collect(at.index.segments(feed.origin, 1))).map((s) => s.bodies.map(text));
    expect(bodies).toEqual([[undefined, undefined, '3'], ['4']]);
    expect(await at.index.liveSeq(feed.origin, tagOf('b'))).toBe(4);
    expect(await at.index.owed(feed.origin)).toBeUndefined();
  });

  it('refuses a gap and another history, and stays as it was', async () => {
    await using at = await opened();
    const feed = new TestFeed();
    const first = feed.segment([['a', '1']]);
    feed.segment([['b', '2']]);
    const third = feed.segment([['c', '3']]);
    await at.append(first);
    await expect(at.append(third)).rejects.toMatchObject({ code: 'FEED_GAP', details: { seq: 3, held: 1 } });
    const twin = new TestFeed();
    const forked = (one: ReturnType<TestFeed['segment']>) => {
      const header = { ...one.segment.header, origin: feed.origin };
      return { segment: { ...one.segment, header }, head: { ...one.head, origin: feed.origin } };
    };
    await expect(at.append(forked(twin.segment([['x', '1']])))).rejects.toMatchObject({ code: 'FEED_FORK' });
    await expect(at.append(forked(twin.segment([['x', '2']])))).rejects.toMatchObject({ code: 'FEED_FORK' });
    expect(await at.index.position(feed.origin)).toMatchObject({ seq: 1 });
  });

  it('keeps a head only once it is reached, and refuses one of another history', async () => {
    await using at = await opened();
    const feed = new TestFeed();
    const one = feed.segment([['a', '1']]);
    const two = feed.segment([['b', '2']]);
    await at.append({ segment: one.segment, head: two.head });
    expect(await at.index.head(feed.origin)).toBeUndefined();
    const batch = at.index.batch();
    await batch.putHead(one.head);
    await batch.putHead(two.head);
    await batch.commit();
    expect(await at.index.head(feed.origin)).toEqual(one.head);
    await at.append(two);
    expect(await at.index.head(feed.origin)).toEqual(two.head);
    const other = at.index.batch();
    const claim = { ...one.head, digest: two.head.digest };
    await expect(other.putHead(claim)).rejects.toMatchObject({ code: 'FEED_FORK' });
    await other.putHead(one.head);
    await other.commit();
    expect(await at.index.head(feed.origin)).toEqual(two.head);
    const lying = feed.segment([['c', '3']]);
    const head = { ...lying.head, digest: one.head.digest };
    await expect(at.append({ ...lying, head })).rejects.toMatchObject({ code: 'FEED_FORK' });
  });

  it('knows which bodies are owed until they come or are superseded', async () => {
    await using at = await opened();
    const feed = new TestFeed();
    const full = feed.segment([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]);
    const without = { ...full.segment, bodies: [undefined, full.segment.bodies[1], undefined] };
    await at.append({ ...full, segment: without });
    expect(await at.index.owed(feed.origin)).toBe(1);
    await at.append(feed.segment([['a', '4']]));
    expect(await at.index.owed(feed.origin)).toBe(3);
    await at.append(full);
    expect(await at.index.owed(feed.origin)).toBeUndefined();
    expect(text(await at.index.record(feed.origin, 3))).toBe('3');
    expect(await at.index.record(feed.origin, 1)).toBeUndefined();
    expect(await at.index.position(feed.origin)).toMatchObject({ seq: 4 });
  });

  it('does not let two batches append on the same end', async () => {
    await using at = await opened();
    const feed = new TestFeed();
    const { segment, head } = feed.segment([['a', '1']]);
    const [x, y] = [at.index.batch(), at.index.batch()];
    await x.append(segment, head);
    await y.append(segment, head);
    y.markPending('never');
    await x.commit();
    await expect(y.commit()).rejects.toMatchObject({ code: 'FEED_MOVED', retry: 'later' });
    expect(at.index.pendingCount()).toBe(0);
  });

  it('streams one moment: a body superseded meanwhile is still in it', async () => {
    await using at = await opened();
    const feed = new TestFeed();
    await at.append(feed.segment([['a', '1']]));
    await at.append(feed.segment([['b', '2']]));
    const seen: (string | undefined)[] = [];
    for await (const { bodies } of at.index.segments(feed.origin, 1)) {
      if (seen.length === 0) await at.append(feed.segment([['b', '3']]));
      seen.push(text(bodies[0]));
    }
    expect(seen).toEqual(['1', '2']);
  });

  it('takes several segments in one batch', async () => {
    await using at = await opened();
    const feed = new TestFeed();
    const batch = at.index.batch();
    for (const tag of ['a', 'b', 'a']) {
      const { segment, head } = feed.segment([[tag, `${tag}!`]]);
      await batch.append(segment, head);
    }
    await batch.commit();
    expect(await at.index.position(feed.origin)).toMatchObject({ seq: 3 });
    expect(await at.index.record(feed.origin, 1)).toBeUndefined();
  });
});

/** Epochs that nothing needs are destroyed, at the author and at its readers; those that something needs are kept. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { GrantRecord } from '#agent/core/record.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import { chunkIdsOf } from '#agent/cycle/content-ids.ts';
import type { SpaceNode } from './space-node.ts';
import { liveGrants, ThreeMembers } from './three-members.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

/** How many files of a directory hold the bytes. */
async function filesWith(dir: string, bytes: Uint8Array): Promise<number> {
  let found = 0;
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    if ((await readFile(join(entry.parentPath, entry.name))).includes(bytes)) found += 1;
  }
  return found;
}

const secretAt = async (node: SpaceNode, of: SpaceNode, epoch: number) =>
  (await node.keyring.keysFor(of.own.space, of.own.origin, epoch))?.secret;

const rotate = async ({ a }: ThreeMembers): Promise<void> => {
  let done = false;
  const cause = { why: 'by-hand', by: 'Ông A' } as const;
  void a.space.epochs.rotate({ cause }).then(() => (done = true));
  await a.until(() => done);
};

const destroyed = ({ decisions }: SpaceNode): unknown[] =>
  decisions
    .filter(({ type }) => type === 'epoch.destroyed')
    .map(({ epoch, label, readers }) => [epoch, label, readers]);

/** Two files under epoch 1 at all three, then epoch 2. */
async function rotated(): Promise<ThreeMembers> {
  const space = await ThreeMembers.open();
  cleanup.push(space);
  await space.put('một.txt');
  await space.put('hai.txt');
  await space.sync(space.b, space.c);
  await rotate(space);
  return space;
}

const sweep = async (node: SpaceNode): Promise<void> => {
  node.space.epochs.destroy();
  await node.settle();
};

describe('an epoch under which nothing is left', () => {
  it('is destroyed at the author and at a reader: its bytes are in no file of the state, and it is on the record', async () => {
    const space = await rotated();
    const { a, b } = space;
    const secret = (await secretAt(a, a, 1)) ?? new Uint8Array();
    expect(await filesWith(space.stateDir(0), secret)).toBeGreaterThan(0);
    expect(await filesWith(space.stateDir(1), secret)).toBeGreaterThan(0);
    await writeFile(a.at('một.txt'), 'mới một');
    await writeFile(a.at('hai.txt'), 'mới hai');
    await space.sync(b);
    await sweep(a);
    await space.sync(b);
    await sweep(b);
    expect([destroyed(a), destroyed(b)]).toEqual([[[1, 'INTERNAL', 3]], [[1, 'INTERNAL', 3]]]);
    expect([await secretAt(a, a, 1), await secretAt(b, a, 1)]).toEqual([undefined, undefined]);
    expect(await filesWith(space.stateDir(0), secret)).toBe(0);
    expect(await filesWith(space.stateDir(1), secret)).toBe(0);
    // The wrapped secrets have left the feed too.
    expect(await liveGrants(a)).toEqual([
      [2, 3],
      [1, 0],
    ]);
    const facts = await a.keyring.facts(a.own.space, a.own.origin, 1);
    expect(facts).toMatchObject({ why: 'new', opened: expect.any(Number), destroyed: expect.any(Number) });
    // Once is enough.
    await sweep(a);
    expect(destroyed(a)).toHaveLength(1);
  });

  it('is missed by nobody: who comes late has nothing live under it', async () => {
    const space = await rotated();
    const { a, c } = space;
    await space.stop(2);
    await writeFile(a.at('một.txt'), 'mới một');
    await rm(a.at('hai.txt'));
    await a.settle();
    await sweep(a);
    expect(destroyed(a)).toEqual([[1, 'INTERNAL', 3]]);
    // One with an empty state, and history to be granted.
    await rm(space.stateDir(2), { recursive: true });
    await rm(c.root, { recursive: true });
    const late = await space.start(2);
    await space.sync(late);
    expect(await readFile(late.at('một.txt'), 'utf8')).toBe('mới một');
    expect(await late.problems()).toEqual({});
    expect(await late.receiptFor(a.own.origin.node)).toBe(await a.published());
  });

  it('stops no push that began before', async () => {
    const space = await rotated();
    const { a } = space;
    const before = await Array.fromAsync(a.own.state.segments(a.own.origin, 1));
    await writeFile(a.at('một.txt'), 'mới một');
    await writeFile(a.at('hai.txt'), 'mới hai');
    await a.settle();
    const all = { state: a.own.state, keyring: a.keyring, lacks: async <T>(ids: T) => ids, only: () => true };
    const offered = async () => {
      let chunks = 0;
      for (const segment of before) for await (const _ of chunkIdsOf(segment, all)) chunks += 1;
      return chunks;
    };
    expect(await offered()).toBe(2);
    await sweep(a);
    expect(await offered()).toBe(0);
  });

  it('does not come back with an old grant that somebody kept', async () => {
    const space = await rotated();
    const { a, b } = space;
    const kept: GrantRecord[] = [];
    for await (const { bodies } of a.own.state.segments(a.own.origin, 1))
      for (const body of bodies) {
        const record = body && decodeRecord(body);
        if (record?.type === 'grant' && record.epoch === 1) kept.push(record);
      }
    await writeFile(a.at('một.txt'), 'mới một');
    await writeFile(a.at('hai.txt'), 'mới hai');
    await space.sync(b);
    await sweep(a);
    await space.sync(b);
    await sweep(b);
    expect(kept).toHaveLength(1);
    for (const record of kept) await b.keyring.learn(a.own.space, a.own.origin, record);
    expect(await secretAt(b, a, 1)).toBeUndefined();
  });
});

describe('an epoch that is needed', () => {
  it('is kept while one record is sealed under it', async () => {
    const space = await rotated();
    const { a, b } = space;
    await writeFile(a.at('một.txt'), 'mới một');
    await space.sync(b);
    await sweep(a);
    await sweep(b);
    expect([destroyed(a), destroyed(b)]).toEqual([[], []]);
    expect(await secretAt(a, a, 1)).toBeDefined();
    expect((await liveGrants(a)).map(([epoch]) => epoch)).toEqual([1, 2]);
  });

  it('is kept for a live record that the index does not show', async () => {
    const space = await rotated();
    const { a } = space;
    await writeFile(a.at('một.txt'), 'mới một');
    await a.settle();
    // As after another's version won: the own record stands in the feed, and no row names it.
    const batch = a.own.state.batch();
    batch.putRow('hai.txt', {});
    await batch.commit();
    a.space.epochs.destroy();
    await a.space.epochs.afterLook(publisherOf(a, true), { halted: true });
    expect(destroyed(a)).toEqual([]);
    expect(await secretAt(a, a, 1)).toBeDefined();
  });

  it('is kept at a reader that has not applied what came after it', async () => {
    const space = await rotated();
    const { a, c } = space;
    await writeFile(a.at('một.txt'), 'mới một');
    await writeFile(a.at('hai.txt'), 'mới hai');
    await a.settle();
    await sweep(a);
    // Its files still are those of epoch 1, and others may ask it for them.
    await a.bring(c);
    c.space.epochs.destroy();
    await c.space.epochs.afterLook(publisherOf(c), { halted: false });
    expect(destroyed(c)).toEqual([]);
    expect(await secretAt(c, a, 1)).toBeDefined();
    await c.settle();
    await sweep(c);
    expect(destroyed(c)).toEqual([[1, 'INTERNAL', 3]]);
    expect(await readFile(c.at('một.txt'), 'utf8')).toBe('mới một');
  });

  it('is kept while it is current, though everything under it is gone', async () => {
    const space = await rotated();
    const { a } = space;
    await sweep(a);
    expect(await secretAt(a, a, 2)).toBeDefined();
  });
});

it('a destruction that a crash cut short goes on after the start, and nothing is lost meanwhile', async () => {
  const space = await rotated();
  const { a, b } = space;
  await writeFile(a.at('một.txt'), 'mới một');
  await writeFile(a.at('hai.txt'), 'mới hai');
  await space.sync(b);
  // The feed says that the epoch is over; the record of its end could not be written.
  const { decisions } = a;
  decisions.push = () => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC', errno: -28 });
  };
  a.space.epochs.destroy();
  await a.until(() => a.events.some(({ type }) => type === 'error'));
  expect(await liveGrants(a)).toContainEqual([1, 0]);
  expect(await secretAt(a, a, 1)).toBeDefined();
  await space.stop(0);
  const again = await space.start(0);
  await space.sync(b);
  expect(destroyed(again)).toEqual([[1, 'INTERNAL', 3]]);
  expect(await secretAt(again, again, 1)).toBeUndefined();
  expect(await readFile(b.at('một.txt'), 'utf8')).toBe('mới một');
  expect(await liveGrants(again)).toEqual([
    [2, 3],
    [1, 0],
  ]);
});

/** For a step out of turn. */
const publisherOf = (node: SpaceNode, publishes = false) => {
  const me = { ...node.own.origin, publishes };
  return { me, open: unused, close: unused, flush: async () => undefined } as never;
};

const unused = (): never => {
  throw new Error('nothing is to be published');
};

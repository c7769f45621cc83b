/** A link takes back what its node is owed: before it brings anything, until each is answered. */
import { expect, test } from 'vitest';
import { DongboError } from '#agent/core/errors.ts';
import { originKey } from '#agent/core/ids.ts';
import { MemoryPeer } from '#agent/exchange/memory-peer.ts';
import { LinkFixture } from './link-fixture.ts';
import { MemoryBackend } from './memory-backend.ts';
import { MemoryLocal } from './memory-local.ts';
import { chunkNamed, nodeNamed, spaceNamed } from './sample-feed.ts';
import { until } from './until.ts';

const space = spaceNamed('link');
const me = nodeNamed('me');
const hub = nodeNamed('hub');
const old = Array.from({ length: 600 }, (_, i) => chunkNamed(`old ${i}`));

function setUp() {
  const backend = new MemoryBackend();
  const local = new MemoryLocal(me);
  for (const chunk of old) backend.keep(me, chunk);
  backend.keep(nodeNamed('other'), chunkNamed('old 0'));
  const ids = old.map(({ id }) => id);
  local.owed.set(hub, ids);
  local.write(space, [chunkNamed('new')]);
  const brought = () => backend.feeds.get(`${space}/${originKey(local.origin)}`)?.head.seq ?? 0;
  return { backend, local, brought, left: () => local.owed.get(hub)?.length ?? 0 };
}

test('all of it is gone there before anything is brought; the copies of others stay', async () => {
  const { backend, local, brought, left } = setUp();
  const order: string[] = [];
  backend.fault = (operation) => void order.push(operation);
  await using link = new LinkFixture(new MemoryPeer(hub, backend, me), local, [space]);
  await until(() => brought() > 0);
  expect(left()).toBe(0);
  expect(old.filter(({ id }) => backend.chunks.get(id)?.has(me))).toEqual([]);
  expect(backend.chunks.get(chunkNamed('old 0').id)?.size).toBe(1);
  expect(order.filter((name) => name === 'dropChunks')).toHaveLength(2);
  expect(order.lastIndexOf('dropChunks')).toBeLessThan(order.indexOf('putChunks'));
  expect(link.count('error')).toBe(0);
});

test('what is not answered is asked again, and nothing is brought meanwhile', async () => {
  const { backend, local, brought, left } = setUp();
  let busy = 3;
  backend.fault = (operation) => {
    if (operation === 'dropChunks' && busy-- > 0) throw new DongboError('PEER_BUSY', {}, { retry: 'later' });
    if (operation === 'putChunks') expect(left()).toBe(0);
  };
  await using _link = new LinkFixture(new MemoryPeer(hub, backend, me), local, [space]);
  await until(() => brought() > 0);
  expect([left(), busy < 0]).toEqual([0, true]);
});

test('a peer that does not know the request keeps what it has, and is brought what is new', async () => {
  const { backend, local, brought, left } = setUp();
  let asked = 0;
  backend.fault = (operation) => {
    if (operation !== 'dropChunks') return;
    asked += 1;
    throw new DongboError('ROUTE_UNKNOWN');
  };
  await using link = new LinkFixture(new MemoryPeer(hub, backend, me), local, [space]);
  await until(() => brought() > 0);
  expect([left(), asked, link.count('error')]).toEqual([600, 1, 0]);
});

/** A head that its author has signed again reaches the peers that hold the same already (R13). */
import { expect, it } from 'vitest';
import { originKey } from '#agent/core/ids.ts';
import { MemoryPeer } from '#agent/exchange/memory-peer.ts';
import { LinkFixture } from './link-fixture.ts';
import { MemoryBackend } from './memory-backend.ts';
import { MemoryLocal } from './memory-local.ts';
import { nodeNamed, spaceNamed } from './sample-feed.ts';
import { until } from './until.ts';

const space = spaceNamed('link');
const me = nodeNamed('me');

it('brings a head that was signed again alone, once', async () => {
  const backend = new MemoryBackend();
  const local = new MemoryLocal(me);
  const peer = new MemoryPeer(nodeNamed('hub'), backend, me);
  const seqThere = () => backend.feeds.get(`${space}/${originKey(local.origin)}`)?.head.seq ?? 0;
  local.write(space);
  await using link = new LinkFixture(peer, local, [space]);
  await until(() => seqThere() > 0 && local.delivered_.size > 0);
  const pushes: [number, number][] = [];
  const push = backend.pushSegments.bind(backend);
  backend.pushSegments = async (...args) => {
    pushes.push([args[2].length, args[3].time]);
    return push(...args);
  };
  local.signedAt = 12_345;
  const looks = local.replies.length;
  backend.hub.publish({ space, origin: local.origin, seq: 1 });
  await until(() => pushes.length > 0);
  link.pokes.poke(space);
  backend.hub.publish({ space, origin: local.origin, seq: 1 });
  await until(() => local.replies.length > looks + 1);
  expect(pushes).toEqual([[0, 12_345]]);
  expect(link.count('error')).toBe(0);
});

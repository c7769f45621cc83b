/** The byte counts are those of the network: both ends agree, and they cover TLS and HTTP. */
import { expect, test } from 'vitest';
import type { AgentEvent } from '#agent/core/event.ts';
import type { NodeId } from '#agent/core/ids.ts';
import { HttpsFixture, makePeer } from './https-fixture.ts';
import { MemoryBackend } from './memory-backend.ts';
import { chunkNamed, gather, spaceNamed, streamOf } from './sample-feed.ts';
import { until } from './until.ts';

const space = spaceNamed('bytes');
const never = new AbortController().signal;

function sum(events: readonly AgentEvent[], direction: 'in' | 'out', peer: NodeId): number {
  const some = events.filter((e) => e.type === 'wire' && e.direction === direction && e.peer === peer);
  return some.reduce((total, e) => total + (e.type === 'wire' ? e.bytes : 0), 0);
}

test('both ends count the same bytes, a little more than was carried', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend);
  const { agent, hub, peer, peerEvents, serverEvents } = fixture;
  const chunks = Array.from({ length: 20 }, (_, i) => chunkNamed(`w${i}`, 100_000));
  await peer.putChunks(space, streamOf(chunks), never);
  await gather(
    peer.getChunks(
      space,
      agent.node,
      chunks.slice(0, 5).map(({ id }) => id),
      never,
    ),
  );
  const sent = () => sum(peerEvents, 'out', hub.node);
  const got = () => sum(peerEvents, 'in', hub.node);
  await until(() => sum(serverEvents, 'in', agent.node) === sent());
  await until(() => sum(serverEvents, 'out', agent.node) === got());
  expect(sent()).toBeGreaterThan(2_000_000);
  expect(sent()).toBeLessThan(2_040_000);
  expect(got()).toBeGreaterThan(500_000);
  expect(got()).toBeLessThan(520_000);
});

test('a stream of events counts while it is held open', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend, { times: { heartbeatMs: 30 } });
  const stop = new AbortController();
  const events = fixture.peer.events(stop.signal)[Symbol.asyncIterator]();
  for (let i = 0; i < 5; i++) expect((await events.next()).value).toBeUndefined();
  expect(sum(fixture.peerEvents, 'in', fixture.hub.node)).toBeGreaterThan(500);
  expect(sum(fixture.serverEvents, 'out', fixture.agent.node)).toBeGreaterThan(500);
  stop.abort(new Error('done'));
});

test('a stream that falls silent is given up', async () => {
  await using fixture = await HttpsFixture.open(new MemoryBackend());
  await using peer = makePeer(fixture.url, fixture.agent, fixture.hub, undefined, undefined, 200);
  await expect(gather(peer.events(never))).rejects.toMatchObject({ code: 'PEER_TIMEOUT', retry: 'later' });
});

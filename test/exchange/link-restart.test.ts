/** The link over real TLS, with either end killed at any moment. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { originKey } from '#agent/core/ids.ts';
import { HttpsFixture, makePeer } from './https-fixture.ts';
import { LinkFixture } from './link-fixture.ts';
import { MemoryBackend } from './memory-backend.ts';
import { MemoryLocal } from './memory-local.ts';
import { chunkNamed, spaceNamed } from './sample-feed.ts';
import { until } from './until.ts';

const space = spaceNamed('restart');
const mebi = 1024 * 1024;

/** Keeps a request whole or not at all: the worst that a peer may do. Counts every byte that arrived. */
class StrictBackend extends MemoryBackend {
  received = 0;

  override async putChunks(...[caller, s, chunks]: Parameters<MemoryBackend['putChunks']>): Promise<void> {
    const whole = [];
    for await (const chunk of chunks) {
      this.received += chunk.sealed.length;
      whole.push(chunk);
      await delay(1);
    }
    await super.putChunks(
      caller,
      s,
      (async function* () {
        yield* whole;
      })(),
    );
  }
}

function backlog(local: MemoryLocal): number {
  let bytes = 0;
  for (let i = 0; i < 4; i++) {
    const chunks = Array.from({ length: 40 }, (_, n) => chunkNamed(`${i}.${n}`, 250_000));
    local.write(space, chunks);
    bytes += chunks.length * 250_000;
  }
  return bytes;
}

test('a server that is killed and comes back: everything arrives, at most 8 MiB twice for each kill', async () => {
  const backend = new StrictBackend();
  let fixture = await HttpsFixture.open(backend);
  const { agent, hub, url } = fixture;
  const { port } = fixture.server;
  const local = new MemoryLocal(agent.node);
  const total = backlog(local);
  await using peer = makePeer(url, agent, hub);
  await using link = new LinkFixture(peer, local, [space]);
  const kills = 4;
  for (let kill = 1; kill <= kills; kill++) {
    await until(() => backend.received > (kill * total) / (kills + 1));
    await fixture.kill();
    fixture = await HttpsFixture.open(backend, { port });
  }
  const seq = () => backend.feeds.get(`${space}/${originKey(local.origin)}`)?.head.seq;
  await until(() => seq() === 8);
  expect(backend.chunks.size).toBe(160);
  expect(backend.received - total).toBeLessThanOrEqual(kills * 8 * mebi);
  expect(link.count('peer.up')).toBeGreaterThan(1);
  expect(link.count('peer.down')).toBe(link.count('peer.up') - 1);
  await fixture[Symbol.asyncDispose]();
});

test('an agent that is killed and comes back with nothing but its feed goes on where the hub is', async () => {
  const backend = new StrictBackend();
  await using fixture = await HttpsFixture.open(backend);
  const { agent, hub, url } = fixture;
  const local = new MemoryLocal(agent.node);
  const total = backlog(local);
  const lives = 4;
  for (let life = 1; life <= lives; life++) {
    const peer = makePeer(url, agent, hub);
    const link = new LinkFixture(peer, local, [space]);
    const enough = life === lives ? total : (life * total) / lives;
    await until(() => backend.received >= enough);
    if (life === lives) await until(() => local.delivered_.get(`${space}/${hub.node}`) === 8);
    await peer[Symbol.asyncDispose]();
    await link[Symbol.asyncDispose]();
  }
  expect(backend.chunks.size).toBe(160);
  expect(backend.received - total).toBeLessThanOrEqual((lives - 1) * 8 * mebi);
});

/** A member that misbehaves, or is broken: every route answers with a code, nothing hangs, nothing leaks. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { maxChunkStreamBytes, maxReceiptsPerRequest, maxSegmentPushBytes } from '#agent/exchange/limits.ts';
import { agreementHeader, formOf, type Route } from '#agent/exchange/routes.ts';
import { HttpsFixture, makePeer } from './https-fixture.ts';
import { MemoryBackend } from './memory-backend.ts';
import { openTls, readToEnd, statusOf } from './raw-client.ts';
import {
  chunkNamed,
  digestNamed,
  feedOf,
  gather,
  headAt,
  idNamed,
  nodeNamed,
  originOf,
  receiptFor,
  spaceNamed,
} from './sample-feed.ts';
import { until } from './until.ts';

const space = spaceNamed('abuse');
const never = new AbortController().signal;
const posts: Route[] = (['pushSegments', 'pushReceipts', 'missing', 'getChunks', 'putChunks'] as const).map(
  (name) => ({ name, space }),
);

const opener =
  ({ server, hub, agent }: HttpsFixture) =>
  () =>
    openTls(server.port, hub, agent);

function requestText(route: Route, ...headers: string[]): string {
  const { method, path } = formOf(route);
  const all = [
    `${agreementHeader}: ${digestNamed('agreement')}`,
    'host: hub',
    'connection: close',
    ...headers,
  ];
  return `${method} ${path} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n`;
}

test.each(posts)('$name: garbage of any size is a 4xx with a code', async (route) => {
  await using fixture = await HttpsFixture.open(new MemoryBackend());
  for (const size of [1, 3, 33, 35, 37, 100, 5000, 70_001]) {
    const body = new Uint8Array(size).map((_, i) => (i * 151 + size) % 256);
    const status = await statusOf(opener(fixture), requestText(route, `content-length: ${size}`), body);
    expect([400, 413]).toContain(status);
  }
  await fixture.peer.heads(space, never);
});

test.each(posts)('$name: a body that is too large is a 413, told or not', async (route) => {
  await using fixture = await HttpsFixture.open(new MemoryBackend());
  const size = Math.max(maxChunkStreamBytes, maxSegmentPushBytes) + 1;
  expect(await statusOf(opener(fixture), requestText(route, `content-length: ${size}`))).toBe(413);
  const piece = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(0x100000, 0), Buffer.from('\r\n')]);
  const body = Buffer.concat(Array.from({ length: 9 }, () => piece));
  const status = await statusOf(opener(fixture), requestText(route, 'transfer-encoding: chunked'), body);
  expect([0, 400, 413]).toContain(status);
  await fixture.peer.heads(space, never);
});

test.each([
  ['GET /', 404],
  ['GET /v1/spaces', 404],
  ['GET /v1/spaces/../../etc/passwd', 404],
  ['GET /v1/spaces/xyz/heads', 404],
  [`GET /v1/spaces/${space}/heads?x=1`, 404],
  [`GET /v1/spaces/${space}/segments/abc?from=1`, 404],
  [`GET /v1/spaces/${space}/segments/${nodeNamed('a')}.00000000000000aa?from=0`, 404],
  [`GET /v1/spaces/${space}/segments/${nodeNamed('a')}.00000000000000aa.b?from=1`, 404],
  [`GET /v1/spaces/${space}/chunks`, 405],
  [`DELETE /v1/spaces/${space}/heads`, 405],
  ['POST /v1/events', 405],
  [`GET /v1/${'a'.repeat(600)}`, 413],
] as const)('%s answers %i', async (line, status) => {
  await using fixture = await HttpsFixture.open(new MemoryBackend());
  const text = `${line} HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n\r\n`;
  expect(await statusOf(opener(fixture), text)).toBe(status);
});

test('no agreement header, or a wrong one, is a 409', async () => {
  await using fixture = await HttpsFixture.open(new MemoryBackend());
  const path = formOf({ name: 'heads', space }).path;
  for (const header of ['', `${agreementHeader}: nonsense\r\n`]) {
    const text = `GET ${path} HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n${header}\r\n`;
    expect(await statusOf(opener(fixture), text)).toBe(409);
  }
});

test('what is not HTTP gets a 400, headers without end a 431', async () => {
  await using fixture = await HttpsFixture.open(new MemoryBackend());
  expect(await statusOf(opener(fixture), '\x00\x01\x02 garbage\r\n\r\n')).toBe(400);
  const endless = `GET / HTTP/1.1\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`;
  expect(await statusOf(opener(fixture), endless)).toBe(431);
  await until(() => fixture.serverEvents.some((e) => e.type === 'refused' && e.code === 'HTTP_MALFORMED'));
});

test('of receipts a request has so many, and no more', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend);
  const [segment] = feedOf(space, originOf(fixture.agent.node), 1);
  if (!segment) expect.fail();
  const receipt = receiptFor(headAt(segment), fixture.agent.node);
  const push = (count: number) =>
    fixture.peer.pushReceipts(
      space,
      Array.from({ length: count }, () => receipt),
      never,
    );
  await push(maxReceiptsPerRequest);
  await expect(push(maxReceiptsPerRequest + 1)).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
});

test('segments out of a row, of another space, or short of their head are refused whole', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend);
  const origin = originOf(fixture.agent.node);
  const [one, two, three] = feedOf(space, origin, 3);
  const [stray] = feedOf(spaceNamed('other'), origin, 1);
  const [alien] = feedOf(space, originOf(nodeNamed('alien')), 1);
  if (!one || !two || !three || !stray || !alien) expect.fail();
  for (const segments of [[one, three], [two, one], [stray], [alien], [one, two]]) {
    const push = fixture.peer.pushSegments(space, segments, headAt(three), never);
    await expect(push).rejects.toMatchObject({ code: 'BODY_MALFORMED' });
  }
  expect(backend.feeds.size).toBe(0);
});

test('a stretch of another’s feed comes under the one head that its author signed, and not beyond it', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend);
  const [one, two, three] = feedOf(space, originOf(nodeNamed('author')), 3);
  if (!one || !two || !three) expect.fail();
  await fixture.peer.pushSegments(space, [one], headAt(two), never);
  const beyond = fixture.peer.pushSegments(space, [two, three], headAt(two), never);
  await expect(beyond).rejects.toMatchObject({ code: 'BODY_MALFORMED' });
  expect([...backend.feeds.values()].map(({ segments }) => segments.length)).toEqual([1]);
});

test('slow headers and slow bodies are cut off', async () => {
  const times = { headersMs: 300, requestMs: 600, idleMs: 5_000 };
  await using fixture = await HttpsFixture.open(new MemoryBackend(), { times });
  const slow = async (start: string) => {
    const socket = await openTls(fixture.server.port, fixture.hub, fixture.agent);
    socket.on('error', () => {});
    socket.write(start);
    const drip = setInterval(() => socket.writable && socket.write('a'), 50);
    await readToEnd(socket);
    clearInterval(drip);
  };
  await slow('GET /v1/events HTTP/1.1\r\nx: ');
  await slow(requestText({ name: 'putChunks', space }, 'content-length: 100000'));
  await fixture.peer.heads(space, never);
});

test('a half-open connection is given up when nothing moves', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend, { times: { idleMs: 300 } });
  const socket = await openTls(fixture.server.port, fixture.hub, fixture.agent);
  socket.write(requestText({ name: 'putChunks', space }, 'content-length: 100000'));
  await readToEnd(socket);
  const before = await openTls(fixture.server.port, fixture.hub, fixture.agent);
  await readToEnd(before);
});

test('a caller that goes away in the middle ends what was begun for it', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend);
  let ended = '';
  const put = backend.putChunks.bind(backend);
  backend.putChunks = async (caller, s, chunks) => {
    await put(caller, s, chunks).catch((error: Error) => {
      ended = error.message;
      throw error;
    });
  };
  const stop = new AbortController();
  let returned = false;
  const slow = async function* () {
    try {
      for (let i = 0; ; i++) {
        yield chunkNamed(`slow ${i}`);
        await delay(10);
        if (backend.chunks.size > 2) stop.abort(new Error('gone'));
      }
    } finally {
      returned = true;
    }
  };
  await expect(fixture.peer.putChunks(space, slow(), stop.signal)).rejects.toThrow('gone');
  await until(() => ended !== '' && returned);
  expect(fixture.serverEvents.some((e) => e.type === 'error')).toBe(false);
});

test('a reader that stops reading holds up the source, not the memory', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend);
  let made = 0;
  backend.getChunks = async function* () {
    for (let i = 0; i < 30; i++) {
      made += 1;
      yield chunkNamed(`m${i}`, 250_000);
    }
  };
  const socket = await openTls(fixture.server.port, fixture.hub, fixture.agent);
  socket.pause();
  socket.write(requestText({ name: 'getChunks', space }, 'content-length: 64'));
  socket.write(Buffer.from(nodeNamed('author') + idNamed('m0'), 'hex'));
  await until(() => made > 0);
  await delay(300);
  expect(made).toBeLessThan(30);
  socket.destroy();
});

test('beyond its share a peer is told to come back', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend, { admission: { streamsPerPeer: 1 } });
  const gate = Promise.withResolvers<void>();
  const heads = backend.heads.bind(backend);
  backend.heads = async (...args) => {
    await gate.promise;
    return heads(...args);
  };
  const first = fixture.peer.heads(space, never);
  await until(() => fixture.serverEvents.length >= 0);
  await delay(50);
  const second = gather(fixture.peer.segments(space, originOf(fixture.agent.node), 1, never));
  await expect(second).rejects.toMatchObject({ code: 'PEER_BUSY', retry: 'later' });
  const third = fixture.peer.heads(space, never);
  gate.resolve();
  await Promise.all([first, third]);
});

test('the newest event stream of a node replaces its oldest', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend, { admission: { eventStreamsPerPeer: 1 } });
  const first = gather(fixture.peer.events(never));
  first.catch(() => {});
  await until(() => backend.hub.size === 1);
  await using again = makePeer(fixture.url, fixture.agent, fixture.hub);
  const stop = new AbortController();
  const second = gather(again.events(stop.signal));
  second.catch(() => {});
  await expect(first).rejects.toMatchObject({ code: 'PEER_LOST' });
  await until(() => backend.hub.size === 1);
  stop.abort(new Error('done'));
});

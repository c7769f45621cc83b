/** Who gets in, and what is told of who does not (R07, R17). */
import { once } from 'node:events';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { AgentEvent } from '#agent/core/event.ts';
import { HttpsFixture, makePeer, testNode } from './https-fixture.ts';
import { MemoryBackend } from './memory-backend.ts';
import { openTls, plainRequest, readToEnd } from './raw-client.ts';
import { chunkNamed, digestNamed, gather, originOf, spaceNamed, streamOf } from './sample-feed.ts';
import { until } from './until.ts';

const space = spaceNamed('trust');
const never = new AbortController().signal;
const refused = (events: readonly AgentEvent[]) =>
  events.filter((e) => e.type === 'refused').map((e) => e.code);

test('plain HTTP on the TLS port is answered at once, refused and told', async () => {
  await using fixture = await HttpsFixture.open(new MemoryBackend());
  const reply = await fetch(`http://127.0.0.1:${fixture.server.port}/v1/events`);
  expect([reply.status, await reply.text()]).toEqual([400, expect.stringContaining('https')]);
  const raw = await plainRequest(fixture.server.port, 'POST /status HTTP/1.1\r\n');
  expect(raw).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nconnection: close\r\n/);
  await until(() => refused(fixture.serverEvents).includes('TLS_PLAIN_HTTP'));
});

test.each(['TLSv1.1', 'TLSv1.2'] as const)('%s is refused and told', async (maxVersion) => {
  await using fixture = await HttpsFixture.open(new MemoryBackend());
  const { hub, agent, server } = fixture;
  const old = { minVersion: 'TLSv1.1', maxVersion, ciphers: 'ALL:@SECLEVEL=0' } as const;
  await expect(openTls(server.port, hub, agent, old)).rejects.toThrow();
  await until(() => refused(fixture.serverEvents).includes('TLS_VERSION'));
});

test('no certificate, and a certificate of no agreement, are refused and told', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend);
  const stranger = await testNode('stranger', 'H29.99');
  for (const self of [undefined, stranger]) {
    const socket = await openTls(fixture.server.port, fixture.hub, self);
    socket.write('GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(await readToEnd(socket)).toBe('');
  }
  await until(() => refused(fixture.serverEvents).length === 2);
  expect(refused(fixture.serverEvents)).toEqual(['TLS_NO_CERTIFICATE', 'TLS_UNKNOWN_CERTIFICATE']);
  await using peer = makePeer(fixture.url, stranger, fixture.hub);
  await expect(peer.heads(space, never)).rejects.toMatchObject({ code: 'PEER_LOST' });
  expect(backend.callers.size).toBe(0);
});

test('a valid certificate that names the same agency is not the node', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend);
  const twin = await testNode('twin', 'H29.12');
  await using peer = makePeer(fixture.url, twin, fixture.hub);
  await expect(peer.heads(space, never)).rejects.toMatchObject({ code: 'PEER_LOST' });
  expect(backend.callers.size).toBe(0);
});

test('two nodes of one agency are both let in, each as itself', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend);
  const twin = await testNode('twin', 'H29.12');
  fixture.trust.members.push(twin);
  fixture.server.updateTrust();
  await using peer = makePeer(fixture.url, twin, fixture.hub);
  await peer.heads(space, never);
  await fixture.peer.heads(space, never);
  expect(backend.callers).toEqual(new Set([twin.node, fixture.agent.node]));
});

test('a server with another certificate than the one of the agreement gets nothing', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend);
  const other = await testNode('other', 'H29');
  await using peer = makePeer(fixture.url, fixture.agent, other);
  const error = await peer.heads(space, never).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'PEER_CERTIFICATE', retry: 'later' });
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain('PRIVATE KEY');
  expect(backend.callers.size).toBe(0);
});

test('a node that is dropped loses its open connections and its stream', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend);
  const stream = gather(fixture.peer.events(never));
  stream.catch(() => {});
  await until(() => backend.hub.size === 1);
  fixture.trust.members = [fixture.hub];
  fixture.server.updateTrust();
  await expect(stream).rejects.toMatchObject({ code: 'PEER_LOST' });
  await expect(fixture.peer.heads(space, never)).rejects.toMatchObject({ code: 'PEER_LOST' });
  fixture.trust.members.push(fixture.agent);
  fixture.server.updateTrust();
  await fixture.peer.heads(space, never);
});

test('trust is asked at each request, also on a connection that stands, and who is refused is told', async () => {
  await using fixture = await HttpsFixture.open(new MemoryBackend());
  const { peer, trust, agent } = fixture;
  await peer.heads(space, never);
  trust.outsiders.add(agent.node);
  await expect(peer.heads(space, never)).rejects.toMatchObject({
    code: 'NOT_A_MEMBER',
    retry: 'after-change',
  });
  trust.outsiders.clear();
  trust.digest = digestNamed('a newer agreement');
  await expect(peer.heads(space, never)).rejects.toMatchObject({ code: 'AGREEMENT_MISMATCH' });
  trust.digest = undefined;
  await expect(peer.heads(space, never)).rejects.toMatchObject({ code: 'SPACE_NOT_SHARED' });
  const told = fixture.serverEvents.filter((e) => e.type === 'refused');
  expect(told).toMatchObject(
    ['NOT_A_MEMBER', 'AGREEMENT_MISMATCH', 'SPACE_NOT_SHARED'].map((code) => ({
      code,
      details: { peer: agent.node, space },
    })),
  );
});

test('a refusal is read as one even while a large body is on its way', async () => {
  await using fixture = await HttpsFixture.open(new MemoryBackend());
  fixture.trust.digest = digestNamed('a newer agreement');
  const chunks = Array.from({ length: 13 }, (_, i) => chunkNamed(`big ${i}`, 250_000));
  for (let i = 0; i < 5; i++) {
    const put = fixture.peer.putChunks(space, streamOf(chunks), never);
    await expect(put).rejects.toMatchObject({ code: 'AGREEMENT_MISMATCH' });
  }
});

test('without an agreement here, nothing is asked of the peer', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend);
  await using peer = makePeer(
    fixture.url,
    fixture.agent,
    fixture.hub,
    () => {},
    () => undefined,
  );
  await expect(peer.heads(space, never)).rejects.toMatchObject({ code: 'SPACE_NOT_SHARED' });
  expect(backend.callers.size).toBe(0);
});

test('events of spaces that the caller is no member of are not told', async () => {
  const backend = new MemoryBackend();
  await using fixture = await HttpsFixture.open(backend);
  const seen: number[] = [];
  const stop = new AbortController();
  const reading = (async () => {
    for await (const event of fixture.peer.events(stop.signal)) if (event) seen.push(event.seq);
  })();
  reading.catch(() => {});
  await until(() => backend.hub.size === 1);
  const origin = originOf(fixture.hub.node);
  fixture.trust.outsiders.add(fixture.agent.node);
  backend.hub.publish({ space, origin, seq: 1 });
  await until(() => backend.hub.size === 1 && backend.open === 1);
  await new Promise((resolve) => setImmediate(resolve));
  fixture.trust.outsiders.clear();
  backend.hub.publish({ space, origin, seq: 2 });
  await until(() => seen.length > 0);
  expect(seen).toEqual([2]);
  stop.abort(new Error('done'));
});

test('a port that is taken is an error with a code', async () => {
  await using first = await HttpsFixture.open(new MemoryBackend());
  const again = HttpsFixture.open(new MemoryBackend(), { port: first.server.port });
  await expect(again).rejects.toMatchObject({ code: 'LISTEN_FAILED', details: { cause: 'EADDRINUSE' } });
});

test('a peer that is not there, or speaks no TLS, is told apart', async () => {
  const { createServer } = await import('node:net');
  const agent = await testNode('agent');
  const hub = await testNode('hub', 'H29');
  const server = createServer((socket) =>
    socket
      .on('error', () => {})
      .resume()
      .end('SSH-2.0-OpenSSH\r\n'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await using plain = makePeer(`https://127.0.0.1:${port}`, agent, hub);
  await expect(plain.heads(space, never)).rejects.toMatchObject({ code: 'PEER_NOT_TLS' });
  await new Promise((resolve) => server.close(resolve));
  await expect(plain.heads(space, never)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  await using nowhere = makePeer('https://dongbo.invalid:1', agent, hub);
  await expect(nowhere.heads(space, never)).rejects.toMatchObject({ code: 'PEER_NAME_UNKNOWN' });
});

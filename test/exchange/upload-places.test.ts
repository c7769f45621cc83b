/** Nobody keeps others from bringing what is theirs by being slow, and who may bring nothing gets no place at all. */
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { DongboError } from '#agent/core/errors.ts';
import { encodeHead } from '#agent/core/segment-codec.ts';
import { frame } from '#agent/exchange/frames.ts';
import { agreementHeader, formOf } from '#agent/exchange/routes.ts';
import { UploadPlaces } from '#agent/exchange/upload-places.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { HttpsFixture, makePeer, type TestNode, testNode } from './https-fixture.ts';
import { MemoryBackend } from './memory-backend.ts';
import { openTls, readToEnd } from './raw-client.ts';
import { digestNamed, feedOf, headAt, originOf, spaceNamed } from './sample-feed.ts';

const space = spaceNamed('slow');
const never = new AbortController().signal;
const uploads = { places: 4, perMember: 4, leastBytesPerSecond: 1024, graceMs: 200 };

async function world(limits: Partial<typeof uploads> = {}) {
  const backend = new MemoryBackend();
  const fixture = await HttpsFixture.open(backend, { uploads: { ...uploads, ...limits } });
  const slow = await testNode('slow', 'H29.15');
  fixture.trust.members.push(slow);
  fixture.server.updateTrust();
  const sockets: TLSSocket[] = [];
  /** A request of a member that says what follows, and sends no more than the beginning of it. */
  const open = async (member: TestNode, name: 'pushSegments' | 'putChunks', begins = true) => {
    const socket = await openTls(fixture.server.port, fixture.hub, member);
    socket.on('error', () => {});
    sockets.push(socket);
    const { method, path } = formOf({ name, space });
    const headers = [
      `${agreementHeader}: ${digestNamed('agreement')}`,
      'host: hub',
      'content-length: 500000',
    ];
    socket.write(`${method} ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
    const [segment] = feedOf(space, originOf(member.node), 1);
    const begun = name === 'putChunks' ? new Uint8Array(10) : segment && frame(encodeHead(headAt(segment)));
    if (begun && begins) socket.write(begun);
    return readToEnd(socket);
  };
  const push = (member: TestNode) => {
    const [segment] = feedOf(space, originOf(member.node), 1);
    if (!segment) throw new Error('no segment');
    const peer = makePeer(fixture.url, member, fixture.hub, () => undefined);
    return peer
      .pushSegments(space, [segment], headAt(segment), never)
      .finally(() => peer[Symbol.asyncDispose]());
  };
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await fixture[Symbol.asyncDispose]();
  };
  return { backend, fixture, slow, open, push, [Symbol.asyncDispose]: close };
}

test.each(['pushSegments', 'putChunks'] as const)(
  '%s: slow requests hold no place while another waits',
  async (name) => {
    await using all = await world();
    const answers = Array.from({ length: 6 }, () => all.open(all.slow, name));
    await all.push(all.fixture.agent);
    expect(all.backend.feeds.size).toBe(1);
    expect(await Promise.any(answers)).toContain('PEER_BUSY');
  },
);

test('a member has its own few places, and loses its own slow ones for those that move', async () => {
  await using all = await world({ places: 16, perMember: 2 });
  const answers = Array.from({ length: 3 }, () => all.open(all.slow, 'pushSegments'));
  await all.push(all.slow);
  expect(await Promise.any(answers)).toContain('PEER_BUSY');
  await all.push(all.fixture.agent);
});

test('what comes in at once has a bound in all, whoever brings it', async () => {
  const all = new UploadPlaces({ places: 2, perMember: 2, leastBytesPerSecond: 0, graceMs: 0 }, systemClock);
  const [one, other] = [await testNode('one', 'H29.16'), await testNode('other', 'H29.17')];
  const leave = Promise.withResolvers<void>();
  const first = [1, 2].map(() => all.run(one.node, () => leave.promise, never));
  let began = false;
  const last = all.run(
    other.node,
    async () => {
      began = true;
    },
    never,
  );
  await new Promise(setImmediate);
  expect(began).toBe(false);
  leave.resolve();
  await Promise.all([...first, last]);
  expect(began).toBe(true);
});

test('while there is room, slow is fast enough', async () => {
  await using all = await world();
  const answer = all.open(all.slow, 'pushSegments');
  await all.push(all.fixture.agent);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(await Promise.race([answer, 'open'])).toBe('open');
});

test.each(['pushSegments', 'putChunks'] as const)(
  '%s: who may bring nothing is told before its body',
  async (name) => {
    await using all = await world();
    all.backend.mustBring = () => {
      throw new DongboError('ROLE_REFUSED', { role: 'publish' });
    };
    const answers = await Promise.all(Array.from({ length: 6 }, () => all.open(all.slow, name, false)));
    for (const answer of answers) expect(answer).toContain('ROLE_REFUSED');
  },
);

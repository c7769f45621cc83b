/** What strangers and members can cost by connections alone: so many, so much memory, and nobody else is kept out. */
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { connectionsFor, gateFor, maxConnectionsPerNode } from '#agent/exchange/limits.ts';
import { memoryLimit } from '#agent/sys/memory-limit.ts';
import { HttpsFixture, makePeer } from './https-fixture.ts';
import { MemoryBackend } from './memory-backend.ts';
import { openTls } from './raw-client.ts';
import { spaceNamed } from './sample-feed.ts';
import { until } from './until.ts';

const space = spaceNamed('gate');
const never = new AbortController().signal;

/** The beginning of a record of a handshake, and then silence; or a whole one that no handshake follows. */
const half = Buffer.from('16030100', 'hex');
const whole = Buffer.concat([Buffer.from('16030100c8010000c4030300', 'hex'), Buffer.alloc(193)]);

function strangers(port: number, count: number, says: Uint8Array, localAddress = '127.0.0.1') {
  const open = new Set<Socket>();
  for (let i = 0; i < count; i++) {
    const socket = connect({ host: '127.0.0.1', port, localAddress });
    socket.on('connect', () => socket.write(says));
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    socket.resume();
    open.add(socket);
  }
  return { open, cut: () => [...open].forEach((socket) => void socket.destroy()) };
}

test.each([
  ['half a hello', half],
  ['nothing', Buffer.alloc(0)],
  ['no true hello', whole],
])(
  'strangers that send %s are bounded for their address and in all, and a member comes in beside them',
  async (_what, says) => {
    const gate = {
      waiting: 40,
      waitingPerAddress: 20,
      helloMs: 60_000,
      handshakes: 20,
      handshakesPerAddress: 10,
    };
    await using fixture = await HttpsFixture.open(new MemoryBackend(), { gate });
    const crowd = strangers(fixture.server.port, 100, says);
    await until(() => crowd.open.size <= 20);
    await fixture.peer.heads(space, never);
    const other = strangers(fixture.server.port, 100, says, '127.0.0.2');
    await until(() => other.open.size <= 20);
    const third = strangers(fixture.server.port, 100, says, '127.0.0.3');
    await until(() => crowd.open.size + other.open.size + third.open.size <= 40);
    const fresh = makePeer(fixture.url, fixture.agent, fixture.hub, () => undefined);
    await fresh.heads(space, never);
    await fresh[Symbol.asyncDispose]();
    crowd.cut();
    other.cut();
    third.cut();
  },
);

test('who sends no hello in time is cut', async () => {
  await using fixture = await HttpsFixture.open(new MemoryBackend(), { gate: { helloMs: 200 } });
  const crowd = strangers(fixture.server.port, 5, half);
  await until(() => crowd.open.size === 0);
});

test('of one node so many stand; an idle one makes room, one in use does not', async () => {
  await using fixture = await HttpsFixture.open(new MemoryBackend(), { connections: { perNode: 3 } });
  const open = () => openTls(fixture.server.port, fixture.hub, fixture.agent);
  const closed: number[] = [];
  const dial = async (n: number) => {
    const socket = await open();
    socket.on('error', () => {});
    socket.resume();
    socket.once('close', () => closed.push(n));
    return socket;
  };
  const sockets = [await dial(0), await dial(1), await dial(2)];
  sockets.push(await dial(3));
  await until(() => closed.includes(3));
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  sockets.push(await dial(4));
  await until(() => closed.includes(0));
  expect(closed).toEqual([3, 0]);
  expect(fixture.serverEvents).toContainEqual(expect.objectContaining({ code: 'CONNECTIONS_FULL' }));
  for (const socket of sockets) socket.destroy();
});

test('how many follows from the memory that the unit gives, and fits into it', () => {
  const files: Record<string, string> = {
    '/proc/self/cgroup': '0::/system.slice/dongbo.service\n',
    '/sys/fs/cgroup/system.slice/dongbo.service/memory.max': '1073741824\n',
    '/sys/fs/cgroup/system.slice/memory.max': 'max\n',
    '/sys/fs/cgroup/memory.max': 'max\n',
  };
  const GiB = 2 ** 30;
  expect(memoryLimit((path) => files[path], 16 * GiB)).toBe(GiB);
  expect(memoryLimit(() => undefined, 2 * GiB)).toBe(2 * GiB);
  const old = {
    '/proc/self/cgroup': '9:memory:/dongbo\n',
    '/sys/fs/cgroup/memory/dongbo/memory.limit_in_bytes': `${GiB / 2}\n`,
  };
  expect(memoryLimit((path) => (old as Record<string, string>)[path], 16 * GiB)).toBe(GiB / 2);
  expect(memoryLimit()).toBeGreaterThan(0);
  for (const memory of [GiB / 4, GiB, 8 * GiB]) {
    const { waiting, handshakes } = gateFor(memory);
    const bytes = (connectionsFor(memory) + handshakes) * 96 * 1024 + waiting * 8 * 1024;
    expect(bytes).toBeLessThan(memory / 2);
    expect(connectionsFor(memory)).toBeGreaterThan(maxConnectionsPerNode);
  }
});

/** What comes to the port of a real daemon from those who are no member, or from a member that is broken or hostile. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agreementDigest } from '#agent/core/agreement.ts';
import { parseIncarnation } from '#agent/core/ids.ts';
import { maxChunkStreamBytes, maxSegmentPushBytes } from '#agent/exchange/limits.ts';
import { agreementHeader, formOf, type Route } from '#agent/exchange/routes.ts';
import { type TestNode, testNode } from '#test/exchange/https-fixture.ts';
import { openTls, plainRequest, readToEnd, statusOf } from '#test/exchange/raw-client.ts';
import { Pair } from './pair.ts';

let pair: Pair;
let server: TestNode;
let member: TestNode;

beforeAll(async () => {
  pair = await Pair.create('relay', { port: 0 });
  server = await pair.identity();
  member = pair.other;
  pair.daemon.start();
  await pair.daemon.ready();
});
afterAll(() => pair?.[Symbol.asyncDispose]());

const port = () => pair.daemon.listening.exchange?.port ?? 0;
const events = 'GET /v1/events HTTP/1.1\r\nhost: hub\r\n\r\n';

/** The daemon tells each kind of refusal once for each address: a test comes from an address of its own. */
async function untilLogged(code: string, address: string): Promise<void> {
  const line = new RegExp(`refused code=${code} .*address=${address}\\b`);
  await pair.until(`${code} from ${address}`, async () => line.test(await pair.log()));
}

describe('who is let in', () => {
  test('not plain HTTP', async () => {
    expect(await plainRequest(port(), events)).toMatch(/^HTTP\/1\.1 400 /);
    await untilLogged('TLS_PLAIN_HTTP', '127.0.0.1');
  });

  test.each([
    ['TLSv1.1', '127.0.0.11'],
    ['TLSv1.2', '127.0.0.12'],
  ] as const)('not %s', async (maxVersion, localAddress) => {
    const old = { minVersion: 'TLSv1.1', maxVersion, ciphers: 'ALL:@SECLEVEL=0', localAddress } as const;
    await expect(openTls(port(), server, member, old)).rejects.toThrow();
    await untilLogged('TLS_VERSION', localAddress);
  });

  test.each([
    ['without a certificate', 'TLS_NO_CERTIFICATE', '127.0.0.13', undefined],
    ['a stranger', 'TLS_UNKNOWN_CERTIFICATE', '127.0.0.14', 'H29.99'],
    ['who made a certificate with the name of a member', 'TLS_UNKNOWN_CERTIFICATE', '127.0.0.15', 'H29.12'],
  ])('not %s', async (_who, code, localAddress, agency) => {
    const self = agency === undefined ? undefined : await testNode(`of ${agency}`, agency);
    const socket = await openTls(port(), server, self, { localAddress });
    socket.write(events);
    expect(await readToEnd(socket)).toBe('');
    await untilLogged(code, localAddress);
  });
});

const origin = () => ({ node: pair.other.node, incarnation: parseIncarnation('0b'.repeat(8)) });
const routeOf = (name: Route['name'] | 'segments'): Route => {
  const { space } = pair.agreement;
  if (name === 'events') return { name };
  return name === 'segments' ? { name, space, origin: origin(), from: 1 } : { name, space };
};

function requestOf(route: Route, ...headers: string[]): string {
  const { method, path } = formOf(route);
  const agreement = `${agreementHeader}: ${agreementDigest(pair.agreement)}`;
  const lines = [`${method} ${path} HTTP/1.1`, 'host: hub', 'connection: close', agreement, ...headers];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const open = () => openTls(port(), server, member);
const posts = ['pushSegments', 'pushReceipts', 'missing', 'getChunks', 'putChunks'] as const;

describe('what a member sends', () => {
  test.each(posts)('%s: garbage of any size is a 400 or 413', async (name) => {
    for (const size of [1, 3, 33, 100, 5000, 70_001]) {
      const body = new Uint8Array(size).map((_, i) => (i * 151 + size) % 256);
      const request = requestOf(routeOf(name), `content-length: ${size}`);
      expect([400, 413]).toContain(await statusOf(open, request, body));
    }
  });

  test.each(posts)('%s: a body that is too large is a 413, announced or not', async (name) => {
    const size = Math.max(maxChunkStreamBytes, maxSegmentPushBytes) + 1;
    expect(await statusOf(open, requestOf(routeOf(name), `content-length: ${size}`))).toBe(413);
    const piece = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(0x100000), Buffer.from('\r\n')]);
    const body = Buffer.concat(Array.from({ length: 9 }, () => piece));
    const status = await statusOf(open, requestOf(routeOf(name), 'transfer-encoding: chunked'), body);
    // 0: the daemon had answered and closed before all was sent.
    expect([0, 400, 413]).toContain(status);
  });

  test.each(['heads', 'segments'] as const)('%s: a body where none belongs changes nothing', async (name) => {
    const body = new Uint8Array(5000).fill(0xff);
    const status = await statusOf(open, requestOf(routeOf(name), 'content-length: 5000'), body);
    expect([200, 400, 413]).toContain(status);
  });

  test.each([
    ['GET /', 404],
    ['GET /v1/spaces/../../etc/passwd', 404],
    ['GET /v1/spaces/%2e%2e%2f/heads', 404],
    [`GET /v1/spaces/${'0'.repeat(32)}/heads`, 404],
    ['DELETE /v1/events', 405],
    [`GET /v1/${'a'.repeat(600)}`, 413],
  ] as const)('%s answers %i', async (line, status) => {
    expect(await statusOf(open, `${line} HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n\r\n`)).toBe(status);
  });

  test('another agreement, or none, is a 409', async () => {
    const { path } = formOf(routeOf('heads'));
    for (const header of ['', `${agreementHeader}: ${'0'.repeat(64)}\r\n`]) {
      const request = `GET ${path} HTTP/1.1\r\nhost: hub\r\nconnection: close\r\n${header}\r\n`;
      expect(await statusOf(open, request)).toBe(409);
    }
  });

  test('what is not HTTP is a 400', async () => {
    expect(await statusOf(open, '\x00\x01\x02 garbage\r\n\r\n')).toBe(400);
    await untilLogged('HTTP_MALFORMED', '127.0.0.1');
  });
});

test('after all that the daemon is sound, and holds nothing of it', async () => {
  expect(await statusOf(open, requestOf(routeOf('heads')))).toBe(200);
  expect(await pair.daemon.status()).toMatchObject({ ready: true, spaces: [{ withheld: 0, problems: 0 }] });
  expect(await pair.log()).not.toMatch(/ERROR/);
  expect(await pair.daemon.noteMemory()).toBeLessThan(400e6);
  expect(await pair.daemon.stop()).toBe(0);
});

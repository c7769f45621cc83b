/** The status pages over real HTTP on loopback. */

import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { DongboError } from '#agent/core/errors.ts';
import type { AgentEvent } from '#agent/core/event.ts';
import { StatusServer } from '#agent/status/server.ts';
import { snapshotSchema } from '#agent/status/snapshot.ts';
import { facts, recording } from './sample-facts.ts';

async function serving(given = () => [facts()]) {
  const { recorder } = recording(given);
  const events: AgentEvent[] = [];
  const server = await StatusServer.listen({ port: 0, recorder, emit: (event) => void events.push(event) });
  return { server, events, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

interface Asked {
  readonly method?: string;
  readonly host?: string;
}

async function ask(port: number, path: string, { method = 'GET', host = `127.0.0.1:${port}` }: Asked = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number;
    type: string;
    body: string;
  }>();
  const sent = request(
    { port, host: '127.0.0.1', path, method, headers: { host }, agent: false },
    async (reply) => {
      let body = '';
      for await (const part of reply) body += part;
      resolve({ status: reply.statusCode ?? 0, type: reply.headers['content-type'] ?? '', body });
    },
  );
  sent.on('error', reject).end();
  return promise;
}

describe('the status pages', () => {
  it('/healthz says that the event loop is alive', async () => {
    await using at = await serving();
    expect(await ask(at.server.port, '/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
  });

  it('/readyz is 200 when ready, 503 with the reasons when not', async () => {
    let given = [facts()];
    await using at = await serving(() => given);
    expect((await ask(at.server.port, '/readyz')).status).toBe(200);
    given = [facts({ agreement: 'absent' })];
    const { status, body } = await ask(at.server.port, '/readyz');
    expect(status).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ ready: false, unready: [{ reason: 'AGREEMENT_ABSENT' }] });
  });

  it('/status is the snapshot as readable JSON', async () => {
    await using at = await serving();
    const { status, type, body } = await ask(at.server.port, '/status?x=1');
    expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
    expect(snapshotSchema.parse(JSON.parse(body)).spaces).toHaveLength(1);
    expect(body).toContain('\n  "state": "in-step"');
  });

  it('/metrics is in the text format of Prometheus', async () => {
    await using at = await serving();
    const { status, type, body } = await ask(at.server.port, '/metrics');
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(body).toContain('dongbo_ready 1\n');
  });

  it.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', '127.0.0.1.evil.example'])(
    'refuse the Host %j: a web page under another name gets nothing',
    async (host) => {
      await using at = await serving();
      const { status, body } = await ask(at.server.port, '/status', { host });
      expect([status, JSON.parse(body)]).toEqual([403, { code: 'STATUS_HOST_REFUSED' }]);
      expect(at.events).toEqual([{ type: 'refused', code: 'STATUS_HOST_REFUSED', details: {} }]);
    },
  );

  it.each(['localhost', 'LOCALHOST', '[::1]'])('accept the Host %s', async (name) => {
    await using at = await serving();
    const { port } = at.server;
    expect((await ask(port, '/healthz', { host: `${name}:${port}` })).status).toBe(200);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])('do not take %s', async (method) => {
    await using at = await serving();
    expect((await ask(at.server.port, '/status', { method })).status).toBe(405);
  });

  it.each(['/', '/status/', '/etc/passwd', '/../status', '//status'])('have no page %s', async (path) => {
    await using at = await serving();
    expect((await ask(at.server.port, path)).status).toBe(404);
  });

  it('answer 503 when the facts cannot be gathered, and say so', async () => {
    await using at = await serving(() => {
      throw new DongboError('STATE_DAMAGED');
    });
    expect((await ask(at.server.port, '/status')).status).toBe(503);
    expect(at.events).toEqual([{ type: 'error', code: 'STATE_DAMAGED', details: {} }]);
    expect((await ask(at.server.port, '/healthz')).status).toBe(200);
  });

  it('outlive garbage', async () => {
    await using at = await serving();
    const socket = connect(at.server.port, '127.0.0.1');
    const closed = new Promise((done) => socket.on('close', done));
    socket
      .on('error', () => undefined)
      .resume()
      .write('\x16\x03\x01garbage\r\n\r\n');
    await closed;
    expect((await ask(at.server.port, '/healthz')).status).toBe(200);
  });

  it('listen on loopback only, and say when the port is taken', async () => {
    await using at = await serving();
    const { recorder } = recording();
    const again = StatusServer.listen({ port: at.server.port, recorder, emit: () => undefined });
    await expect(again).rejects.toMatchObject({
      code: 'STATUS_LISTEN_FAILED',
      details: { address: '127.0.0.1', errno: 'EADDRINUSE' },
    });
  });
});

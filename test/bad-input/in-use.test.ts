/** What another process holds already. */

import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dongbo, dongboProcess } from './dongbo.ts';
import { Pair } from './pair.ts';

let pair: Pair;
let taken: Server;

beforeAll(async () => {
  pair = await Pair.create('agent');
  taken = createServer();
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  await new Promise((done) => taken?.close(done));
  await pair?.[Symbol.asyncDispose]();
});

const takenPort = () => {
  const address = taken.address();
  return typeof address === 'object' && address ? address.port : 0;
};

async function configure(name: string, ports: { readonly status: number; readonly listen: number }) {
  const file = join(pair.dir, `${name}.yaml`);
  const { folder } = pair.daemon.options;
  const lines = [`state: ${pair.daemon.state}`, 'log: { level: error }', `status: { port: ${ports.status} }`];
  lines.push(`listen: { address: 127.0.0.1, port: ${ports.listen} }`);
  lines.push(`spaces: [{ space: ${pair.agreement.space}, folder: ${folder} }]`);
  await writeFile(file, lines.join('\n'));
  return file;
}

test('the port for other nodes', async () => {
  const file = await configure('listen', { status: 0, listen: takenPort() });
  const ended = await dongbo('run', '--config', file);
  expect(ended).toMatchObject({ code: 1, codes: ['LISTEN_FAILED'] });
  expect(ended.err).toContain('EADDRINUSE');
});

test('the port of the status pages', async () => {
  const file = await configure('status', { status: takenPort(), listen: 0 });
  const ended = await dongbo('run', '--config', file);
  expect(ended).toMatchObject({ code: 1, codes: ['STATUS_LISTEN_FAILED'] });
  expect(ended.err).toContain('EADDRINUSE');
});

test('the state, by a daemon that is running: the second is told which process it is', async () => {
  const { daemon } = pair;
  daemon.start();
  await daemon.ready();
  const file = await configure('second', { status: 0, listen: 0 });
  const ended = await dongboProcess(['run', '--config', file]);
  expect(ended).toMatchObject({ code: 1, codes: ['STATE_LOCKED'] });
  expect(ended.err).toContain(String(daemon.pid));
  expect(await daemon.status()).toMatchObject({ ready: true });
});

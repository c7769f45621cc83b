/** Ports that the daemon takes by itself, and how they are found; and that a test does not wait for a daemon that has ended. */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadIdentity } from '#agent/seal/identity.ts';
import { Pair } from '#test/bad-input/pair.ts';
import { makePeer } from '#test/exchange/https-fixture.ts';
import { Daemon } from './daemon.ts';
import { until } from './until.ts';

const limit = 120_000;
let pair: Pair;

beforeAll(async () => {
  pair = await Pair.create('agent', { port: 0 });
}, limit);
afterAll(() => pair?.[Symbol.asyncDispose](), limit);

const told = () => join(pair.daemon.state, 'listening.json');
const status = () => pair.daemon.dongbo('status', '--config', pair.daemon.configFile);

it(
  'with port 0 the command line and other nodes find the daemon, under this run and no other',
  async () => {
    const { daemon } = pair;
    await expect(status()).rejects.toThrow('STATUS_NOT_RUNNING');
    daemon.start();
    await daemon.ready();
    const first = daemon.listening;
    expect(first).toMatchObject({ status: { address: '127.0.0.1' }, exchange: { address: '127.0.0.1' } });
    expect(await status()).toContain('H29.13');
    expect((await stat(told())).mode & 0o777).toBe(0o600);
    const { status: at, exchange } = first;
    const line = `agent.ready status=127.0.0.1:${at.port} exchange=127.0.0.1:${exchange?.port}`;
    expect(await pair.log()).toContain(line);
    const identity = await loadIdentity(join(daemon.state, 'keys'));
    await using peer = makePeer(daemon.url, pair.other, identity);
    await peer.heads(pair.agreement.space, AbortSignal.timeout(20_000)).catch((error: unknown) => {
      // It answers, as the node that it is: which agreement is asked for is no matter here.
      expect(error).toMatchObject({ code: 'AGREEMENT_MISMATCH' });
    });
    expect(await daemon.stop()).toBe(0);
    await expect(stat(told())).rejects.toThrow('ENOENT');
    await expect(status()).rejects.toThrow('STATUS_NOT_RUNNING');
  },
  limit,
);

it(
  'what a killed daemon told is not believed, whoever has its port now',
  async () => {
    const { daemon } = pair;
    daemon.start();
    await daemon.ready();
    const { listening } = daemon;
    await daemon.stop('SIGKILL');
    expect((await stat(told())).size).toBeGreaterThan(0);
    await expect(status()).rejects.toThrow('STATUS_NOT_RUNNING');
    // The same node again, at another port; and the old word as if its port were now this one's.
    daemon.start();
    await daemon.ready();
    expect(daemon.listening.started).not.toBe(listening.started);
    expect(await status()).toContain('H29.13');
    await writeFile(told(), JSON.stringify({ ...listening, status: daemon.listening.status }));
    await expect(status()).rejects.toThrow('STATUS_NOT_RUNNING');
    await writeFile(told(), '{');
    await expect(status()).rejects.toThrow('STATUS_PORT_UNKNOWN');
  },
  limit,
);

it(
  'a wait has an end, and fails at once, with the last lines, when its daemon has ended',
  async () => {
    const { daemon } = pair;
    const twice = new Daemon({
      ...daemon.options,
      dir: join(pair.dir, 'twice'),
      folder: join(pair.dir, 'other'),
    });
    await twice.create();
    await writeFile(twice.configFile, 'rolle: relay\n');
    twice.start();
    await expect(twice.ready()).rejects.toThrow(/ended by itself[\s\S]*CONFIG_UNKNOWN_KEY/);
    const never = until('never', async () => false, { seconds: 0, daemons: [twice] });
    await expect(never).rejects.toThrow(/waited 0 s for: never\n[\s\S]*CONFIG_UNKNOWN_KEY/);
  },
  limit,
);

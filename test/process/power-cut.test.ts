/** A real daemon on a machine that went down: a file cut short by that is not told to the others as an edit. */
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Cluster } from './cluster.ts';
import type { Daemon } from './daemon.ts';
import { settled } from './settle.ts';
import { withCluster } from './with-cluster.ts';

const limit = 120_000;
const long = 'một hai ba bốn năm\n'.repeat(50);
const names = ['một.txt', 'hai.txt', 'ba.txt'];

const problemsOf = async (daemon: Daemon): Promise<Readonly<Record<string, number>>> =>
  (await daemon.status())?.spaces[0]?.problemCodes ?? {};

const sizeOf = async (folder: string, name: string): Promise<number> => (await stat(join(folder, name))).size;

async function killed(daemon: Daemon, act: () => Promise<void>): Promise<void> {
  await daemon.stop('SIGKILL');
  await act();
}

/** As if the state had been opened under another boot of the machine. */
async function otherBoot(daemon: Daemon): Promise<void> {
  const file = join(daemon.state, 'state.json');
  const json = JSON.parse(await readFile(file, 'utf8'));
  expect(json.database).toMatchObject({ is: 'open', boot: expect.any(String) });
  await writeFile(file, JSON.stringify({ ...json, database: { is: 'open', boot: 'another' } }));
}

async function inStep(cluster: Cluster): Promise<readonly [string, string]> {
  const [a, b] = cluster.folders;
  for (const name of names) await writeFile(join(a, name), long);
  cluster.start();
  await settled(cluster);
  return [a, b];
}

it('holds what is short until it is replaced, written again or released', { timeout: limit }, () =>
  withCluster({ route: 'direct' }, async (cluster) => {
    const [a, b] = await inStep(cluster);
    await killed(cluster.a, async () => {
      for (const name of names) await truncate(join(a, name), 0);
      await writeFile(join(a, 'mới.txt'), 'mới\n');
      await otherBoot(cluster.a);
    });
    cluster.a.start();
    await cluster.until('the rest goes on', async () => (await sizeOf(b, 'mới.txt')) > 0);
    expect(await problemsOf(cluster.a)).toEqual({ STORE_AFTER_POWER_CUT: 3 });
    await cluster.a.stop();
    cluster.a.start();
    await cluster.a.ready();
    await writeFile(join(b, 'một.txt'), `${long}${long}`);
    await cluster.until(
      'a newer one is applied',
      async () => (await sizeOf(a, 'một.txt')) === 2 * (await sizeOf(b, 'hai.txt')),
    );
    await writeFile(join(a, 'hai.txt'), 'viết lại\n');
    await cluster.until('what is written again is shared', async () => (await sizeOf(b, 'hai.txt')) < 20);
    expect(await problemsOf(cluster.a)).toEqual({ STORE_AFTER_POWER_CUT: 1 });
    expect(await sizeOf(b, 'ba.txt')).toBe(Buffer.byteLength(long));
    const { configFile } = cluster.a;
    const said = await cluster.a.dongbo(
      'release',
      '--config',
      configFile,
      cluster.space,
      '--reason',
      'đã xem',
    );
    expect(said).toContain('STORE_AFTER_POWER_CUT');
    await cluster.until('what a person releases is shared', async () => (await sizeOf(b, 'ba.txt')) === 0);
    await settled(cluster);
    expect(await problemsOf(cluster.a)).toEqual({});
  }),
);

it('believes what is short when only the process was killed', { timeout: limit }, () =>
  withCluster({ route: 'direct' }, async (cluster) => {
    const [a, b] = await inStep(cluster);
    await killed(cluster.a, () => truncate(join(a, 'một.txt'), 0));
    cluster.a.start();
    await cluster.until('it is shared', async () => (await sizeOf(b, 'một.txt')) === 0);
    expect(await problemsOf(cluster.a)).toEqual({});
  }),
);

/** `dongbo keys` on running nodes: what is rotated, who holds what, and that everything goes on. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Daemon } from './daemon.ts';
import { settled } from './settle.ts';
import { withCluster } from './with-cluster.ts';

const keys = (daemon: Daemon, command: string, ...args: string[]): Promise<string> =>
  daemon.dongbo('keys', command, '--config', daemon.configFile, ...args);

const objects = async (daemon: Daemon, command: string, ...args: string[]) =>
  (await keys(daemon, command, '--format', 'json', ...args))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

it(
  'rotates by command, through a relay, on the record; the reader sees the new epoch',
  { timeout: 240_000 },
  () =>
    withCluster({ route: 'relay' }, async (cluster) => {
      const { a, b } = cluster;
      const [from, to] = cluster.folders;
      await writeFile(join(from, 'một.txt'), 'một');
      cluster.start();
      await settled(cluster);
      const rotated = await keys(
        a,
        'rotate',
        '--reason',
        'Lộ khoá',
        '--by',
        'Ông A',
        '--space',
        cluster.space,
      );
      expect(rotated).toContain('INTERNAL: Epoch 1 → 2');
      await writeFile(join(from, 'một.txt'), 'một, sau khi đổi khoá');
      await writeFile(join(from, 'hai.txt'), 'hai');
      await settled(cluster);
      expect(await readFile(join(to, 'một.txt'), 'utf8')).toBe('một, sau khi đổi khoá');
      const epochs = (await objects(b, 'list')).filter(({ own }) => own === false);
      expect(epochs).toMatchObject([
        { epoch: 1, current: false, secret: 'held', live: 0 },
        { epoch: 2, current: true, secret: 'held', live: 2 },
      ]);
      const exposed = await objects(a, 'exposed', '--member', 'H29.13');
      expect(exposed.filter(({ state }) => state !== 'granted')).toMatchObject([
        { epoch: 1, path: 'một.txt', state: 'superseded', fetched: true },
        { epoch: 2, path: expect.any(String), state: 'live', fetched: true },
        { epoch: 2, path: expect.any(String), state: 'live', fetched: true },
      ]);
      const shown = await a.dongbo('audit', 'show', '--config', a.configFile);
      expect(shown).toMatch(
        /epoch\.opened .*\n.*before=1 by="Ông A" epoch=2 .*reason="Lộ khoá".*why=by-hand/,
      );
      expect(shown).not.toContain('một.txt');
      // At the start an old epoch that nothing needs goes at its author, and then, on its word, at its reader.
      await a.stop();
      a.start();
      await a.ready();
      const destroyed = async (daemon: Daemon) =>
        (await objects(daemon, 'list')).some(({ epoch, secret }) => epoch === 1 && secret === 'destroyed');
      await cluster.until('the end of epoch 1 at its author', () => destroyed(a), 30);
      await cluster.until('the end of epoch 1 at its reader', () => destroyed(b), 30);
      await writeFile(join(from, 'ba.txt'), 'ba');
      await settled(cluster);
      expect(await readFile(join(to, 'ba.txt'), 'utf8')).toBe('ba');
    }),
);

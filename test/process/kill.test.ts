/**
 * A first sync while the daemons are killed again and again: nothing is lost, and each kill costs at most 8 MiB on the
 * wire. `DONGBO_KILL_FULL=1` takes the full measure; `DONGBO_SEED` repeats a run.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareTrees } from '#test/demo/compare-trees.ts';
import type { Cluster } from './cluster.ts';
import { Proxies } from './counting-proxy.ts';
import { writeMaterial } from './material.ts';
import { seededRandom } from './seeded.ts';
import { settled } from './settle.ts';
import { withCluster } from './with-cluster.ts';

const full = process.env.DONGBO_KILL_FULL === '1';
const { mebibytes, files, kills } = full
  ? { mebibytes: 1024, files: 5000, kills: 30 }
  : { mebibytes: 64, files: 500, kills: 8 };
const seed = Number(process.env.DONGBO_SEED ?? Math.floor(Math.random() * 2 ** 31));
const perKill = 8 * 1024 * 1024;
const minutes = full ? 30 : 5;
const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;

describe('SIGKILL at random moments', { timeout: minutes * 60_000 }, () => {
  let dir: string;
  let source: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'dongbo-kill-'));
    source = join(dir, 'source');
    await writeMaterial(source, mebibytes, files);
  }, minutes * 60_000);

  afterAll(() => rm(dir, { recursive: true, force: true }));

  /** First sync of a copy of the source; `during` runs beside it. Returns the bytes on the wire, both hops. */
  async function firstSync(during: (cluster: Cluster, wire: Proxies) => Promise<void>): Promise<number> {
    await using proxies = new Proxies();
    await withCluster({ route: 'relay', via: proxies.via }, async (cluster) => {
      const [a, b] = cluster.folders;
      execFileSync('cp', ['-a', '--', `${source}/.`, a]);
      cluster.start();
      await during(cluster, proxies);
      await settled(cluster, minutes * 60);
      for (const folder of [a, b]) expect((await compareTrees(source, folder)).differences).toEqual([]);
    });
    return proxies.bytes;
  }

  it(`loses nothing and sends little again, ${kills} kills, seed ${seed}`, async () => {
    const clean = await firstSync(async () => undefined);
    const random = seededRandom(seed);
    const moments = Array.from({ length: kills }, () => random() * 0.95 * clean).sort((x, y) => x - y);
    const killed = await firstSync(async (cluster, wire) => {
      for (const moment of moments) {
        await cluster.until(`${mb(moment)} on the wire`, async () => wire.bytes >= moment, minutes * 60);
        await delay(random() * 300);
        const victim = cluster.daemons[Math.floor(random() * cluster.daemons.length)];
        await victim?.stop('SIGKILL');
        victim?.start();
      }
    });
    const excess = killed - clean;
    const figures = `clean ${mb(clean)}, killed ${mb(killed)}, excess ${mb(excess)}, per kill ${mb(excess / kills)}`;
    console.log(`seed ${seed}, ${kills} kills: ${figures}`);
    expect(excess).toBeLessThanOrEqual(kills * perKill);
  });
});

/** SIGTERM while data flows: each daemon puts everything down and ends with code 0; the next start goes on. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Proxies } from './counting-proxy.ts';
import { writeLarge } from './material.ts';
import { settled } from './settle.ts';
import { withCluster } from './with-cluster.ts';

const limit = 240_000;
const mebibyte = 1024 * 1024;

/** Code 0 also means in time: a daemon that takes longer ends itself with DRAIN_TIMEOUT and code 1. */
it.each(['relay', 'direct'] as const)(
  'SIGTERM drains during a transfer, route %s',
  (route) => runDrain(route),
  limit,
);

async function runDrain(route: 'relay' | 'direct'): Promise<void> {
  await using proxies = new Proxies();
  await withCluster({ route, via: proxies.via }, async (cluster) => {
    await writeLarge(join(cluster.folders[0], 'bản quét.bin'), 96);
    cluster.start();
    for (const [i, daemon] of cluster.daemons.entries()) {
      const moment = (i + 1) * 12 * mebibyte;
      await cluster.until('the transfer', async () => proxies.bytes > moment);
      expect(await daemon.stop('SIGTERM'), `exit code of ${daemon.options.agency}`).toBe(0);
      daemon.start();
    }
    await settled(cluster);
  });
}

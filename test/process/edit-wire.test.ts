/** One byte at the front of a large file: what it costs on the wire. `DONGBO_FULL=1`: a file of 1 GiB. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { insertByteAtFront } from '#test/bench/material.ts';
import { Proxies } from './counting-proxy.ts';
import { writeLarge } from './material.ts';
import { settled } from './settle.ts';
import { withCluster } from './with-cluster.ts';

const mebibytes = process.env.DONGBO_FULL === '1' ? 1024 : 64;
const limitSeconds = 600;

it(
  `one byte inserted at the front of ${mebibytes} MiB sends at most 400 KB, both hops together`,
  async () => {
    await using proxies = new Proxies();
    await withCluster({ route: 'relay', via: proxies.via }, async (cluster) => {
      const [a, b] = cluster.folders;
      await writeLarge(join(a, 'bản quét.bin'), mebibytes);
      cluster.start();
      await settled(cluster, limitSeconds);
      const before = proxies.bytes;
      await insertByteAtFront(join(a, 'bản quét.bin'));
      const { size } = await stat(join(a, 'bản quét.bin'));
      const hasArrived = async () => (await stat(join(b, 'bản quét.bin'))).size === size;
      await cluster.until('the edit at B', hasArrived, limitSeconds);
      await settled(cluster, limitSeconds);
      console.log(`${mebibytes} MiB, one byte inserted: ${proxies.bytes - before} bytes on the wire`);
      expect(proxies.bytes - before).toBeLessThanOrEqual(400_000);
    });
  },
  limitSeconds * 1000,
);

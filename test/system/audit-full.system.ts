/** The disk of the audit log is full, really: sharing stops within a cycle, and goes on when there is room (R22, R23). */
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Daemon } from '#test/process/daemon.ts';
import { settled } from '#test/process/settle.ts';
import { withCluster } from '#test/process/with-cluster.ts';
import { run } from './tools.ts';

const haltOf = async (daemon: Daemon): Promise<string | undefined> =>
  (await daemon.status())?.spaces[0]?.halt?.code;

/** Fills a file system to the last byte. */
async function fill(file: string): Promise<void> {
  for (const size of [65_536, 4096, 512, 1])
    while (
      run('dd', 'if=/dev/zero', `of=${file}`, `bs=${size}`, 'count=1', 'oflag=append', 'conv=notrunc')
        .status === 0
    );
}

it('stops while the disk of the log is full, and goes on by itself', { timeout: 240_000 }, (context) =>
  withCluster({ route: 'direct' }, async (cluster) => {
    const { a } = cluster;
    const dir = join(a.state, 'audit');
    await writeFile(join(cluster.folders[0], 'first.txt'), 'first');
    cluster.start();
    await settled(cluster);
    await a.stop();
    await rename(dir, `${dir}.was`);
    await mkdir(dir, { mode: 0o700 });
    const mounted = run('mount', '-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'tmpfs', dir);
    if (mounted.status !== 0) context.skip(`NOT RUN: no right to mount a tmpfs: ${mounted.stderr.trim()}`);
    try {
      await cp(`${dir}.was`, dir, { recursive: true });
      a.start();
      await settled(cluster);
      const ballast = join(dir, 'ballast');
      await fill(ballast);
      const full = performance.now();
      let written = 0;
      await cluster.until('the halt', async () => {
        if ((await haltOf(a)) === 'AUDIT_UNWRITABLE') return true;
        await writeFile(join(cluster.folders[0], `full ${written++}.txt`), 'full');
        await delay(150);
        return false;
      });
      console.log(`halted ${((performance.now() - full) / 1000).toFixed(1)} s after the disk was full`);
      const there = await readdir(cluster.folders[1]);
      await writeFile(join(cluster.folders[0], 'while it is full.txt'), 'x');
      await delay(5_000);
      expect(await readdir(cluster.folders[1])).toEqual(there);
      expect((await a.status())?.spaces[0]?.details).toMatchObject({ errno: 'ENOSPC' });
      await rm(ballast);
      await settled(cluster);
      expect(await haltOf(a)).toBeUndefined();
      expect(await readdir(cluster.folders[1])).toContain('while it is full.txt');
      const verify = await a.dongbo('audit', 'verify', '--config', a.configFile);
      expect(verify).toContain('whole and unchanged');
    } finally {
      await a.stop();
      run('umount', dir);
    }
  }),
);

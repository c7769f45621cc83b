/** dongbo on the four works: real daemons, through the relay and directly. */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inStep, wireBytes } from '#test/demo/progress.ts';
import { Cluster, type Route } from '#test/process/cluster.ts';
import { insertByteAtFront } from './material.ts';
import { type Measured, median } from './measured.ts';

const limitSeconds = 900;

/** First copy of what stands in `source`: from the start of the daemons to both saying that they are in step. */
export async function ourFirstSync(dir: string, source: string, route: Route): Promise<[Cluster, Measured]> {
  const cluster = await Cluster.create({ dir, route, source });
  const started = performance.now();
  cluster.start();
  await cluster.until('first copy in step', () => inStep(cluster), limitSeconds);
  const seconds = (performance.now() - started) / 1000;
  return [cluster, { seconds, wireBytes: await wireBytes(cluster) }];
}

/** One byte inserted at the front of `name`, until B holds the new file whole. */
export async function ourEdit(cluster: Cluster, name: string): Promise<Measured> {
  const [a, b] = cluster.folders;
  const before = await wireBytes(cluster);
  await insertByteAtFront(join(a, name));
  const { size } = await stat(join(a, name));
  const started = performance.now();
  await cluster.until('the edit at B', async () => (await stat(join(b, name))).size === size, limitSeconds);
  const seconds = (performance.now() - started) / 1000;
  await cluster.until('both in step', () => inStep(cluster), limitSeconds);
  return { seconds, wireBytes: (await wireBytes(cluster)) - before };
}

/** A small new file at A until it is on B's disk: the median of `rounds`. */
export async function ourLatency(dir: string, route: Route, rounds: number): Promise<Measured> {
  const source = join(dir, 'source');
  await mkdir(source, { recursive: true });
  await writeFile(join(source, 'đầu tiên.txt'), 'x');
  const [cluster] = await ourFirstSync(join(dir, 'nodes'), source, route);
  await using _ = cluster;
  return { seconds: await seenAt(cluster.folders, rounds) };
}

/** Writes `rounds` small files into the first folder and times each until it is in the second. */
export async function seenAt([a, b]: readonly [string, string], rounds: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    const name = `văn bản ${i}.txt`;
    const started = performance.now();
    await writeFile(join(a, name), `số ${i}\n`);
    while (!(await stat(join(b, name)).catch(() => undefined))?.size) {
      if (performance.now() > started + limitSeconds * 1000) throw new Error(`${name} did not arrive`);
      await delay(5);
    }
    times.push((performance.now() - started) / 1000);
    await delay(300);
  }
  return median(times);
}

/** `npm run demo`: two agencies and a relay on loopback. See README, "See it work". */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Cluster } from '#test/process/cluster.ts';
import { compareTrees } from './compare-trees.ts';
import { type DemoOptions, demoOptions, demoUsage } from './options.ts';
import { inStep, ProgressLine, wireBytes } from './progress.ts';
import { writeSampleDocuments } from './sample-documents.ts';
import { DiskSearch } from './search-disk.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function makeSource(dir: string, source: string | undefined): Promise<string> {
  const folder = join(dir, 'a', 'folder');
  await mkdir(join(folder, '..'), { recursive: true });
  if (source === undefined) {
    await writeSampleDocuments(folder);
    return folder;
  }
  if (!(await stat(source)).isDirectory()) throw new Error(`--source ${source} is not a folder`);
  execFileSync('cp', ['-a', '--', source, folder]);
  return folder;
}

async function showProgress(cluster: Cluster, until: () => boolean): Promise<void> {
  const line = new ProgressLine();
  const tty = process.stderr.isTTY;
  while (!until()) {
    const text = line.text(await cluster.a.status(), await cluster.b.status());
    process.stderr.write(tty ? `\r\u001b[K${text}` : `${text}\n`);
    for (let i = 0; i < (tty ? 4 : 20) && !until(); i += 1) await delay(100);
  }
  if (tty) process.stderr.write('\n');
}

async function syncOnce(cluster: Cluster, options: DemoOptions, search: DiskSearch): Promise<boolean> {
  const [a, b] = cluster.folders;
  const relay = cluster.relay?.options.dir ?? '';
  const started = performance.now();
  cluster.start();
  let done = false;
  const progress = showProgress(cluster, () => done);
  try {
    await cluster.until('both agencies in step', () => inStep(cluster), options.timeoutSeconds);
  } finally {
    done = true;
    await progress;
  }
  const seconds = (performance.now() - started) / 1000;
  const wire = await wireBytes(cluster);
  await cluster.noteMemory();
  say('in step; comparing both folders and searching the relay …');
  const { items, bytes, differences } = await compareTrees(a, b);
  const readable = await search.search(relay);
  for (const what of differences) say(`different: ${what}`);
  for (const what of readable.slice(0, 20)) say(`readable on the relay: ${what}`);
  for (const d of cluster.daemons)
    say(`memory of ${d.options.agency} (${d.options.role}), peak: ${(d.peakMemory / 1e6).toFixed(0)} MB`);
  say(
    `${search.patterns} names and samples searched for on the relay's disk; ${search.excused} are its own words`,
  );
  const identical = differences.length === 0;
  const relayReadable = readable.length > 0;
  const memory = Math.max(...cluster.daemons.map((d) => d.peakMemory));
  const report = {
    items,
    bytes,
    seconds: Number(seconds.toFixed(3)),
    wireBytes: wire,
    identical,
    relayReadable,
  };
  if (options.json) process.stdout.write(`${JSON.stringify({ ...report, peakMemoryBytes: memory })}\n`);
  else say(JSON.stringify(report));
  return identical && !relayReadable;
}

function explain(cluster: Cluster): void {
  const [a, b] = cluster.folders;
  say(`\nAgency A (H29.12)  folder ${a}\n                   ${cluster.a.statusUrl}/status`);
  say(`Agency B (H29.13)  folder ${b}\n                   ${cluster.b.statusUrl}/status`);
  say(`Relay    (H29)     ${cluster.relay?.statusUrl}/status`);
  say('\nThings to try:');
  say(`  echo "xin chào" > "${a}/thử.txt"     and look into ${b}`);
  say(`  edit the same file in both folders at once: both versions stay, one as "… (xung đột …)"`);
  say(`  rm a file in B: it goes to .dongbo/trash in A`);
  say(`  grep -r "xin chào" "${cluster.relay?.options.dir}": the relay can read nothing`);
  say('\nCtrl-C stops everything.\n');
}

async function stayUp(cluster: Cluster): Promise<void> {
  let stop = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (stop = true));
  cluster.start();
  await cluster.ready();
  explain(cluster);
  await showProgress(cluster, () => stop);
}

function readOptions(): DemoOptions | 'help' {
  try {
    return demoOptions(process.argv.slice(2));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
    return 'help';
  }
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === 'help') return say(demoUsage);
  const dir = await mkdtemp(join(tmpdir(), 'dongbo-demo-'));
  say(`preparing two agencies and a relay in ${dir} …`);
  try {
    const source = await makeSource(dir, options.source);
    await using cluster = await Cluster.create({ dir, route: 'relay', source });
    if (!options.once) return await stayUp(cluster);
    const search = new DiskSearch();
    await search.learn(source);
    const { relay } = cluster;
    relay?.start();
    await relay?.ready();
    await relay?.stop();
    await search.excuse(relay?.options.dir ?? '');
    await search.excuse(join(import.meta.dirname, '../../agent'));
    process.exitCode = (await syncOnce(cluster, options, search)) ? 0 : 1;
  } finally {
    if (!options.keep) await rm(dir, { recursive: true, force: true });
  }
}

await main();

/**
 * `npm run bench -- [first-sync] [small-files] [edit] [latency] [--peers] [--json FILE] [--size MIB] [--files N]`:
 * the four works of our comparison table, ours through the relay and directly, and with --peers rsync over ssh and
 * Syncthing in the same run. Ratios are the peer's seconds over ours: above 1 we are faster.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Route } from '#test/process/cluster.ts';
import { writeRandomFile, writeSmallFiles } from './material.ts';
import type { Results, Work } from './measured.ts';
import { type BenchOptions, benchOptions, benchUsage } from './options.ts';
import { ourEdit, ourFirstSync, ourLatency } from './ours.ts';
import { benchPadding } from './padding.ts';
import { rsyncWorks, syncthingWorks } from './peers.ts';
import { printTable } from './table.ts';

export interface Material {
  readonly dir: string;
  readonly wanted: ReadonlySet<Work>;
  /** Makes the one large file in `folder` and returns its name and size. */
  readonly large: (folder: string) => Promise<{ name: string; bytes: number }>;
  readonly small: (folder: string) => Promise<{ files: number; bytes: number }>;
  readonly rounds: number;
}

function makeMaterial(dir: string, { wanted, rounds, sizeBytes, files }: BenchOptions): Material {
  return {
    dir,
    wanted,
    rounds,
    large: async (folder) => {
      await mkdir(folder, { recursive: true });
      writeRandomFile(join(folder, 'lớn.bin'), sizeBytes, 1);
      return { name: 'lớn.bin', bytes: sizeBytes };
    },
    small: async (folder) => {
      await mkdir(folder, { recursive: true });
      return { files, bytes: writeSmallFiles(folder, files) };
    },
  };
}

async function ourWorks(m: Material, route: Route, results: Results): Promise<void> {
  const mine: Results[string] = {};
  results[`dongbo (${route})`] = mine;
  if (m.wanted.has('first-sync') || m.wanted.has('edit')) {
    const source = join(m.dir, `ours-${route}-large`);
    const { name } = await m.large(source);
    const [cluster, first] = await ourFirstSync(join(m.dir, `ours-${route}-1`), source, route);
    await using _ = cluster;
    if (m.wanted.has('first-sync')) mine['first-sync'] = first;
    if (m.wanted.has('edit')) mine.edit = await ourEdit(cluster, name);
  }
  if (m.wanted.has('small-files')) {
    const source = join(m.dir, `ours-${route}-small`);
    await m.small(source);
    const [cluster, first] = await ourFirstSync(join(m.dir, `ours-${route}-2`), source, route);
    await cluster[Symbol.asyncDispose]();
    mine['small-files'] = first;
  }
  if (m.wanted.has('latency'))
    mine.latency = await ourLatency(join(m.dir, `ours-${route}-3`), route, m.rounds);
}

async function runBench(options: BenchOptions): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'dongbo-bench-'));
  const results: Results = {};
  try {
    const material = makeMaterial(dir, options);
    for (const route of ['relay', 'direct'] as const) await ourWorks(material, route, results);
    if (options.peers) {
      await rsyncWorks(material, results);
      await syncthingWorks(material, results);
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  printTable(results);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
}

function readOptions(): BenchOptions | 'help' {
  try {
    return benchOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
    return 'help';
  }
}

const options = readOptions();
if (options === 'help') process.stderr.write(`${benchUsage}\n`);
else if (options.padding !== undefined) benchPadding(options.padding, options.json);
else await runBench(options);

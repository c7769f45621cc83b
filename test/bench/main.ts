/**
 * `npm run bench -- [first-sync] [small-files] [edit] [latency] [--peers] [--json FILE] [--size MIB] [--files N]`:
 * the four works of our comparison table, ours through the relay and directly, and with --peers rsync over ssh and
 * Syncthing in the same run. Ratios are the peer's seconds over ours: above 1 we are faster.
 */
import { rm, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Route } from '#test/process/cluster.ts';
import { writeRandomFile, writeSmallFiles } from './material.ts';
import { type Results, type Work, works } from './measured.ts';
import { ourEdit, ourFirstSync, ourLatency } from './ours.ts';
import { rsyncWorks, syncthingWorks } from './peers.ts';
import { printTable } from './table.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: 'boolean', default: false },
    json: { type: 'string' },
    size: { type: 'string', default: '1024' },
    files: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '21' },
  },
});

export interface Material {
  readonly dir: string;
  readonly wanted: ReadonlySet<Work>;
  /** Makes the one large file in `folder` and returns its name and size. */
  readonly large: (folder: string) => Promise<{ name: string; bytes: number }>;
  readonly small: (folder: string) => Promise<{ files: number; bytes: number }>;
  readonly rounds: number;
}

function wantedWorks(): ReadonlySet<Work> {
  const unknown = positionals.filter((p) => !works.some((w) => w === p));
  if (unknown.length > 0) throw new Error(`unknown work ${unknown.join(', ')}: one of ${works.join(', ')}`);
  return new Set(works.filter((w) => positionals.length === 0 || positionals.includes(w)));
}

function makeMaterial(dir: string): Material {
  const bytes = Number(values.size) * 1024 * 1024;
  return {
    dir,
    wanted: wantedWorks(),
    rounds: Number(values.rounds),
    large: async (folder) => {
      await mkdir(folder, { recursive: true });
      writeRandomFile(join(folder, 'lớn.bin'), bytes, 1);
      return { name: 'lớn.bin', bytes };
    },
    small: async (folder) => {
      await mkdir(folder, { recursive: true });
      return { files: Number(values.files), bytes: writeSmallFiles(folder, Number(values.files)) };
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

const dir = await mkdtemp(join(tmpdir(), 'dongbo-bench-'));
const results: Results = {};
try {
  const material = makeMaterial(dir);
  for (const route of ['relay', 'direct'] as const) await ourWorks(material, route, results);
  if (values.peers) {
    await rsyncWorks(material, results);
    await syncthingWorks(material, results);
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}
printTable(results);
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, undefined, 2)}\n`);

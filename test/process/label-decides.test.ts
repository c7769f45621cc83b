/** Three agencies, every label: each gets exactly what `dongbo explain` says, and nobody what it says not. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exists } from '#agent/seal/files.ts';
import type { Daemon } from './daemon.ts';
import {
  allFiles,
  compareAll,
  explained,
  has,
  labelRules,
  openFiles,
  openLabels,
  write,
} from './every-label.ts';
import { plunder } from './thief.ts';
import { Trio } from './trio.ts';

const limit = 240_000;
let trio: Trio;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dongbo-labels-'));
  const label = 'CONFIDENTIAL+PD:SENSITIVE';
  trio = await Trio.create({ dir: join(dir, 'nodes'), labels: labelRules, label });
  for (const name of allFiles) await write(trio, name);
  await trio.start();
}, limit);

afterAll(async () => {
  await trio?.[Symbol.asyncDispose]();
  if (!process.env.DONGBO_KEEP) await rm(dir, { recursive: true, force: true });
}, limit);

const isThere = (daemon: Daemon, name: string) => exists(trio.file(daemon, name));

it('each member has exactly what explain says, the rest is withheld', { timeout: limit }, async () => {
  const last = openFiles.at(-1) ?? '';
  await trio.until('the last file at B', () => has(trio, trio.b, last));
  await trio.settled();
  expect(allFiles).toHaveLength(40);
  // C: PUBLIC, INTERNAL, RESTRICTED, each without and with basic personal data, two files each. No secrets: no device.
  expect(await compareAll(trio)).toEqual({ b: 24, c: 12 });
  // What C may not read is told apart from what is not there: 12 files and their 6 folders.
  expect((await trio.c.status())?.spaces[0]?.withheldRecords).toBe(18);
  expect((await trio.b.status())?.spaces[0]?.withheldRecords).toBe(0);
});

it('a raised label withdraws the item from C, and leaves it with B', { timeout: limit }, async () => {
  const { a, b, c } = trio;
  const name = 'INTERNAL-NONE/một.txt';
  const decision = ['--decided-by', 'Lê Thị Hoa', '--decision-ref', '12/QĐ-SNV'];
  await a.dongbo(
    'label',
    'set',
    trio.file(a, name),
    '--sensitivity',
    'CONFIDENTIAL',
    ...decision,
    '--config',
    a.configFile,
  );
  await trio.until('the item to be withdrawn', async () => !(await isThere(c, name)));
  await trio.settled();
  expect(await has(trio, b, name)).toBe(true);
  expect((await explained(trio, name))[c.options.agency]).toMatch(/^withheld \(READER_NOT_CLEARED, R12\)$/);
  expect(await isThere(c, 'INTERNAL-NONE/hai.txt')).toBe(true);
});

it('C removed reads nothing new with all its keys and the whole disk of the relay', {
  timeout: limit,
}, async () => {
  const { a, b, c, relay } = trio;
  const had = openFiles.filter((name) => /^(PUBLIC|INTERNAL|RESTRICTED)-(NONE|BASIC)/.test(name));
  await c.stop();
  await trio.removeC();
  const fresh = openLabels.map(({ dir: at }) => `${at}/mới.txt`);
  for (const name of fresh) await write(trio, name);
  for (const name of fresh) await trio.until(`${name} at B`, () => has(trio, b, name));
  await trio.settled([a, b]);
  const exposed = await a.dongbo(
    'keys',
    'exposed',
    '--member',
    await c.node(),
    '--format',
    'json',
    '--config',
    a.configFile,
  );
  for (const daemon of trio.daemons) await daemon.stop();

  const thief = { state: c.state, node: await c.node() };
  const disk = { state: relay.state, node: await relay.node() };
  const loot = await plunder({ relay: disk, thief, space: trio.space }, await mkdtemp(join(dir, 'thief-')));
  const opened = loot.paths.filter((path) => path.includes('.txt')).sort();
  expect(loot.secrets).toBe(6);
  expect(opened).toEqual(had.filter((name) => name !== 'INTERNAL-NONE/một.txt').sort());
  expect(loot.openedChunks).toBe(had.length - 1);
  expect(loot.chunks).toBeGreaterThan(loot.openedChunks);
  expect(namesIn(exposed).sort()).toEqual([...had].sort());
  // B with its keys and the same disk reads all of it: the search finds what there is to find.
  const all = await plunder(
    { relay: disk, thief: { state: b.state, node: await b.node() }, space: trio.space },
    await mkdtemp(join(dir, 'thief-')),
  );
  expect(all.paths).toHaveLength(all.records);
  expect(all.openedChunks).toBe(all.chunks);
});

/** Paths of items in lines of JSON. */
const namesIn = (lines: string): string[] => {
  const paths = lines.split('\n').map((line) => (JSON.parse(line) as { path?: string }).path ?? '');
  return [...new Set(paths.filter((path) => path.endsWith('.txt')))];
};

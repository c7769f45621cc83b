/** Three agencies, every label: each gets exactly what `dongbo explain` says, and nobody what it says not. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exists } from '#agent/seal/files.ts';
import type { Daemon } from './daemon.ts';
import { plunder } from './thief.ts';
import { Trio } from './trio.ts';

const limit = 240_000;
const sensitivities = ['PUBLIC', 'INTERNAL', 'RESTRICTED', 'CONFIDENTIAL'];
const personal = ['NONE', 'BASIC', 'SENSITIVE'];
const open = sensitivities.flatMap((s) => personal.map((p) => ({ dir: `${s}-${p}`, s, p })));
const secret = ['MAT', 'TOI_MAT', 'TUYET_MAT'];

/** 24 files that are no secrets, 12 that are, 4 without a label: 40. */
const openFiles = open.flatMap(({ dir }) => [`${dir}/một.txt`, `${dir}/hai.txt`]);
const secretFiles = secret.flatMap((s) => [1, 2, 3, 4].map((i) => `${s}/văn bản ${i}.txt`));
const bareFiles = [1, 2, 3, 4].map((i) => `chưa phân loại/${i}.txt`);
const files = [...openFiles, ...secretFiles, ...bareFiles];

const labels = [
  ...open.map(({ dir, s, p }) => `      - { path: "/${dir}/", sensitivity: ${s}, personalData: ${p} }`),
  ...secret.map(
    (s) =>
      `      - { path: "/${s}/", sensitivity: CONFIDENTIAL, secrecy: ${s}, decidedBy: Trần Văn Bảo, decisionRef: 7/QĐ }`,
  ),
];

let trio: Trio;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dongbo-labels-'));
  trio = await Trio.create({ dir: join(dir, 'nodes'), labels, label: 'CONFIDENTIAL+PD:SENSITIVE' });
  for (const name of files) await write(name, `Nội dung của ${name}`);
  await trio.start();
}, limit);

afterAll(async () => {
  await trio?.[Symbol.asyncDispose]();
  if (!process.env.DONGBO_KEEP) await rm(dir, { recursive: true, force: true });
}, limit);

async function write(name: string, text: string): Promise<void> {
  const file = trio.file(trio.a, name);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, text);
}

/** What `dongbo explain` at A says of a path: for each agency whether it gets it. */
async function explained(name: string): Promise<Readonly<Record<string, string>>> {
  const text = await trio.a.dongbo('explain', trio.file(trio.a, name), '--config', trio.a.configFile);
  const lines = [...text.matchAll(/^(H29\.1[34]) [^:]+: (.*)$/gm)];
  return Object.fromEntries(lines.map(([, agency = '', says = '']) => [agency, says]));
}

const isThere = (daemon: Daemon, name: string) => exists(trio.file(daemon, name));

async function has(daemon: Daemon, name: string): Promise<boolean> {
  const text = await readFile(trio.file(daemon, name), 'utf8').catch(() => undefined);
  if (text !== undefined) expect(text).toBe(`Nội dung của ${name}`);
  return text !== undefined;
}

const agencyOf = ({ options }: Daemon) => options.agency;

it('each member has exactly what explain says, the rest is withheld', { timeout: limit }, async () => {
  expect(files).toHaveLength(40);
  const last = openFiles.at(-1) ?? '';
  await trio.until('the last file at B', () => has(trio.b, last));
  await trio.settled();
  const told = { gets: 0, withheld: 0 };
  for (const name of files) {
    const says = await explained(name);
    for (const member of [trio.b, trio.c]) {
      const gets = says[agencyOf(member)]?.startsWith('gets it') ?? false;
      expect(await has(member, name), `${name} at ${agencyOf(member)}: ${says[agencyOf(member)]}`).toBe(gets);
      if (!gets) expect(says[agencyOf(member)]).toMatch(/^withheld \([A-Z_]+, R\d\d\)$/);
      told[gets ? 'gets' : 'withheld'] += 1;
    }
  }
  // B: 24 of the 40. C: PUBLIC, INTERNAL, RESTRICTED, each without and with basic personal data, two files each: 12.
  expect(told).toEqual({ gets: 24 + 12, withheld: 80 - 36 });
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
  expect(await has(b, name)).toBe(true);
  expect((await explained(name))[agencyOf(c)]).toMatch(/^withheld \(READER_NOT_CLEARED, R12\)$/);
  expect(await isThere(c, 'INTERNAL-NONE/hai.txt')).toBe(true);
});

it('C removed reads nothing new with all its keys and the whole disk of the relay', {
  timeout: limit,
}, async () => {
  const { a, b, c, relay } = trio;
  const had = openFiles.filter((name) => /^(PUBLIC|INTERNAL|RESTRICTED)-(NONE|BASIC)/.test(name));
  await c.stop();
  await trio.removeC();
  const fresh = open.map(({ dir: at }) => `${at}/mới.txt`);
  for (const name of fresh) await write(name, `Nội dung của ${name}`);
  for (const name of fresh) await trio.until(`${name} at B`, () => has(b, name));
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

/** A configuration that is wrong, or that names what is not there. */
import { chmod, chown, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dongbo, dongboProcess } from './dongbo.ts';
import { Pair } from './pair.ts';
import { untilSpace } from './wait.ts';

let pair: Pair;
const nobody = 65_534;
const isRoot = process.geteuid?.() === 0;

beforeAll(async () => {
  pair = await Pair.create('agent');
});
afterAll(() => pair?.[Symbol.asyncDispose]());

const lines = (more: readonly string[] = []) =>
  [
    `state: ${pair.daemon.state}`,
    'status: { port: 0 }',
    'listen: { address: 127.0.0.1, port: 0 }',
    ...more,
  ].join('\n');

async function config(name: string, ...more: string[]): Promise<string> {
  const file = join(pair.dir, `${name}.yaml`);
  await writeFile(file, lines(more));
  return file;
}

const spaceWith = (folder: string) => `spaces: [{ space: ${pair.agreement.space}, folder: ${folder} }]`;

/** The unit does not start the service again after a 2: only a person can mend a configuration. A file that is not there may be on a disk that comes later. */
describe.each([
  ['check', 1],
  ['run', 2],
] as const)('dongbo %s', (command, code) => {
  test.each([
    ['an unknown key', 'rolle: relay', ['CONFIG_UNKNOWN_KEY', 'CONFIG_INVALID']],
    ['a wrong type', 'peers: H29.12', ['CONFIG_TYPE', 'CONFIG_INVALID']],
    ['a broken rule', 'role: hub', ['CONFIG_RULE', 'CONFIG_INVALID']],
    ['what is no YAML', 'peers: [', ['CONFIG_SYNTAX', 'CONFIG_INVALID']],
    ['a missing key', 'spaces: [{ folder: /srv/a }]', ['CONFIG_MISSING_KEY', 'CONFIG_INVALID']],
  ])('%s', async (_what, line, codes) => {
    const file = await config(`${command}-${codes[0]}`, line);
    const ended = await dongbo(command, '--config', file);
    expect(ended.err).toContain(`${file}:4:`);
    expect(ended).toMatchObject({ code, codes });
  });

  test('no file at all', async () => {
    const ended = await dongbo(command, '--config', join(pair.dir, 'none.yaml'));
    expect(ended).toMatchObject({ code: 1, codes: ['CONFIG_UNREADABLE'] });
  });
});

test('a folder that is missing', async () => {
  const file = await config('missing', spaceWith(join(pair.dir, 'no-folder')));
  const ended = await dongbo('check', '--config', file);
  expect(ended).toMatchObject({ code: 1, codes: ['CONFIG_FOLDER_MISSING'] });
  expect(ended.err).toContain(`${file}:4:`);
});

/** Root may read everything, so a process of another account is started; as anybody else, this one's own will do. */
test('a folder that may not be read', async () => {
  const folder = join(pair.dir, 'closed');
  await mkdir(folder);
  await chmod(folder, 0);
  if (isRoot) await giveTo(nobody);
  const file = await config('unreadable', spaceWith(folder));
  const ended = await dongboProcess(['check', '--config', file], isRoot ? nobody : undefined);
  if (isRoot) await giveTo(0);
  expect(ended).toMatchObject({ code: 1, codes: ['CONFIG_FOLDER_UNREADABLE'] });
  expect(ended.err).toContain('EACCES');
});

async function giveTo(uid: number): Promise<void> {
  for (const path of ['.', ...(await readdir(pair.dir, { recursive: true }))])
    if (!path.startsWith('closed')) await chown(join(pair.dir, path), uid, uid);
}

test('the running agent halts when its folder goes, and goes on when it is back', async () => {
  const folder = pair.daemon.options.folder ?? '';
  const { daemon } = pair;
  await writeFile(daemon.configFile, lines([spaceWith(folder)]));
  await rm(folder, { recursive: true });
  daemon.start();
  await daemon.ready();
  await untilSpace(pair, 'halted', ({ reason }) => reason === 'STORE_ROOT_GONE');
  await mkdir(folder);
  await untilSpace(pair, 'going on', ({ state }) => state !== 'halted');
  expect(await pair.log()).toMatch(/halt\.ended .*code=STORE_ROOT_GONE/);
});

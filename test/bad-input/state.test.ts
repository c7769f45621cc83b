/** A state directory that is not this node's, is damaged or in use, and keys that are gone or changed: never in silence. */
import { cp, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyFiles } from '#agent/seal/key-files.ts';
import { dongbo, dongboProcess } from './dongbo.ts';
import { Pair } from './pair.ts';
import { untilSpace } from './wait.ts';

let pair: Pair;
/** A state as an orderly end leaves it: what the first start wrote is in the log, and, after a second, in a table. */
let first: string;
let good: string;

beforeAll(async () => {
  pair = await Pair.create('agent');
  const { daemon } = pair;
  const { folder = '' } = daemon.options;
  for (let i = 0; i < 20; i++) await writeFile(join(folder, `${i}.txt`), `${i}`);
  daemon.start();
  await daemon.ready();
  await untilSpace(pair, 'all items', ({ items }) => items === 20);
  first = await stopped('first');
  daemon.start();
  await daemon.ready();
  good = await stopped('good');
});
afterAll(() => pair?.[Symbol.asyncDispose]());

async function stopped(name: string): Promise<string> {
  expect(await pair.daemon.stop()).toBe(0);
  const copy = join(pair.dir, name);
  const filter = (path: string) => !path.endsWith('.sock');
  await cp(pair.daemon.state, copy, { recursive: true, filter });
  return copy;
}

/** `dongbo run` on a copy of a good state that went through `harm`. */
async function runWith(
  name: string,
  harm: (state: string) => Promise<unknown>,
  { run = inProcess, from = good } = {},
) {
  const state = join(pair.dir, name);
  await cp(from, state, { recursive: true });
  await harm(state);
  const file = join(pair.dir, `${name}.yaml`);
  const { folder } = pair.daemon.options;
  const lines = [`state: ${state}`, 'status: { port: 0 }', 'log: { level: error }'];
  lines.push(`spaces: [{ space: ${pair.agreement.space}, folder: ${folder} }]`);
  await writeFile(file, lines.join('\n'));
  return run('run', '--config', file);
}

const inProcess = (...argv: string[]) => dongbo(...argv);
const ownProcess = (...argv: string[]) => dongboProcess(argv);

describe('keys', () => {
  test('missing, with a state that is not new', async () => {
    const harm = (state: string) => rm(join(state, 'keys'), { recursive: true });
    const ended = await runWith('k1', harm, { run: ownProcess });
    expect(ended).toMatchObject({ code: 1, codes: ['IDENTITY_MISSING'] });
  });

  test('made anew over the state of lost ones', async () => {
    const state = join(pair.dir, 'k2');
    await cp(good, state, { recursive: true });
    await rm(join(state, 'keys'), { recursive: true });
    const ended = await dongbo('init', '--state', state, '--agency', 'H29.13', '--name', 'Sở');
    expect(ended).toMatchObject({ code: 1, codes: ['INIT_STATE_EXISTS'] });
    expect(await readdir(state)).not.toContain('keys');
  });

  test('made anew over keys that are there', async () => {
    const ended = await dongbo('init', '--state', good, '--agency', 'H29.13', '--name', 'Sở');
    expect(ended).toMatchObject({ code: 1, codes: ['IDENTITY_EXISTS'] });
  });

  test('changed: the keys of another node with the state of this one', async () => {
    const ended = await runWith('k3', async (state) => {
      await rm(join(state, 'keys'), { recursive: true });
      await cp(join(pair.dir, 'other/state/keys'), join(state, 'keys'), { recursive: true });
    });
    expect(ended).toMatchObject({ code: 1, codes: ['STATE_FOREIGN'] });
  });

  test.each(keyFiles)('changed: only %s is of another node', async (file) => {
    const ended = await runWith(`one-${file}`, (state) =>
      cp(join(pair.dir, 'other/state/keys', file), join(state, 'keys', file)),
    );
    expect(ended).toMatchObject({ code: 1, codes: ['IDENTITY_DAMAGED'] });
  });
});

describe('the database', () => {
  const cut = async (state: string, pattern: RegExp) => {
    const names = (await readdir(join(state, 'db'))).filter((name) => pattern.test(name)).sort();
    const file = join(state, 'db', names.at(-1) ?? 'none');
    const { size } = await stat(file);
    expect(size).toBeGreaterThan(0);
    await truncate(file, Math.floor(size / 2));
  };

  test.each([
    ['CURRENT', /^CURRENT$/],
    ['manifest', /^MANIFEST/],
    ['table', /\.ldb$/],
    ['log', /\.log$/],
  ])('truncated: its %s', async (what, pattern) => {
    const from = what === 'log' ? first : good;
    const ended = await runWith(`cut-${what}`, (state) => cut(state, pattern), { from });
    expect(ended).toMatchObject({ code: 1, codes: ['STATE_DAMAGED'] });
  });

  test('gone, with its state file in place', async () => {
    const ended = await runWith('no-db', (state) => rm(join(state, 'db'), { recursive: true }));
    expect(ended).toMatchObject({ code: 1, codes: ['STATE_DAMAGED'] });
  });

  test('without its state file', async () => {
    const ended = await runWith('no-file', (state) => rm(join(state, 'state.json')));
    expect(ended).toMatchObject({ code: 1, codes: ['STATE_DAMAGED'] });
  });

  test('of a later version', async () => {
    const text = JSON.stringify({ format: 99 });
    const ended = await runWith('newer', (state) => writeFile(join(state, 'state.json'), text));
    expect(ended).toMatchObject({ code: 1, codes: ['STATE_NEWER'] });
  });

  test('of another node', async () => {
    const ended = await runWith(
      'foreign',
      async (state) => {
        await rename(join(state, 'keys'), join(state, 'keys.own'));
        await cp(join(pair.dir, 'other/state/keys'), join(state, 'keys'), { recursive: true });
      },
      { run: ownProcess },
    );
    expect(ended.codes).toEqual(['STATE_FOREIGN']);
  });
});

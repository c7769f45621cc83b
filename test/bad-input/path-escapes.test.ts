/** A valid but malicious publisher names items outside the folder: nothing of that is written, all else is. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HostilePublisher } from './hostile-publisher.ts';
import { Pair } from './pair.ts';
import { untilSpace } from './wait.ts';

let pair: Pair;
let hostile: HostilePublisher;

beforeAll(async () => {
  pair = await Pair.create('agent');
  pair.daemon.start();
  await pair.daemon.ready();
  const target = { url: pair.daemon.url, identity: await pair.identity() };
  hostile = await HostilePublisher.create(pair.other, pair.agreement, target);
});
afterAll(async () => {
  await hostile?.[Symbol.asyncDispose]();
  await pair?.[Symbol.asyncDispose]();
});

/** Every file below `dir` but those of dongbo itself. */
async function tree(dir: string): Promise<string[]> {
  const all = await readdir(dir, { recursive: true, withFileTypes: true });
  return all.map((e) => join(e.parentPath, e.name).slice(dir.length + 1)).sort();
}

const folderOf = () => pair.daemon.options.folder ?? '';

test('names that lead out of the folder', async () => {
  const before = (await tree(pair.dir)).filter((path) => !path.startsWith('node/state'));
  const escapes = [
    '../out.txt',
    'a/../../out.txt',
    join(pair.dir, 'out.txt'),
    './out.txt',
    'a//out.txt',
    'a/',
  ];
  const own = ['.dongbo/out.txt', '.dongbo/root.json', '.dongbo', 'nul\0out.txt', '', 'x'.repeat(300)];
  const bad = [...escapes, ...own];
  await hostile.grant();
  hostile.file('trước.txt', 'tốt');
  for (const path of bad) hostile.file(path, 'xấu');
  await hostile.file('sau.txt', 'tốt').push();
  await hostile.connect();
  const space = await untilSpace(pair, 'all refused', (s) => s.items === 2 && s.reason === 'ITEM_PROBLEMS');
  expect(space).toMatchObject({ state: 'waiting', pending: 0, problemCodes: { PATH_ESCAPES: bad.length } });
  expect(space.problems).toBe(bad.length);
  for (const name of ['trước.txt', 'sau.txt'])
    expect(await readFile(join(folderOf(), name), 'utf8')).toBe('tốt');
  const after = (await tree(pair.dir)).filter((path) => !path.startsWith('node/state'));
  const made = after.filter((path) => !before.includes(path) && !path.startsWith('folder/.dongbo/'));
  expect(made.sort()).toEqual(['folder/sau.txt', 'folder/trước.txt']);
  expect(await readFile(join(folderOf(), '.dongbo/root.json'), 'utf8')).toContain(pair.agreement.space);
});

test('items beneath links that lead out of the folder', async () => {
  const outside = join(pair.dir, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'precious.txt'), 'của người khác');
  await hostile.link('exit', outside).link('up', '..').link('own', '.dongbo').push();
  const { problems } = await untilSpace(pair, 'the links', (s) => s.items === 5);
  for (const path of ['exit/new.txt', 'exit/deep/new.txt', 'exit/precious.txt', 'up/new.txt', 'own/new.txt'])
    hostile.file(path, 'xấu');
  await hostile.dir('exit/made').file('cuối.txt', 'tốt').push();
  const space = await untilSpace(
    pair,
    'the items beneath',
    (s) => s.items === 6 && s.problems === problems + 6,
  );
  expect(space.problemCodes.PATH_ESCAPES).toBe(space.problems);
  expect(space.state).not.toBe('in-step');
  expect(await tree(outside)).toEqual(['precious.txt']);
  expect(await readFile(join(outside, 'precious.txt'), 'utf8')).toBe('của người khác');
  expect((await tree(pair.dir)).filter((path) => path.endsWith('new.txt'))).toEqual([]);
  const listed = await pair.daemon.dongbo('status', '--problems', '--config', pair.daemon.configFile);
  expect(listed).toContain('"exit/deep/new.txt"');
});

test('a delete beneath a link, and a directory that becomes a link while it has items', async () => {
  const outside = join(pair.dir, 'outside');
  await hostile.gone('exit/precious.txt').dir('box').file('box/a.txt', 'tốt').push();
  await untilSpace(pair, 'the box', (s) => s.items === 8);
  const before = await hostile.receiptSeq();
  await hostile.link('box', outside).file('box/b.txt', 'xấu').file('xong.txt', 'tốt').push();
  await untilSpace(pair, 'other items go on', () => existsSync(join(folderOf(), 'xong.txt')));
  expect(await tree(outside)).toEqual(['precious.txt']);
  // Neither stalls in silence, nor counts as received.
  const space = await untilSpace(pair, 'the box is named', (s) => s.problemCodes.TREE_CONTRADICTS === 1);
  expect(space.state).not.toBe('in-step');
  expect(await hostile.receiptSeq()).toBe(before);
});

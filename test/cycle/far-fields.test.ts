/** What a disk may hold and the format may not: never a fault of the node, and a problem of the item alone at most. */
import { access, constants, lstat, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { decodeRow, encodeRow } from '#agent/feed/row-codec.ts';
import { diskStat } from '#agent/sys/disk-stat.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { agree } from './node.ts';
import { SpaceNode, type SpaceNodeOptions } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

/** A disk in memory holds every year; others clamp some, and then there is less to see. */
const anyYear = () =>
  access('/dev/shm', constants.W_OK).then(
    () => '/dev/shm',
    () => undefined,
  );

async function pair(more: Partial<SpaceNodeOptions> = {}) {
  const { parties, agreement } = await agree(
    ['H29.12', 'publish', 'subscribe'],
    ['H29.13', 'publish', 'subscribe'],
  );
  const nodes: SpaceNode[] = [];
  for (const me of parties.slice(0, 2)) {
    const dir = await temporaryDir(await anyYear());
    const sources = () => nodes;
    const first = nodes.length === 0 ? more : {};
    const node = await SpaceNode.open({ me, agreement, dir: dir.path, sources, ...first });
    nodes.push(node);
    cleanup.push(dir, node);
  }
  const [a, b] = nodes as [SpaceNode, SpaceNode];
  const sync = async () => {
    await a.settle();
    await a.bring(b);
    await b.settle();
    await b.bring(a);
    await a.settle();
  };
  return { a, b, sync };
}

const seconds = (year: number) => Date.UTC(year, 5, 1) / 1000;
const mtimeOf = async (path: string) => (await nodeDisk.lstat(path)).mtimeNs;

it.each([2300, 3000, 1650])('a file of the year %i is shared, with the nearest time', async (year) => {
  const { a, b, sync } = await pair();
  await writeFile(a.at('ảnh.jpg'), 'ảnh');
  await utimes(a.at('ảnh.jpg'), seconds(year), seconds(year));
  await symlink('ảnh.jpg', a.at('liên kết'));
  await sync();
  await writeFile(a.at('sau đó.txt'), 'mới');
  await sync();
  expect(await mtimeOf(b.at('ảnh.jpg'))).toBe(await mtimeOf(a.at('ảnh.jpg')));
  expect((await lstat(b.at('liên kết'))).isSymbolicLink()).toBe(true);
  expect((await lstat(b.at('sau đó.txt'))).isFile()).toBe(true);
  expect([await a.problems(), await b.problems()]).toEqual([{}, {}]);
  // It is no change at any later look, at neither end.
  const published = [await a.published(), await b.published()];
  await sync();
  await sync();
  expect([await a.published(), await b.published()]).toEqual(published);
  await rm(a.at('ảnh.jpg'));
  await sync();
  await expect(lstat(b.at('ảnh.jpg'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('what a stat says beyond what can be kept is the nearest that can be', () => {
  const no = () => false;
  const kind = { isFile: () => true, isDirectory: no, isSymbolicLink: no, isSocket: no, isFIFO: no };
  const far = { mode: 0o100644n, size: 2n ** 63n - 1n, mtimeNs: 2n ** 70n, ctimeNs: -(2n ** 70n) };
  const ids = { ino: 2n ** 64n - 1n, dev: 1n, nlink: 1n };
  const { size, mtimeNs, ctimeNs, ino, mode } = diskStat({ ...kind, ...far, ...ids } as never);
  expect([mtimeNs, ctimeNs, size]).toEqual([2n ** 63n - 1n, -(2n ** 63n), Number.MAX_SAFE_INTEGER]);
  const facts = { size, mtimeNs, ctimeNs, ino, mode };
  const row = { local: { state: { kind: 'dir', mode: 0o755 }, facts } } as const;
  expect(decodeRow(encodeRow(row))).toEqual(row);
});

it.each(['\ufefftên.txt', 'a\u202eb', '\u{10ffff}'])('a file with the name %j', async (name) => {
  const { a, b, sync } = await pair();
  await writeFile(a.at(name), 'x');
  await writeFile(a.at('khác'), 'y');
  await sync();
  expect((await lstat(b.at('khác'))).isFile()).toBe(true);
  const here = await lstat(b.at(name)).catch(() => undefined);
  expect(here !== undefined || name in (await a.problems())).toBe(true);
  await rm(a.at(name));
  await sync();
  expect(await a.problems()).toEqual({});
});

/** Scan against index: only a whole listing of the known root may say that something is gone. */
import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import type { Observation } from '#agent/store/scan.ts';
import { type Fault, faultyDisk } from './faulty-disk.ts';
import { type FolderUnderTest, openFolder } from './folder-under-test.ts';
import { MemoryIndex } from './memory-index.ts';
import { scan } from './mirror.ts';

const failure = (code: string) => expect.objectContaining({ code });

async function put(folder: FolderUnderTest, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(folder.at(path)), { recursive: true });
    await writeFile(folder.at(path), path);
  }
}

/** `changed a`, `gone b`, `problem c CODE`; the unchanged are left out. */
const told = (seen: Observation[]): string[] =>
  seen.flatMap((o) => {
    if (o.type === 'same') return [];
    if (o.type === 'problem') return [`problem ${o.problem.path} ${o.problem.code}`];
    return [`${o.type} ${o.type === 'changed' ? o.found.path : o.path}`];
  });

async function scanned(faults: Fault[] = [], exclude: string[] = []) {
  const folder = await openFolder({ ...faultyDisk(faults), exclude });
  await put(folder, 'a/b/c', 'a/b/d', 'a/e', 'f');
  await folder.store.adopt();
  const index = new MemoryIndex();
  await scan(folder.store, index);
  return { folder, index };
}

it('tells each item once, parents first, then nothing', async () => {
  await using folder = await openFolder();
  await put(folder, 'a/b/c', 'a/e', 'f');
  await symlink('f', folder.at('g'));
  const index = new MemoryIndex();
  const seen = told(await scan(folder.store, index));
  expect(seen).toEqual([
    'changed a',
    'changed f',
    'changed g',
    'changed a/b',
    'changed a/e',
    'changed a/b/c',
  ]);
  const again = await scan(folder.store, index);
  expect(again.map(({ type }) => type)).toEqual(Array.from({ length: 6 }, () => 'same'));
});

it('tells changes of content, time, kind and target', async () => {
  const { folder, index } = await scanned();
  await using _folder = folder;
  await symlink('x', folder.at('l'));
  await scan(folder.store, index);
  await utimes(folder.at('a/e'), 1, 1);
  await unlink(folder.at('l'));
  await symlink('y', folder.at('l'));
  await rm(folder.at('a/b'), { recursive: true });
  await writeFile(folder.at('a/b'), 'now a file');
  expect(told(await scan(folder.store, index))).toEqual([
    'changed l',
    'changed a/b',
    'changed a/e',
    'gone a/b/c',
    'gone a/b/d',
  ]);
  expect(told(await scan(folder.store, index))).toEqual([]);
});

it('tells what is gone, with all that was beneath', async () => {
  const { folder, index } = await scanned();
  await using _folder = folder;
  await rm(folder.at('a'), { recursive: true });
  const seen = told(await scan(folder.store, index));
  expect(seen).toEqual(['gone a', 'gone a/b', 'gone a/e', 'gone a/b/c', 'gone a/b/d']);
  expect(told(await scan(folder.store, index))).toEqual([]);
});

it('finds what remained beneath a directory that the index already holds for gone', async () => {
  const { folder, index } = await scanned();
  await using _folder = folder;
  await rm(folder.at('a'), { recursive: true });
  for (const path of ['a', 'a/b']) index.rows.set(path, { local: { state: { kind: 'gone' } } });
  expect(told(await scan(folder.store, index))).toEqual(['gone a/e', 'gone a/b/c', 'gone a/b/d']);
});

it('takes a failed listing for one problem and no delete', async () => {
  const faults: Fault[] = [];
  const { folder, index } = await scanned(faults);
  await using _folder = folder;
  await unlink(folder.at('a/b/c'));
  faults.push({ call: 'list', path: '/a/b', errno: 'EIO' });
  expect(told(await scan(folder.store, index))).toEqual(['problem a/b STORE_LIST_FAILED']);
  faults.splice(0);
  expect(told(await scan(folder.store, index))).toEqual(['gone a/b/c']);
});

it('stops when the root cannot be listed', async () => {
  const faults: Fault[] = [];
  const { folder, index } = await scanned(faults);
  await using _folder = folder;
  faults.push({ call: 'list', path: folder.root, errno: 'EIO' });
  await expect(scan(folder.store, index)).rejects.toThrow(failure('STORE_LIST_FAILED'));
});

it('stops before the first delete when the root was swapped during the scan', async () => {
  const { folder, index } = await scanned();
  await using _folder = folder;
  await rename(folder.root, `${folder.root} unmounted`);
  await mkdir(folder.root);
  await expect(scan(folder.store, index)).rejects.toThrow(failure('STORE_ROOT_FOREIGN'));
  expect(Object.keys(index.view())).toContain('a/b/c');
});

it('leaves alone what cannot be looked at or has become special', async () => {
  const faults: Fault[] = [{ call: 'lstat', path: '/a/e', errno: 'EACCES' }];
  const { folder, index } = await scanned();
  await using _folder = folder;
  const blind = await folder.reopen(faultyDisk(faults));
  await unlink(folder.at('f'));
  execFileSync('mkfifo', [folder.at('f')]);
  const seen = told(await scan(blind, index));
  expect(seen).toEqual(['problem f STORE_SPECIAL_FILE', 'problem a/e STORE_LOOK_FAILED']);
});

it('leaves alone what is excluded, on disk or not', async () => {
  const { folder, index } = await scanned();
  await using _folder = folder;
  const excluding = await folder.reopen({ exclude: ['b/', 'f'] });
  await put(folder, 'a/b/new');
  await unlink(folder.at('f'));
  await rm(folder.at('a/b/c'));
  expect(told(await scan(excluding, index))).toEqual([]);
  expect(told(await scan(excluding, index, 'a/b'))).toEqual([]);
  await rm(folder.at('a'), { recursive: true });
  expect(told(await scan(excluding, index))).toEqual(['gone a', 'gone a/e']);
});

it('looks at one directory only, and into what is new or replaced there', async () => {
  const { folder, index } = await scanned();
  await using _folder = folder;
  await put(folder, 'a/b/unseen', 'a/new/deep/x', 'elsewhere');
  expect(told(await scan(folder.store, index, 'a'))).toEqual([
    'changed a/new',
    'changed a/new/deep',
    'changed a/new/deep/x',
  ]);
  await rename(folder.at('a/new/deep'), folder.at('kept'));
  await rename(folder.at('a/b'), folder.at('a/new/deep'));
  expect(told(await scan(folder.store, index, 'a/new'))).toEqual([
    'changed a/new/deep',
    'changed a/new/deep/c',
    'changed a/new/deep/d',
    'changed a/new/deep/unseen',
    'gone a/new/deep/x',
  ]);
});

it('goes up to a directory that is there and known', async () => {
  const { folder, index } = await scanned();
  await using _folder = folder;
  await rm(folder.at('a'), { recursive: true });
  expect(told(await scan(folder.store, index, 'a/b'))).toContain('gone a/b/c');
  await put(folder, 'n/m/o');
  const seen = told(await scan(folder.store, index, 'n/m'));
  expect(seen).toEqual(['changed n', 'changed n/m', 'changed n/m/o']);
});

it('does not believe a listing that is older than the index', async () => {
  const { folder, index } = await scanned();
  await using _folder = folder;
  const { store } = folder;
  const list: typeof store.list = async (dir, signal) => {
    const { entries, problems } = await store.list(dir, signal);
    return { entries: entries.filter((found) => found.path !== 'f'), problems };
  };
  const stale = Object.assign(Object.create(store), {
    list,
    look: (path: string) => store.look(path),
    check: () => store.check(),
    excludes: () => false,
  });
  expect(told(await scan(stale, index))).toEqual([]);
});

it('refuses an index out of order', async () => {
  const { folder, index } = await scanned();
  await using _folder = folder;
  const rows = [...index.rows];
  const wrong = Object.assign(new MemoryIndex(), {
    async *children() {
      for (const [path, row] of rows.reverse()) yield [path, row] as const;
    },
  });
  await expect(scan(folder.store, wrong)).rejects.toThrow(failure('INVARIANT'));
});

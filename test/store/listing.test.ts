/** What cannot be shared is a problem with a code of its own, never lost and never a delete. */
import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { maxFileBytes } from '#agent/core/bounds.ts';
import { lstatAll } from '#agent/sys/lstat-all.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { overlaid } from '#test/sys/overlaid.ts';
import { type Fault, faultyDisk } from './faulty-disk.ts';
import { openFolder } from './folder-under-test.ts';

const never = new AbortController().signal;
const bytes = (text: string) => Buffer.from(text, 'latin1');

async function problemsIn(folder: Awaited<ReturnType<typeof openFolder>>) {
  const { entries, problems } = await folder.store.list('', never);
  return { paths: entries.map((found) => found.path), problems };
}

it('names what has no text for a name or a target', async () => {
  await using folder = await openFolder();
  await writeFile(Buffer.concat([Buffer.from(`${folder.root}/`), bytes('caf\xe9')]), 'x');
  await symlink(bytes('\xff'), folder.at('link'));
  expect(await problemsIn(folder)).toEqual({
    paths: [],
    problems: [
      { code: 'STORE_NAME_NOT_UTF8', path: 'caf\\xe9', details: {} },
      { code: 'STORE_LINK_NOT_UTF8', path: 'link', details: {} },
    ],
  });
});

it('does not see our own folder, and names a target that cannot travel', async () => {
  const long = 'x'.repeat(4096);
  const disk = overlaid({ readlink: async () => long });
  await using folder = await openFolder({ disk });
  await mkdir(folder.at('.dongbo'), { recursive: true });
  await symlink('x', folder.at('link'));
  expect(await problemsIn(folder)).toEqual({
    paths: [],
    problems: [{ code: 'STORE_LINK_UNUSABLE', path: 'link', details: { rule: 'at most 4095 bytes' } }],
  });
});

it('names pipes, sockets and names that cannot travel', async () => {
  await using folder = await openFolder({ exclude: ['left-out'] });
  execFileSync('mkfifo', [folder.at('pipe'), folder.at('left-out')]);
  await writeFile(folder.at('.Dongbo'), 'x');
  await writeFile(folder.at('.dongboignore'), 'x');
  expect(await problemsIn(folder)).toEqual({
    paths: [],
    problems: [
      { code: 'STORE_NAME_UNUSABLE', path: '.Dongbo', details: { rule: 'reserved folder' } },
      { code: 'STORE_SPECIAL_FILE', path: 'pipe', details: { kind: 'fifo' } },
    ],
  });
});

it('names what cannot be looked at, and passes over what went away', async () => {
  const faults: Fault[] = [
    { call: 'lstat', path: '/a', errno: 'EACCES' },
    { call: 'lstat', path: '/b', errno: 'ENOENT' },
    { call: 'readlink', path: '/c', errno: 'EIO' },
  ];
  await using folder = await openFolder(faultyDisk(faults));
  await writeFile(folder.at('a'), '');
  await writeFile(folder.at('b'), '');
  await symlink('x', folder.at('c'));
  await writeFile(folder.at('d'), '');
  expect(await problemsIn(folder)).toEqual({
    paths: ['d'],
    problems: [
      { code: 'STORE_LOOK_FAILED', path: 'a', details: { errno: 'EACCES' } },
      { code: 'STORE_LOOK_FAILED', path: 'c', details: { errno: 'EIO' } },
    ],
  });
  expect(await folder.store.look('a')).toMatchObject({ code: 'STORE_LOOK_FAILED' });
  expect(await folder.store.look('b')).toBeUndefined();
});

it('tells a failed listing and a failed reading by their errno', async () => {
  const faults: Fault[] = [
    { call: 'list', path: '', errno: 'EIO' },
    { call: 'openRead', path: '/a', errno: 'EACCES' },
  ];
  await using folder = await openFolder(faultyDisk(faults));
  await writeFile(folder.at('a'), '');
  const failure = (code: string, errno: string) => expect.objectContaining({ code, details: { errno } });
  await expect(folder.store.list('', never)).rejects.toThrow(failure('STORE_LIST_FAILED', 'EIO'));
  await expect(folder.store.read('a', never)).rejects.toThrow(failure('STORE_READ_FAILED', 'EACCES'));
});

it('notices that another file was opened than the one that stands at the path', async () => {
  const openRead: typeof nodeDisk.openRead = (path) => nodeDisk.openRead(path.replace(/a$/, 'b'));
  await using folder = await openFolder({ disk: overlaid({ openRead }) });
  await writeFile(folder.at('a'), 'same');
  await writeFile(folder.at('b'), 'same');
  await using open = await folder.store.read('a', never);
  expect(await open.check()).toBe(false);
});

it('names a file that no reader would take', async () => {
  const sizes: Record<string, number> = { most: maxFileBytes, over: maxFileBytes + 1 };
  await using folder = await openFolder({
    lstatAll: async (dir, names, signal) => {
      const stats = await lstatAll(dir, names, signal);
      return stats.map((stat, i) => ('kind' in stat ? { ...stat, size: sizes[names[i] ?? ''] ?? 0 } : stat));
    },
  });
  for (const name of Object.keys(sizes)) await writeFile(folder.at(name), '');
  expect(await problemsIn(folder)).toEqual({
    paths: ['most'],
    problems: [{ code: 'STORE_FILE_TOO_LARGE', path: 'over', details: { bytes: maxFileBytes + 1 } }],
  });
});

it('names a link whose target no reader would take', async () => {
  const targets: Record<string, string> = { long: 'x'.repeat(5000), none: '' };
  const readlink: typeof nodeDisk.readlink = async (path) =>
    targets[path.split('/').at(-1) ?? ''] ?? nodeDisk.readlink(path);
  await using folder = await openFolder({ disk: overlaid({ readlink }) });
  for (const name of ['fine', ...Object.keys(targets)]) await symlink('elsewhere', folder.at(name));
  expect(await problemsIn(folder)).toEqual({
    paths: ['fine'],
    problems: [
      { code: 'STORE_LINK_UNUSABLE', path: 'long', details: { rule: 'at most 4095 bytes' } },
      { code: 'STORE_LINK_UNUSABLE', path: 'none', details: { rule: 'empty' } },
    ],
  });
});

/** Nothing outside the root is reached, whatever is put in the way and whenever: by links, by `..`, by mounts. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openInSteps } from '#agent/sys/beneath.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { lstatAllWithin } from '#agent/sys/rooted-disk.ts';
import { diskContract } from '#test/contract/disk.ts';
import { openNodeDisk } from './disk-under-test.ts';
import { type TemporaryDir, temporaryDir } from './temporary-dir.ts';

diskContract('a disk beneath a root', async () => {
  const under = await openNodeDisk(nodeDisk);
  return { ...under, disk: nodeDisk.within(under.dir) };
});

let dir: TemporaryDir;
let root: string;
let outside: string;
let disk: Disk;

beforeEach(async () => {
  dir = await temporaryDir();
  root = join(dir.path, 'root');
  outside = join(dir.path, 'outside');
  await mkdir(join(root, 'd'), { recursive: true });
  await mkdir(outside);
  await writeFile(join(outside, 'f'), 'theirs');
  await writeFile(join(root, 'd/f'), 'ours');
  await writeFile(join(root, 'g'), 'ours');
  disk = nodeDisk.within(root);
});
afterEach(() => dir[Symbol.asyncDispose]());

const never = new AbortController().signal;
const facts = { mode: 0o600, mtimeNs: 0n };

/** Everything that `Disk` does, at a file `f` in the directory `at`. */
const calls: Readonly<Record<string, (at: string) => Promise<unknown>>> = {
  lstat: (at) => disk.lstat(`${at}/f`),
  list: (at) => disk.list(at),
  lstatAll: (at) => lstatAllWithin(root)(at, ['f'], never),
  readlink: (at) => disk.readlink(`${at}/f`),
  openRead: (at) => disk.openRead(`${at}/f`),
  openWrite: (at) => disk.openWrite(`${at}/new`),
  writeWhole: (at) => disk.writeWhole(`${at}/f`, [Buffer.from('x')], facts),
  mkdir: (at) => disk.mkdir(`${at}/new`, 0o755),
  rmdir: (at) => disk.rmdir(`${at}/f`),
  unlink: (at) => disk.unlink(`${at}/f`),
  symlink: (at) => disk.symlink('x', `${at}/new`),
  'rename from': (at) => disk.rename(`${at}/f`, join(root, 'h')),
  'rename to': (at) => disk.rename(join(root, 'g'), `${at}/f`),
  renameNew: (at) => disk.renameNew(join(root, 'g'), `${at}/new`),
  exchange: (at) => disk.exchange(join(root, 'g'), `${at}/f`),
  chmod: (at) => disk.chmod(`${at}/f`, 0o777),
  setMtime: (at) => disk.setMtime(`${at}/f`, 1n),
  syncDir: (at) => disk.syncDir(at),
  free: (at) => disk.free(at),
};

async function untouched(): Promise<void> {
  expect([await readdir(outside), await readFile(join(outside, 'f'), 'utf8')]).toEqual([['f'], 'theirs']);
  expect((await stat(join(outside, 'f'))).mtimeMs).toBeGreaterThan(1e12);
  expect(await readFile(join(root, 'g'), 'utf8')).toBe('ours');
}

describe.each(Object.entries(calls))('%s', (_name, call) => {
  it.each([
    ['a link to a directory', async () => symlink(outside, join(root, 'evil'))],
    ['a link within the root', async () => symlink('d', join(root, 'evil'))],
  ])('is refused through %s', async (_what, make) => {
    await make();
    await expect(call(join(root, 'evil'))).rejects.toMatchObject({
      code: expect.stringMatching(/^(ELOOP|ENOTDIR)$/),
    });
    await untouched();
  });

  it('is refused outside the root', async () => {
    await expect(call(outside)).rejects.toMatchObject({ code: 'EXDEV' });
    await expect(call(`${root}/../outside`)).rejects.toMatchObject({ code: 'EXDEV' });
    await untouched();
  });
});

it('holds when a directory is swapped for a link while much is written into it', async () => {
  await symlink(outside, join(root, 'evil'));
  let swaps = 0;
  let over = false;
  const swap = (async () => {
    while (!over) {
      await nodeDisk.exchange(join(root, 'd'), join(root, 'evil'));
      swaps += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  for (let i = 0; i < 500 || swaps < 20; i++) {
    const path = join(root, 'd', `n${i}`);
    await disk.writeWhole(path, [Buffer.from('x')], facts).catch(() => undefined);
    await disk.unlink(join(root, 'd/f')).catch(() => undefined);
  }
  over = true;
  await swap;
  await untouched();
});

it('tells errors by the path that was asked for', async () => {
  const path = join(root, 'd/none');
  await expect(disk.unlink(path)).rejects.toMatchObject({ code: 'ENOENT', path });
  await expect(disk.unlink(path)).rejects.not.toThrow(/proc/);
});

/** As on a kernel without openat2. */
describe('opened in steps', () => {
  const inSteps = (inside: string): string => {
    const top = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      closeSync(openInSteps(top, inside, constants.O_RDONLY | constants.O_NOFOLLOW, inside));
      return 'opened';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    } finally {
      closeSync(top);
    }
  };

  it('goes where one step goes, and nowhere else', async () => {
    await symlink(outside, join(root, 'evil'));
    await symlink(join(outside, 'f'), join(root, 'd/link'));
    const found = ['d/f', 'd', 'd/none', 'g/f', 'evil/f', 'd/link', '../outside/f'].map(inSteps);
    expect(found).toEqual(['opened', 'opened', 'ENOENT', 'ENOTDIR', 'ENOTDIR', 'ELOOP', 'EXDEV']);
  });

  it.runIf(canMount())('enters no mount', async () => {
    await withMount(outside, join(root, 'd'), async () => expect(inSteps('d/f')).toBe('EXDEV'));
  });
});

it.runIf(canMount())(
  'enters nothing that is mounted below the root, of the same file system too',
  async () => {
    await withMount(outside, join(root, 'd'), async () => {
      for (const call of Object.values(calls))
        await expect(call(join(root, 'd'))).rejects.toMatchObject({ code: 'EXDEV' });
      await expect(disk.lstat(join(root, 'd'))).rejects.toMatchObject({ code: 'EXDEV' });
      await untouched();
    });
    await withMount(join(outside, 'f'), join(root, 'g'), async () => {
      await expect(disk.openRead(join(root, 'g'))).rejects.toMatchObject({ code: 'EXDEV' });
    });
    expect((await disk.lstat(join(root, 'd'))).kind).toBe('dir');
    await rename(join(root, 'd'), join(root, 'e'));
  },
);

function canMount(): boolean {
  return process.getuid?.() === 0;
}

async function withMount(what: string, where: string, work: () => Promise<unknown>): Promise<void> {
  execFileSync('mount', ['--bind', what, where]);
  try {
    await work();
  } finally {
    execFileSync('umount', [where]);
  }
}

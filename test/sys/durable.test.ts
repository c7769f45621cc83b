import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Disk } from '#agent/sys/disk.ts';
import { makeDirDurable, writeFileDurable } from '#agent/sys/durable.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { temporaryDir } from './temporary-dir.ts';

const bytes = (text: string) => Buffer.from(text);

/** The real disk, telling the order of what was done; `failing` makes one operation fail. */
function tracedDisk(failing?: string): { disk: Disk; trace: string[] } {
  const trace: string[] = [];
  const step = async (name: string, real: () => Promise<void>) => {
    trace.push(name);
    if (name === failing) throw Object.assign(new Error(name), { code: 'EIO' });
    await real();
  };
  const disk: Disk = {
    ...nodeDisk,
    async openWrite(path) {
      const file = await nodeDisk.openWrite(path);
      return {
        read: (into, position) => file.read(into, position),
        writeAll: (pieces, position) => file.writeAll(pieces, position),
        write: (from, position) => step('write', () => file.write(from, position)),
        stat: () => file.stat(),
        truncate: (size) => file.truncate(size),
        sync: () => step('sync', () => file.sync()),
        [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
      };
    },
    rename: (from, to) => step('rename', () => nodeDisk.rename(from, to)),
    syncDir: (path) => step('syncDir', () => nodeDisk.syncDir(path)),
  };
  return { disk, trace };
}

it('writes whole files with the exact mode, over what was there', async () => {
  await using dir = await temporaryDir();
  const path = join(dir.path, 'khoá.key');
  await writeFileDurable(path, bytes('một'));
  expect((await nodeDisk.lstat(path)).mode).toBe(0o600);
  await writeFileDurable(path, bytes('hai'), { mode: 0o644 });
  expect(await readFile(path, 'utf8')).toBe('hai');
  expect((await nodeDisk.lstat(path)).mode).toBe(0o644);
  expect(await readdir(dir.path)).toEqual(['khoá.key']);
});

it('never replaces when told to be exclusive, and leaves nothing behind', async () => {
  await using dir = await temporaryDir();
  const path = join(dir.path, 'a');
  await writeFileDurable(path, bytes('first'), { exclusive: true });
  const again = writeFileDurable(path, bytes('second'), { exclusive: true });
  await expect(again).rejects.toEqual(expect.objectContaining({ code: 'EEXIST' }));
  expect(await readFile(path, 'utf8')).toBe('first');
  expect(await readdir(dir.path)).toEqual(['a']);
});

it('keeps the order: data, fsync, rename, fsync of the directory', async () => {
  await using dir = await temporaryDir();
  const { disk, trace } = tracedDisk();
  await writeFileDurable(join(dir.path, 'a'), bytes('x'), { disk });
  expect(trace).toEqual(['write', 'sync', 'rename', 'syncDir']);
});

it.each(['write', 'sync', 'rename'])('leaves the old file whole when %s fails', async (failing) => {
  await using dir = await temporaryDir();
  const path = join(dir.path, 'a');
  await writeFile(path, 'old');
  const { disk } = tracedDisk(failing);
  await expect(writeFileDurable(path, bytes('new'), { disk })).rejects.toThrow(failing);
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(dir.path)).toEqual(['a']);
});

it('does not call a failed fsync of the directory a success', async () => {
  await using dir = await temporaryDir();
  const { disk } = tracedDisk('syncDir');
  await expect(writeFileDurable(join(dir.path, 'a'), bytes('x'), { disk })).rejects.toThrow('syncDir');
});

it('makes directories with their parents, each synced into its own', async () => {
  await using dir = await temporaryDir();
  const { disk, trace } = tracedDisk();
  await makeDirDurable(join(dir.path, 'a/b/c'), 0o700, disk);
  await makeDirDurable(join(dir.path, 'a/b/c'), 0o755, disk);
  expect(trace).toEqual(['syncDir', 'syncDir', 'syncDir']);
  for (const made of ['a', 'a/b', 'a/b/c']) {
    expect(await nodeDisk.lstat(join(dir.path, made))).toMatchObject({ kind: 'dir', mode: 0o700 });
  }
});

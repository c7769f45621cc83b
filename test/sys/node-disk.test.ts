import { chmod, link, readdir, readFile, readlink, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { renameNewByLink } from '#agent/sys/rename-new.ts';
import { diskContract } from '#test/contract/disk.ts';
import { startChild } from './child.ts';
import { openNodeDisk } from './disk-under-test.ts';
import { temporaryDir } from './temporary-dir.ts';

diskContract('nodeDisk', () => openNodeDisk(nodeDisk));

it('makes directories with the exact mode under any umask, keeping an inherited group bit', async () => {
  await using dir = await temporaryDir();
  await chmod(dir.path, 0o2775);
  const child = startChild(`
    import { nodeDisk } from '#agent/sys/node-disk.ts';
    process.umask(0o077);
    await nodeDisk.mkdir(${JSON.stringify(join(dir.path, 'd'))}, 0o775);
  `);
  expect(await child.exit).toBe(0);
  expect((await nodeDisk.lstat(join(dir.path, 'd'))).mode).toBe(0o2775);
});

it('waits for a file server that holds a lease on a file, and then opens it', async () => {
  await using dir = await temporaryDir();
  const path = join(dir.path, 'leased');
  await writeFile(path, 'nội dung');
  // SIGIO, which tells the holder that somebody waits, ends it; and with it the lease.
  const holder = startChild(`
    import { openSync } from 'node:fs';
    import koffi from 'koffi';
    const setLease = koffi.load(null).func('int fcntl(int fd, int command, ...)');
    const rc = setLease(openSync(${JSON.stringify(path)}, 'r+'), 1024, 'int', 1);
    console.log(rc === 0 ? 'leased' : 'refused');
    setInterval(() => undefined, 1000);
  `);
  expect(await holder.line()).toBe('leased');
  await using file = await nodeDisk.openRead(path);
  expect((await file.stat()).size).toBe(10);
  await holder.exit;
});

it('reads through no link where a target is no text', async () => {
  await using dir = await temporaryDir();
  await symlink(Buffer.of(0x61, 0xff), join(dir.path, 'l'));
  expect(await nodeDisk.readlink(join(dir.path, 'l'))).toBeUndefined();
});

it('refuses to replace also on a file system without RENAME_NOREPLACE', async () => {
  await using dir = await temporaryDir();
  const at = (name: string) => join(dir.path, name);
  await writeFile(at('a'), 'new');
  await writeFile(at('taken'), 'old');
  await nodeDisk.mkdir(at('dir'), 0o755);
  await nodeDisk.mkdir(at('taken dir'), 0o755);
  const taken = expect.objectContaining({ code: 'EEXIST' });
  await expect(renameNewByLink(at('a'), at('taken'))).rejects.toEqual(taken);
  await expect(renameNewByLink(at('dir'), at('taken dir'))).rejects.toEqual(taken);
  await renameNewByLink(at('a'), at('free'));
  await renameNewByLink(at('dir'), at('free dir'));
  expect(await readFile(at('free'), 'utf8')).toBe('new');
  expect((await nodeDisk.list(dir.path)).map((e) => e.name)).toEqual([
    'free',
    'free dir',
    'taken',
    'taken dir',
  ]);
});

it('keeps a descriptor open for each path that is synced, so that none takes the errors of another', async () => {
  await using dir = await temporaryDir();
  const [one, other] = [join(dir.path, 'one'), join(dir.path, 'other')];
  for (const path of [one, other]) await nodeDisk.mkdir(path, 0o700);
  for (const path of [one, other, one, other]) await nodeDisk.syncFs(path);
  expect(await openBelow(dir.path)).toEqual([one, other]);
});

it('opens another descriptor when another file system has come to the path', async () => {
  await using disk = await temporaryDir();
  await using memory = await temporaryDir('/dev/shm');
  const [above, root] = [join(disk.path, 'above'), join(disk.path, 'above/root')];
  await nodeDisk.mkdir(join(memory.path, 'root'), 0o700);
  // Stands in for a mount, which takes privileges.
  await symlink(memory.path, above);
  await nodeDisk.syncFs(root);
  expect(await openBelow(memory.path)).toEqual([join(memory.path, 'root')]);
  await unlink(above);
  for (const dir of [above, root]) await nodeDisk.mkdir(dir, 0o700);
  await nodeDisk.syncFs(root);
  expect([await openBelow(memory.path), await openBelow(disk.path)]).toEqual([[], [root]]);
});

/** Where the open descriptors of this process lead to, below `dir`. */
async function openBelow(dir: string): Promise<string[]> {
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`));
  const targets = (await Promise.allSettled(links)).flatMap((t) =>
    t.status === 'fulfilled' ? [t.value] : [],
  );
  return targets.filter((target) => target.startsWith(`${dir}/`)).sort();
}

it('counts the names of a file', async () => {
  await using dir = await temporaryDir();
  await writeFile(join(dir.path, 'a'), '');
  await link(join(dir.path, 'a'), join(dir.path, 'b'));
  const [a, b] = [await nodeDisk.lstat(join(dir.path, 'a')), await nodeDisk.lstat(join(dir.path, 'b'))];
  expect(a).toEqual(b);
  expect(a.nlink).toBe(2);
});

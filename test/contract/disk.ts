/** What every `Disk` must do. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk } from '#agent/sys/disk.ts';
import { wholeLaws } from './disk-whole.ts';

/** An empty directory on the disk under test, and ways to make what `Disk` itself cannot. */
export interface DiskUnderTest extends AsyncDisposable {
  readonly disk: Disk;
  readonly dir: string;
  /** A file whose name is these bytes. */
  makeRawFile(name: Uint8Array): Promise<void>;
  makeFifo(path: string): Promise<void>;
  makeSocket(path: string): Promise<void>;
}

export const code = (value: string) => expect.objectContaining({ code: value });
export const text = (value: string) => new TextEncoder().encode(value);

/** The disk of the current test, and short ways to its files by their names. */
export interface Bench {
  readonly disk: Disk;
  readonly dir: string;
  readonly under: DiskUnderTest;
  at(path: string): string;
  write(path: string, content: string): Promise<void>;
  read(path: string): Promise<string>;
}

export function diskContract(name: string, open: () => Promise<DiskUnderTest>): void {
  let under: DiskUnderTest;
  const at = (path: string) => join(under.dir, path);
  const t: Bench = {
    get disk() {
      return under.disk;
    },
    get dir() {
      return under.dir;
    },
    get under() {
      return under;
    },
    at,
    write: (path, content) => writeText(under.disk, at(path), content),
    read: (path) => readText(under.disk, at(path)),
  };
  describe(name, () => {
    beforeEach(async () => {
      under = await open();
    });
    afterEach(() => under[Symbol.asyncDispose]());
    describe('files', () => fileLaws(t));
    describe('facts', () => factLaws(t));
    describe('directories', () => directoryLaws(t));
    describe('links and renames', () => renameLaws(t));
    describe('whole files and swaps', () => wholeLaws(t));
    describe('durability and room', () => durabilityLaws(t));
  });
}

function fileLaws(t: Bench): void {
  it('writes at a position and reads back, 0 at the end', async () => {
    await t.write('a', 'đồng bộ');
    await using file = await t.disk.openWrite(t.at('a'));
    await file.write(text('XY'), 12);
    await file.sync();
    const into = new Uint8Array(64);
    expect(await file.read(into, 10)).toBe(4);
    expect(new TextDecoder().decode(into.subarray(0, 4))).toMatch(/XY$/);
    expect(await file.read(into, 14)).toBe(0);
    expect((await file.stat()).size).toBe(14);
  });

  it('creates with mode 0600 and truncates', async () => {
    await t.write('a', 'abcdef');
    expect((await t.disk.lstat(t.at('a'))).mode).toBe(0o600);
    await using file = await t.disk.openWrite(t.at('a'));
    await file.truncate(2);
    expect(await t.read('a')).toBe('ab');
  });

  it('does not make a file by opening it to read', async () => {
    await expect(t.disk.openRead(t.at('a'))).rejects.toEqual(code('ENOENT'));
    expect(await t.disk.list(t.dir)).toEqual([]);
  });

  it('opens no directory, link, FIFO or socket, and does not hang on them', async () => {
    await t.disk.mkdir(t.at('dir'), 0o755);
    await t.write('file', 'x');
    await t.disk.symlink('file', t.at('link'));
    await t.under.makeFifo(t.at('fifo'));
    await t.under.makeSocket(t.at('socket'));
    for (const open of [t.disk.openRead, t.disk.openWrite]) {
      await expect(open(t.at('dir'))).rejects.toEqual(code('EISDIR'));
      await expect(open(t.at('link'))).rejects.toEqual(code('ELOOP'));
      await expect(open(t.at('fifo'))).rejects.toEqual(code('EINVAL'));
      await expect(open(t.at('socket'))).rejects.toEqual(code('ENXIO'));
    }
  });
}

function factLaws(t: Bench): void {
  it('tells the kinds apart without following links', async () => {
    await t.write('file', 'x');
    await t.disk.mkdir(t.at('dir'), 0o755);
    await t.disk.symlink('dir', t.at('link'));
    await t.under.makeFifo(t.at('fifo'));
    await t.under.makeSocket(t.at('socket'));
    const kinds = ['file', 'dir', 'link', 'fifo', 'socket'];
    for (const kind of kinds) expect((await t.disk.lstat(t.at(kind))).kind).toBe(kind);
  });

  it('keeps modification times to the nanosecond, before 1970 too', async () => {
    await t.write('a', 'x');
    for (const time of [1_700_000_000_123_456_789n, 1n, 0n, -1n, -86_400_000_000_001n]) {
      await t.disk.setMtime(t.at('a'), time);
      expect((await t.disk.lstat(t.at('a'))).mtimeNs).toBe(time);
    }
  });

  it('sets the time of a link itself', async () => {
    await t.write('a', 'x');
    await t.disk.symlink('a', t.at('link'));
    const before = await t.disk.lstat(t.at('a'));
    await t.disk.setMtime(t.at('link'), 1_234_567_890_987_654_321n);
    expect((await t.disk.lstat(t.at('link'))).mtimeNs).toBe(1_234_567_890_987_654_321n);
    expect(await t.disk.lstat(t.at('a'))).toEqual(before);
  });

  it('changes modes, of directories too, never through a link', async () => {
    await t.write('a', 'x');
    await t.disk.mkdir(t.at('dir'), 0o777);
    await t.disk.symlink('a', t.at('link'));
    expect((await t.disk.lstat(t.at('dir'))).mode).toBe(0o777);
    await t.disk.chmod(t.at('dir'), 0o2750);
    await t.disk.chmod(t.at('a'), 0o421);
    await expect(t.disk.chmod(t.at('link'), 0o777)).rejects.toEqual(code('ENOTSUP'));
    expect((await t.disk.lstat(t.at('dir'))).mode).toBe(0o2750);
    expect((await t.disk.lstat(t.at('a'))).mode).toBe(0o421);
  });

  it('names a missing path in its errors', async () => {
    const path = t.at('missing');
    const error = expect.objectContaining({ code: 'ENOENT', path });
    await expect(t.disk.lstat(path)).rejects.toEqual(error);
    await expect(t.disk.chmod(path, 0o600)).rejects.toEqual(error);
    await expect(t.disk.setMtime(path, 1n)).rejects.toEqual(error);
    await expect(t.disk.renameNew(path, t.at('b'))).rejects.toEqual(error);
  });

  it('refuses a NUL in a path instead of cutting it off', async () => {
    await t.write('a', 'x');
    await expect(t.disk.chmod(`${t.at('a')}\0b`, 0o777)).rejects.toThrow();
    await expect(t.disk.setMtime(`${t.at('a')}\0b`, 1n)).rejects.toThrow();
    await expect(t.disk.renameNew(`${t.at('a')}\0b`, t.at('c'))).rejects.toThrow();
    expect((await t.disk.lstat(t.at('a'))).mode).toBe(0o600);
  });
}

function directoryLaws(t: Bench): void {
  it('lists by raw bytes and says which names are no text', async () => {
    for (const name of ['b', 'a', 'Đ', '￿', '😀']) await t.write(name, 'x');
    await t.under.makeRawFile(Uint8Array.of(0x61, 0xff, 0x62));
    const listed = await t.disk.list(t.dir);
    expect(listed.map((e) => e.name)).toEqual(['a', undefined, 'b', 'Đ', '￿', '😀']);
    expect([...(listed[1]?.raw ?? [])]).toEqual([0x61, 0xff, 0x62]);
  });

  it('does not fold or normalise a name, nor drop a byte order mark', async () => {
    const names = ['hoà'.normalize('NFC'), 'hoà'.normalize('NFD'), '\uFEFFa', 'a'];
    for (const name of names) await t.write(name, name);
    const listed = await t.disk.list(t.dir);
    expect(new Set(listed.map((e) => e.name))).toEqual(new Set(names));
  });

  it('never lists through a link, and an error is never an empty listing', async () => {
    await t.disk.mkdir(t.at('dir'), 0o755);
    await t.disk.symlink('dir', t.at('link'));
    await t.write('file', 'x');
    await expect(t.disk.list(t.at('link'))).rejects.toThrow();
    await expect(t.disk.list(t.at('file'))).rejects.toEqual(code('ENOTDIR'));
    await expect(t.disk.list(t.at('missing'))).rejects.toEqual(code('ENOENT'));
  });

  it('removes an empty directory only', async () => {
    await t.disk.mkdir(t.at('dir'), 0o755);
    await t.write('dir/a', 'x');
    await expect(t.disk.rmdir(t.at('dir'))).rejects.toEqual(code('ENOTEMPTY'));
    await t.disk.unlink(t.at('dir/a'));
    await t.disk.rmdir(t.at('dir'));
    expect(await t.disk.list(t.dir)).toEqual([]);
  });
}

function renameLaws(t: Bench): void {
  it('keeps the target of a link as it is, and unlinks the link only', async () => {
    await t.write('a', 'x');
    for (const target of ['a', '../lên trên', '/không/có']) {
      await t.disk.symlink(target, t.at('link'));
      expect(await t.disk.readlink(t.at('link'))).toBe(target);
      await t.disk.unlink(t.at('link'));
    }
    expect(await t.read('a')).toBe('x');
  });

  it('replaces with rename', async () => {
    await t.write('a', 'new');
    await t.write('b', 'old');
    await t.disk.rename(t.at('a'), t.at('b'));
    expect(await t.read('b')).toBe('new');
    expect(await t.disk.list(t.dir)).toHaveLength(1);
  });

  it('renames to a free name, and refuses to replace a file, a directory or a link', async () => {
    await t.write('a', 'new');
    await t.write('file', 'old');
    await t.disk.mkdir(t.at('dir'), 0o755);
    await t.disk.symlink('nowhere', t.at('link'));
    for (const taken of ['file', 'dir', 'link']) {
      await expect(t.disk.renameNew(t.at('a'), t.at(taken))).rejects.toEqual(code('EEXIST'));
    }
    expect(await t.read('file')).toBe('old');
    await t.disk.renameNew(t.at('a'), t.at('free'));
    await t.disk.renameNew(t.at('dir'), t.at('free dir'));
    expect(await t.read('free')).toBe('new');
  });
}

function durabilityLaws(t: Bench): void {
  it('makes a directory and a whole file system durable', async () => {
    await t.write('a', 'x');
    await t.disk.syncDir(t.dir);
    await t.disk.syncFs(t.dir);
    await t.disk.syncFs(t.dir);
    await expect(t.disk.syncDir(t.at('missing'))).rejects.toEqual(code('ENOENT'));
    await expect(t.disk.syncFs(t.at('missing'))).rejects.toEqual(code('ENOENT'));
    await expect(t.disk.syncDir(t.at('a'))).rejects.toEqual(code('ENOTDIR'));
  });

  it('knows the free bytes', async () => {
    expect(await t.disk.free(t.dir)).toBeGreaterThan(0);
    await expect(t.disk.free(t.at('missing'))).rejects.toEqual(code('ENOENT'));
  });
}

async function writeText(disk: Disk, path: string, content: string): Promise<void> {
  await using file = await disk.openWrite(path);
  await file.write(text(content), 0);
}

async function readText(disk: Disk, path: string): Promise<string> {
  await using file = await disk.openRead(path);
  const into = new Uint8Array(1024);
  return new TextDecoder().decode(into.subarray(0, await file.read(into, 0)));
}

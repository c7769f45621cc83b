import { lstat, readFile, stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { Author, at2026 } from './author.ts';
import { noise } from './bytes.ts';
import { diskWith } from './disk-with-faults.ts';
import { Reader } from './reader.ts';

describe('what arrives is written', () => {
  it('directories, files, links, modes, times and names', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const changes = [
      a.dir('văn bản'),
      a.dir('văn bản/khoá', 0o555),
      a.file('văn bản/khoá/quyết định.txt', 'số 1562', { mode: 0o640, mtimeNs: at2026 + 1n }),
      a.file('rỗng', ''),
      a.link('liên kết', 'văn bản/khoá'),
      a.link('đứt', '/no/where'),
    ];
    await b.take(a, a.segment(...changes));
    const result = await b.apply();
    expect(result).toMatchObject({ applied: 6, waiting: 0, problems: 0, conflicts: [] });
    expect(await b.tree()).toEqual({
      'văn bản': 'dir',
      'văn bản/khoá': 'dir',
      'văn bản/khoá/quyết định.txt': 'số 1562',
      rỗng: '',
      'liên kết': '-> văn bản/khoá',
      đứt: '-> /no/where',
    });
    const file = await nodeDisk.lstat(b.at('văn bản/khoá/quyết định.txt'));
    expect([file.mode, file.mtimeNs]).toEqual([0o640, at2026 + 1n]);
    expect((await nodeDisk.lstat(b.at('đứt'))).mtimeNs).toBe(at2026);
    expect([await b.mode('văn bản'), await b.mode('văn bản/khoá')]).toEqual([0o755, 0o555]);
    expect([b.state.pendingCount(), await b.staged()]).toEqual([0, []]);
    expect(await b.apply()).toMatchObject({ applied: 0, again: false });
  });

  it('a large file with lists of chunks', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const bytes = noise(9_000_000);
    await b.take(a, a.segment(a.file('lớn.bin', bytes, { mode: 0o444 })));
    expect(await b.apply()).toMatchObject({ applied: 1, bytes: bytes.length });
    expect(Buffer.compare(await readFile(b.at('lớn.bin')), bytes)).toBe(0);
    expect(new Set(b.fetched).size).toBe(a.chunks.size);
    expect(b.fetched.length).toBe(a.chunks.size);
  });

  it('more files than fit into one group', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    for (let part = 0; part < 3; part++) {
      const files = Array.from({ length: 300 }, (_, i) => a.file(`d${part}/f${i}`, `${part} ${i}`));
      await b.take(a, a.segment(a.dir(`d${part}`), ...files));
    }
    expect(await b.apply()).toMatchObject({ applied: 903, waiting: 0 });
    expect(await readFile(b.at('d2/f299'), 'utf8')).toBe('2 299');
  });

  it('a child whose parent has no record yet; the record sets the mode later', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.file('x/y/z', 'z')));
    expect(await b.apply()).toMatchObject({ applied: 1, problems: 0 });
    await b.scan('x');
    expect((await b.state.row('x'))?.agreed?.author).toEqual(a.origin);
    await b.take(a, a.segment(a.dir('x', 0o750), a.dir('x/y', 0o500)));
    await b.apply();
    expect([await b.mode('x'), await b.mode('x/y')]).toEqual([0o750, 0o500]);
    expect(b.state.pendingCount()).toBe(0);
  });
});

describe('what changes is brought over', () => {
  it('content: the old one rests in the trash', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.file('f', 'một')));
    await b.apply();
    await b.take(a, a.segment(a.file('f', 'hai')));
    await b.apply();
    expect([await b.tree(), await b.trash()]).toEqual([{ f: 'hai' }, { f: 'một' }]);
  });

  it('mode and time alone: the file stays the same inode and nothing is fetched', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.file('f', 'một'), a.dir('d')));
    await b.apply();
    const before = await lstat(b.at('f'));
    b.fetched.length = 0;
    await b.take(a, a.segment(a.file('f', 'một', { mode: 0o400, mtimeNs: at2026 + 5n }), a.dir('d', 0o700)));
    expect(await b.apply()).toMatchObject({ applied: 2 });
    const after = await nodeDisk.lstat(b.at('f'));
    expect([after.mode, after.mtimeNs, Number(after.ino)]).toEqual([0o400, at2026 + 5n, before.ino]);
    expect([b.fetched, await b.trash(), await b.mode('d')]).toEqual([[], {}, 0o700]);
  });

  it('a rename copies from this disk and fetches nothing', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const bytes = noise(3_000_000);
    await b.take(a, a.segment(a.dir('cũ'), a.file('cũ/lớn', bytes), a.file('cũ/nhỏ', 'nhỏ')));
    await b.apply();
    b.fetched.length = 0;
    const puts = [a.dir('mới'), a.file('mới/lớn', bytes), a.file('mới/nhỏ', 'nhỏ')];
    await b.take(a, a.segment(...puts, a.gone('cũ/lớn'), a.gone('cũ/nhỏ'), a.gone('cũ')));
    expect(await b.apply()).toMatchObject({ applied: 6, waiting: 0 });
    expect(b.fetched).toEqual([]);
    expect(Object.keys(await b.tree()).sort()).toEqual(['mới', 'mới/lớn', 'mới/nhỏ']);
  });

  it('a delete goes to the trash, directories from the deepest up', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(
      a,
      a.segment(a.dir('d', 0o555), a.dir('d/e', 0o500), a.file('d/e/f', 'f'), a.link('d/l', 'e')),
    );
    await b.apply();
    await b.take(a, a.segment(a.gone('d'), a.gone('d/e'), a.gone('d/e/f'), a.gone('d/l')));
    expect(await b.apply()).toMatchObject({ applied: 4, waiting: 0, problems: 0 });
    expect([await b.tree(), await b.trash()]).toEqual([{}, { f: 'f' }]);
    expect((await b.state.row('d/e/f'))?.local?.state.kind).toBe('gone');
  });

  it('a file becomes a directory with content', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.file('x', 'file'), a.link('y', 'x')));
    await b.apply();
    await b.take(a, a.segment(a.dir('x'), a.file('x/in', 'in'), a.dir('y', 0o500), a.file('y/in', 'in')));
    expect(await b.apply()).toMatchObject({ problems: 0, waiting: 0 });
    expect(await b.tree()).toEqual({ x: 'dir', 'x/in': 'in', y: 'dir', 'y/in': 'in' });
    expect([await b.trash(), await b.mode('y')]).toEqual([{ x: 'file' }, 0o500]);
  });

  it('a directory that is not empty becomes a file, or a link', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const inside = (d: string) => [a.dir(d), a.dir(`${d}/e`), a.file(`${d}/e/f`, 'f')];
    await b.take(a, a.segment(...inside('x'), ...inside('y')));
    await b.apply();
    const emptied = (d: string) => [a.gone(`${d}/e/f`), a.gone(`${d}/e`)];
    await b.take(a, a.segment(a.file('x', 'now a file'), a.link('y', 'x'), ...emptied('x'), ...emptied('y')));
    expect(await b.apply()).toMatchObject({ problems: 0, waiting: 0, revive: [] });
    expect(await b.tree()).toEqual({ x: 'now a file', y: '-> x' });
    expect(b.state.pendingCount()).toBe(0);
  });

  it('what arrives while the run writes is not forgotten', async () => {
    const a = new Author(1);
    let arrives: (() => Promise<unknown>) | undefined;
    const disk = diskWith(async (call, _path, to) => {
      if (call !== 'renameNew' || !to?.endsWith('/f')) return;
      await arrives?.();
      arrives = undefined;
    });
    await using b = await Reader.open({ disk });
    await b.take(a, a.segment(a.file('f', 'one')));
    arrives = () => b.take(a, a.segment(a.file('f', 'two')));
    await b.apply();
    expect([await b.tree(), b.state.pendingCount()]).toEqual([{ f: 'one' }, 1]);
    await b.apply();
    expect([await b.tree(), b.state.pendingCount()]).toEqual([{ f: 'two' }, 0]);
  });

  it('an item of our own that another replaces is reported', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.edit('f', 'ours');
    const ours = (await b.state.row('f'))?.agreed?.version ?? [];
    a.learn('f', ours);
    await b.take(a, a.segment(a.file('f', 'theirs, knowing ours')));
    expect(await b.apply()).toMatchObject({ applied: 1, conflicts: [], yields: ['f'] });
    expect((await stat(b.at('f'))).size).toBe(20);
  });
});

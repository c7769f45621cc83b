import { chmod, mkdir, readdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { Author } from './author.ts';
import { diskWith, errno, withoutExchange } from './disk-with-faults.ts';
import { Reader } from './reader.ts';

async function withFile(b: Reader, a: Author, ...names: string[]): Promise<void> {
  await b.take(a, a.segment(...names.map((name) => a.file(name, `first ${name}`))));
  await b.apply();
}

describe('an edit that no scan has seen is never overwritten', () => {
  it('edited, replaced, deleted or made before the run', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await withFile(b, a, 'edited', 'replaced', 'deleted', 'touched');
    await writeFile(b.at('edited'), 'mine');
    await rename(b.at('replaced'), b.at('aside'));
    await mkdir(b.at('replaced'));
    await unlink(b.at('deleted'));
    await chmod(b.at('touched'), 0o600);
    await writeFile(b.at('new'), 'mine too');
    const names = ['edited', 'replaced', 'deleted', 'touched', 'new'];
    await b.take(a, a.segment(...names.map((name) => a.file(name, `second ${name}`))));
    const result = await b.apply();
    expect(result).toMatchObject({ applied: 0, waiting: 5, rescan: [''] });
    expect(await b.tree()).toEqual({
      edited: 'mine',
      replaced: 'dir',
      aside: 'first replaced',
      touched: 'first touched',
      new: 'mine too',
    });
    expect(await b.apply()).toMatchObject({ waiting: 5, rescan: [] });
  });

  it.each([
    ['swapped', nodeDisk],
    ['moved aside', withoutExchange],
  ])('edited in the moment before it is %s: put back as it was', async (_how, real) => {
    let armed = false;
    const disk = diskWith(async (call, path, to) => {
      const moves = (call === 'exchange' && to === b.at('f')) || (call === 'renameNew' && path === b.at('f'));
      if (!armed || !moves || (call === 'exchange' && real === withoutExchange)) return;
      armed = false;
      await writeFile(b.at('f'), 'mine, just now');
    }, real);
    await using b = await Reader.open({ disk });
    const a = new Author(1);
    await withFile(b, a, 'f');
    await b.take(a, a.segment(a.file('f', 'second')));
    armed = true;
    expect(await b.apply()).toMatchObject({ applied: 0, waiting: 1, rescan: [''] });
    expect([await b.tree(), armed]).toEqual([{ f: 'mine, just now' }, false]);
  });

  it('replaced in the moment of the swap, and again before it is swapped back: the last one stays', async () => {
    let swaps = 0;
    const saved = ['mine', 'mine again'];
    await using b = await Reader.open({
      disk: diskWith(async (call, _path, to) => {
        if (call !== 'exchange' || to !== b.at('f')) return;
        const text = saved[swaps];
        swaps += 1;
        if (text === undefined) return;
        await writeFile(b.at('.save'), text);
        await rename(b.at('.save'), b.at('f'));
      }),
    });
    const a = new Author(1);
    await withFile(b, a, 'f');
    await b.take(a, a.segment(a.file('f', 'second')));
    expect(await b.apply()).toMatchObject({ applied: 0, waiting: 1, rescan: [''] });
    expect([await b.tree(), await b.trash()]).toEqual([{ f: 'mine again' }, { f: 'mine' }]);
  });

  it('deleted in the moment of the swap: not brought back before it is seen', async () => {
    await using b = await Reader.open({
      disk: diskWith(async (call, _path, to) => {
        if (call === 'exchange' && to === b.at('f')) await unlink(b.at('f'));
      }),
    });
    const a = new Author(1);
    await withFile(b, a, 'f');
    await b.take(a, a.segment(a.file('f', 'second')));
    expect(await b.apply()).toMatchObject({ applied: 0, waiting: 1, rescan: [''] });
    expect([await b.tree(), await b.trash()]).toEqual([{}, {}]);
  });

  it('made in the moment before the new one comes in: it stays, and the old one is in the trash', async () => {
    await using b = await Reader.open({
      disk: diskWith(async (call, _path, to) => {
        if (call === 'renameNew' && to === b.at('g')) await writeFile(b.at('g'), 'mine');
      }),
    });
    const a = new Author(1);
    await b.take(a, a.segment(a.file('g', 'theirs')));
    expect(await b.apply()).toMatchObject({ applied: 0, waiting: 1 });
    expect(await b.tree()).toEqual({ g: 'mine' });
  });

  it('edited before a delete arrives, or while it is carried out', async () => {
    let armed = false;
    await using b = await Reader.open({
      disk: diskWith(async (call, path) => {
        if (armed && call === 'renameNew' && path === b.at('during')) await writeFile(path, 'mine, just now');
      }),
    });
    const a = new Author(1);
    await withFile(b, a, 'before', 'during');
    await writeFile(b.at('before'), 'mine');
    await b.take(a, a.segment(a.gone('before'), a.gone('during')));
    armed = true;
    expect(await b.apply()).toMatchObject({ applied: 0, waiting: 2, rescan: [''] });
    expect(await b.tree()).toEqual({ before: 'mine', during: 'mine, just now' });
  });

  it('a local edit waits to be published first', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await withFile(b, a, 'f');
    await writeFile(b.at('f'), 'mine');
    await b.scan('f', { publish: false });
    await b.take(a, a.segment(a.file('f', 'theirs')));
    expect(await b.apply()).toMatchObject({ applied: 0, waiting: 1, publish: ['f'] });
    expect(await b.apply()).toMatchObject({ waiting: 1, publish: [] });
    expect(await b.tree()).toEqual({ f: 'mine' });
  });
});

describe('of two edits both live on', () => {
  it('the loser lies beside the winner under a clear name', async () => {
    await using b = await Reader.open({ clock: { ...fixedClock } });
    const a = new Author(1);
    await withFile(b, a, 'báo cáo.docx');
    await b.edit('báo cáo.docx', 'ours');
    const changes = [a.file('báo cáo.docx', 'theirs'), a.file('báo cáo.docx', 'theirs again')];
    await b.take(a, a.segment(...changes));
    const copy = 'báo cáo (xung đột H29.12 2026-07-01 00-00-00).docx';
    expect(await b.apply()).toMatchObject({
      applied: 1,
      conflicts: [{ path: 'báo cáo.docx', copy }],
      yields: ['báo cáo.docx'],
      rescan: [''],
    });
    expect(await b.tree()).toEqual({ 'báo cáo.docx': 'theirs again', [copy]: 'ours' });
    expect(b.events).toContainEqual(expect.objectContaining({ type: 'conflict', copy }));
  });

  it('a name that is taken is never reused', async () => {
    await using b = await Reader.open({ clock: { ...fixedClock } });
    const a = new Author(1);
    await withFile(b, a, 'f.txt');
    await b.edit('f.txt', 'ours');
    await writeFile(b.at('F (XUNG ĐỘT H29.12 2026-07-01 00-00-00).TXT'), 'older copy');
    await b.take(a, a.segment(a.file('f.txt', 'theirs'), a.file('f.txt', 'theirs again')));
    const { conflicts } = await b.apply();
    expect(conflicts[0]?.copy).toBe('f (xung đột H29.12 2026-07-01 00-00-00 2).txt');
    expect(Object.values(await b.tree()).sort()).toEqual(['older copy', 'ours', 'theirs again']);
  });

  it.each([
    ['swapped in', nodeDisk],
    ['moved in', withoutExchange],
  ])('a winner that cannot be %s leaves the loser where it was', async (_how, real) => {
    let armed = false;
    const disk = diskWith((call, path, to) => {
      const moves = call === 'exchange' || (call === 'renameNew' && path.includes('/stage/'));
      if (!armed || !moves || to !== b.at('f') || (call === 'exchange' && real === withoutExchange)) return;
      armed = false;
      throw errno('EIO');
    }, real);
    await using b = await Reader.open({ disk });
    const a = new Author(1);
    await withFile(b, a, 'f');
    armed = true;
    await b.edit('f', 'ours');
    await b.take(a, a.segment(a.file('f', 'theirs'), a.file('f', 'theirs again')));
    expect(await b.apply()).toMatchObject({ applied: 0, problems: 1 });
    expect([await b.tree(), armed]).toEqual([{ f: 'ours' }, false]);
  });
});

const fixedClock = {
  now: () => Date.UTC(2026, 6, 1),
  monotonic: () => 0,
  sleep: async () => {},
};

describe('nothing is written outside the root', () => {
  it('through a link that the publisher sent before', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await mkdir(`${b.root}-outside`);
    await b.take(a, a.segment(a.link('out', `${b.root}-outside`)));
    await b.apply();
    await b.take(a, a.segment(a.file('out/f', 'x'), a.dir('out/d'), a.link('out/l', 'x')));
    expect(await b.apply()).toMatchObject({ applied: 0, problems: 3 });
    expect(Object.values(await b.problems())).toEqual(['PATH_ESCAPES', 'PATH_ESCAPES', 'PATH_ESCAPES']);
    await expect(readFile(`${b.root}-outside/f`)).rejects.toThrow();
  });

  it('through a link in the same segment', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.link('out', '..'), a.file('out/evil', 'x')));
    await b.apply();
    await expect(readFile(b.at('../evil'))).rejects.toThrow();
  });

  it('nor deleted, where a directory was replaced by a link', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.dir('d'), a.file('d/f', 'x')));
    await b.apply();
    await mkdir(`${b.root}-outside`);
    await rename(b.at('d/f'), `${b.root}-outside/f`);
    await rm(b.at('d'), { recursive: true });
    await symlink(`${b.root}-outside`, b.at('d'));
    await b.take(a, a.segment(a.gone('d/f')));
    expect(await b.apply()).toMatchObject({ applied: 0, problems: 1 });
    expect(await readFile(`${b.root}-outside/f`, 'utf8')).toBe('x');
  });

  it('nor written, deleted or purged through a link that takes the place of a directory meanwhile', async () => {
    let swap: { readonly call: string; readonly path: RegExp; readonly dir: string } | undefined;
    const disk = diskWith(async (call, path, to) => {
      if (!swap || call !== swap.call || !(swap.path.test(path) || swap.path.test(to ?? ''))) return;
      const { dir } = swap;
      swap = undefined;
      await nodeDisk.exchange(dir, `${b.root}-link`);
    });
    const night = { at: 0 };
    const nights = { id: '0badcafe', count: () => night.at };
    await using b = await Reader.open({ disk, nights });
    const a = new Author(1);
    const outside = `${b.root}-outside`;
    const again = async () => {
      await rm(`${b.root}-link`, { recursive: true, force: true });
      await symlink(outside, `${b.root}-link`);
    };
    await mkdir(outside);
    await writeFile(`${outside}/f1`, 'theirs');
    await again();
    swap = { call: 'renameNew', path: /d\/f1$/, dir: b.at('d') };
    await b.take(a, a.segment(a.dir('d'), ...['f0', 'f1', 'f2'].map((name) => a.file(`d/${name}`, name))));
    await b.apply();
    expect([swap, await readdir(outside)]).toEqual([undefined, ['f1']]);
    await rm(b.at('d'));
    await again();
    await b.take(a, a.segment(a.dir('e'), a.file('e/f1', 'f1')));
    await b.apply();
    swap = { call: 'renameNew', path: /e\/f1$/, dir: b.at('e') };
    await b.take(a, a.segment(a.gone('e/f1')));
    await b.apply();
    expect([swap, await readFile(`${outside}/f1`, 'utf8')]).toEqual([undefined, 'theirs']);
    await again();
    const bin = b.at('.dongbo/trash/20260101-000000-1.0badcafe.0');
    await mkdir(`${bin}/d`, { recursive: true });
    await writeFile(`${bin}/d/f1`, 'ours');
    night.at = 40;
    swap = { call: 'unlink', path: /d\/f1$/, dir: `${bin}/d` };
    await b.applier.purgeTrash(30, new AbortController().signal).catch(() => undefined);
    expect([swap, await readFile(`${outside}/f1`, 'utf8')]).toEqual([undefined, 'theirs']);
  });

  it('nor into a root that is not the root we know', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.file('f', 'x')));
    await rm(b.at('.dongbo'), { recursive: true });
    await expect(b.apply()).rejects.toThrow('PRIVATE_FOLDER_DAMAGED');
    await symlink('/tmp', b.at('.dongbo'));
    await expect(b.apply()).rejects.toThrow('PRIVATE_FOLDER_DAMAGED');
  });
});

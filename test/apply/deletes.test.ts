import { readdir, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foldKey } from '#agent/core/path.ts';
import { planItem } from '#agent/core/plan.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { overlaid } from '#test/sys/overlaid.ts';
import { Author } from './author.ts';
import { Reader } from './reader.ts';

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `f${from + i}`);

describe('the brake on mass deletes', () => {
  it('halts before the first delete, and a person releases it', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(...names(0, 40).map((name) => a.file(name, name))));
    await b.apply();
    await b.take(a, a.segment(...names(0, 21).map((name) => a.gone(name)), a.file('new', 'new')));
    const halted = await b.apply();
    expect(halted.halt).toEqual({
      code: 'MASS_DELETE_INCOMING',
      details: { deletes: 21, items: 41 },
      needsRelease: true,
    });
    expect(Object.keys(await b.tree())).toHaveLength(41);
    expect((await b.apply()).halt?.code).toBe('MASS_DELETE_INCOMING');
    b.applier.release();
    const released = await b.apply();
    expect([released.halt, released.applied]).toEqual([undefined, 21]);
    expect(Object.keys(await b.tree())).toHaveLength(20);
  });

  it.each([false, true])(
    'counts what comes in slices together (with a restart between: %s)',
    async (restarts) => {
      await using b = await Reader.open();
      const a = new Author(1);
      await b.take(a, a.segment(...names(0, 50).map((name) => a.file(name, name))));
      await b.apply();
      await b.take(a, a.segment(...names(0, 15).map((name) => a.gone(name))));
      expect(await b.apply()).toMatchObject({ applied: 15 });
      if (restarts) b.newApplier();
      await b.take(a, a.segment(...names(15, 30).map((name) => a.gone(name))));
      expect((await b.apply()).halt?.code).toBe('MASS_DELETE_INCOMING');
      expect(Object.keys(await b.tree())).toHaveLength(35);
    },
  );

  it('is lifted for one run only', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(...names(0, 100).map((name) => a.file(name, name))));
    await b.apply();
    await b.take(a, a.segment(...names(0, 60).map((name) => a.gone(name))));
    b.applier.release();
    await b.apply();
    await b.take(a, a.segment(...names(60, 90).map((name) => a.gone(name))));
    expect((await b.apply()).halt?.code).toBe('MASS_DELETE_INCOMING');
  });

  it('does not take renames for deletes, even when their halves arrive apart', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const all = names(0, 60);
    await b.take(a, a.segment(...all.map((name) => a.file(name, name))));
    await b.apply();
    await b.take(a, a.segment(a.dir('d'), ...all.slice(0, 55).map((name) => a.file(`d/${name}`, name))));
    await b.apply();
    // 55 halves of renames and 4 real deletes of 61 items that are left when renames count once.
    const gone = [...all.slice(0, 55), ...all.slice(55, 59)].map((name) => a.gone(name));
    await b.take(a, a.segment(...gone));
    expect(await b.apply()).toMatchObject({ applied: 59, waiting: 0 });
  });

  it('few items, or half of them, may go', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(...names(0, 20).map((name) => a.file(name, name))));
    await b.apply();
    await b.take(a, a.segment(...names(0, 20).map((name) => a.gone(name))));
    expect(await b.apply()).toMatchObject({ applied: 20 });
    expect(await b.tree()).toEqual({});
  });
});

describe('a directory that was deleted elsewhere and is not empty', () => {
  it('holds an item of ours: it is to be published again, with the directories above', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.dir('p'), a.dir('p/d'), a.file('p/d/f', 'f')));
    await b.apply();
    await b.edit('p/d/ours', 'ours');
    await b.take(a, a.segment(a.gone('p/d/f'), a.gone('p/d'), a.gone('p')));
    const result = await b.apply();
    expect(result).toMatchObject({ applied: 1, waiting: 2, problems: 0 });
    expect([...result.revive].sort()).toEqual(['p', 'p/d']);
    expect(await b.tree()).toEqual({ p: 'dir', 'p/d': 'dir', 'p/d/ours': 'ours' });
    expect((await b.apply()).revive).toEqual([]);
  });

  it('holds an item of another: that one brings it back', async () => {
    await using b = await Reader.open();
    const [a, c] = [new Author(1), new Author(2)];
    await b.take(a, a.segment(a.dir('d')));
    await b.take(c, c.segment(c.file('d/theirs', 'theirs')));
    await b.apply();
    await b.take(a, a.segment(a.gone('d')));
    expect(await b.apply()).toMatchObject({ applied: 0, waiting: 1, revive: [], problems: 0 });
    expect(await b.tree()).toEqual({ d: 'dir', 'd/theirs': 'theirs' });
    await b.take(c, c.segment(c.gone('d/theirs')));
    expect(await b.apply()).toMatchObject({ applied: 2, waiting: 0 });
  });

  it('holds what nobody shares: it is kept and named', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.dir('d')));
    await b.apply();
    await writeFile(b.at('d/excluded'), 'private');
    await b.take(a, a.segment(a.gone('d')));
    expect(await b.apply()).toMatchObject({ applied: 0, problems: 1, rescan: ['d'] });
    expect(await b.problems()).toEqual({ d: 'DIR_NOT_EMPTY' });
    expect(await b.apply()).toMatchObject({ problems: 1, rescan: [] });
    await unlink(b.at('d/excluded'));
    expect(await b.apply()).toMatchObject({ applied: 1 });
    expect([await b.tree(), await b.problems()]).toEqual([{}, {}]);
  });

  it('was replaced by a file there: the directory keeps its place until it is published again', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.dir('d'), a.file('d/f', 'f')));
    await b.apply();
    await b.edit('d/ours', 'ours');
    await b.take(a, a.segment(a.file('d', 'a file now'), a.gone('d/f')));
    expect(await b.apply()).toMatchObject({ applied: 1, waiting: 1, revive: ['d'] });
    expect(await b.tree()).toEqual({ d: 'dir', 'd/ours': 'ours' });
    // What the agent publishes then beats the file everywhere (`core/rank.ts`).
    const row = (await b.state.row('d')) ?? {};
    expect(planItem(row, b.me).do).toBe('apply');
  });
});

/** A file system that folds case, as far as the applier can tell. */
function foldingDisk(): Disk {
  const real = async (path: string): Promise<string> => {
    const found = await readdir(dirname(path)).catch(() => [] as string[]);
    const name = found.find((n) => foldKey(n) === foldKey(basename(path)));
    return name === undefined ? path : join(dirname(path), name);
  };
  return overlaid({
    lstat: async (path) => nodeDisk.lstat(await real(path)),
    renameNew: async (from, to) => nodeDisk.renameNew(from, await real(to)),
    openRead: async (path) => nodeDisk.openRead(await real(path)),
  });
}

describe('names that the target takes for one', () => {
  it('are a problem, and neither item is lost or overwritten', async () => {
    await using b = await Reader.open({ disk: foldingDisk() });
    const a = new Author(1);
    await b.take(a, a.segment(a.file('Tệp.txt', 'first'), a.file('other', 'x')));
    await b.apply();
    await b.take(a, a.segment(a.file('TỆP.TXT', 'second')));
    expect(await b.apply()).toMatchObject({ applied: 0, problems: 1 });
    expect([await b.problems(), await b.tree()]).toEqual([
      { 'TỆP.TXT': 'NAME_CLASH' },
      { 'Tệp.txt': 'first', other: 'x' },
    ]);
  });

  it('are a problem for a directory too: two are not made one', async () => {
    await using b = await Reader.open({ disk: foldingDisk() });
    const a = new Author(1);
    await b.take(a, a.segment(a.dir('Hồ sơ', 0o755)));
    await b.apply();
    await b.take(a, a.segment(a.dir('HỒ SƠ', 0o700)));
    expect(await b.apply()).toMatchObject({ applied: 0, problems: 1 });
    expect(await b.problems()).toEqual({ 'HỒ SƠ': 'NAME_CLASH' });
  });

  it('a rename by case alone succeeds once the old name is gone', async () => {
    await using b = await Reader.open({ disk: foldingDisk() });
    const a = new Author(1);
    await b.take(a, a.segment(a.file('tệp', 'x')));
    await b.apply();
    await b.take(a, a.segment(a.file('Tệp', 'x'), a.gone('tệp')));
    expect((await b.apply()).again).toBe(true);
    expect(await b.apply()).toMatchObject({ applied: 1, problems: 0, again: false });
    expect([await b.tree(), await b.problems()]).toEqual([{ Tệp: 'x' }, {}]);
  });
});

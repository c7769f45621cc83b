import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { ItemChange } from '#agent/core/item.ts';
import { planItem } from '#agent/core/plan.ts';
import { IgnoreRules } from '#agent/store/ignore.ts';
import { Author } from './author.ts';
import { never, Reader } from './reader.ts';

const leaveOut = (b: Reader, ...patterns: string[]): void => {
  const rules = new IgnoreRules(patterns);
  b.excludes = (path, kind) => rules.excludes(path, kind);
};

async function receive(b: Reader, a: Author, ...changes: ItemChange[]) {
  await b.take(a, a.segment(...changes));
  return b.apply();
}

async function plans(b: Reader, ...paths: string[]): Promise<string[]> {
  const rows = await Promise.all(paths.map((path) => b.state.row(path)));
  return rows.map((row) => planItem(row ?? {}, b.me).do);
}

describe('what this store leaves out', () => {
  it('is not written and not waited for, directories and all that is in them too', async () => {
    await using b = await Reader.open();
    leaveOut(b, '*.tmp', 'build/');
    const a = new Author(1);
    const changes = [a.file('a.txt', 'a'), a.file('b.tmp', 'b'), a.dir('build'), a.file('build/c', 'c')];
    expect(await receive(b, a, ...changes, a.link('l.tmp', 'x'))).toMatchObject({ applied: 1, waiting: 0 });
    expect([await b.tree(), b.state.pendingCount(), b.fetched.length]).toEqual([{ 'a.txt': 'a' }, 0, 1]);
    expect(await b.problems()).toEqual({});
  });

  it('is never published as a delete or an edit, whatever comes of it', async () => {
    await using b = await Reader.open();
    leaveOut(b, '*.tmp');
    const a = new Author(1);
    await receive(b, a, a.file('x.tmp', 'one'), a.file('y.tmp', 'one'));
    await receive(b, a, a.file('x.tmp', 'two'), a.gone('y.tmp'));
    for (const path of ['x.tmp', 'y.tmp']) expect((await b.state.row(path))?.local, path).toBeUndefined();
    expect(await plans(b, 'x.tmp', 'y.tmp')).toEqual(['apply', 'nothing']);
    expect(b.state.pendingCount()).toBe(0);
  });

  it('is written as it then stands when it is left out no more', async () => {
    await using b = await Reader.open();
    leaveOut(b, '*.tmp');
    const a = new Author(1);
    await receive(b, a, a.file('x.tmp', 'one'), a.file('y.tmp', 'one'), a.file('z.tmp', 'one'));
    await receive(b, a, a.file('x.tmp', 'two'), a.gone('y.tmp'));
    await b.applier.reconsider(never);
    expect(b.state.pendingCount()).toBe(0);
    leaveOut(b, 'z.*');
    b.newApplier();
    await b.applier.reconsider(never);
    expect(await b.apply()).toMatchObject({ waiting: 0, problems: 0 });
    expect([await b.tree(), b.state.pendingCount()]).toEqual([{ 'x.tmp': 'two' }, 0]);
    leaveOut(b);
    await b.applier.reconsider(never);
    await b.apply();
    expect(await b.tree()).toEqual({ 'x.tmp': 'two', 'z.tmp': 'one' });
    expect((await Array.fromAsync(b.state.asides())).length).toBe(0);
  });

  it('keeps what is here from before: neither written over nor deleted, until it is left out no more', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await receive(b, a, a.file('x.tmp', 'one'), a.file('y.tmp', 'one'), a.file('z.tmp', 'one'));
    leaveOut(b, '*.tmp');
    expect(await receive(b, a, a.file('x.tmp', 'two'), a.gone('y.tmp'), a.dir('z.tmp'))).toMatchObject({
      applied: 0,
      waiting: 0,
    });
    const before = { 'x.tmp': 'one', 'y.tmp': 'one', 'z.tmp': 'one' };
    expect([await b.tree(), b.state.pendingCount()]).toEqual([before, 0]);
    expect(await plans(b, 'x.tmp', 'y.tmp', 'z.tmp')).toEqual(['apply', 'delete', 'apply']);
    leaveOut(b);
    await b.applier.reconsider(never);
    await b.apply();
    expect(await b.tree()).toEqual({ 'x.tmp': 'two', 'z.tmp': 'dir' });
  });

  it('and was made here meanwhile meets the other as an edit of its own: both stay', async () => {
    await using b = await Reader.open();
    leaveOut(b, '*.tmp');
    const a = new Author(1);
    await receive(b, a, a.file('x.tmp', 'theirs'), a.file('x.tmp', 'theirs again'));
    await writeFile(b.at('x.tmp'), 'ours');
    leaveOut(b);
    await b.scan('x.tmp');
    await b.applier.reconsider(never);
    await b.apply();
    expect(Object.values(await b.tree()).sort()).toEqual(['ours', 'theirs again']);
  });

  it('does not count as deletes that somebody has to release', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const names = Array.from({ length: 40 }, (_, i) => `${i}.tmp`);
    await receive(b, a, ...names.map((name) => a.file(name, name)));
    leaveOut(b, '*.tmp');
    expect((await receive(b, a, ...names.map((name) => a.gone(name)))).halt).toBeUndefined();
    expect(Object.keys(await b.tree())).toHaveLength(40);
  });

  it('does not keep a directory that others delete from being reported', async () => {
    await using b = await Reader.open();
    leaveOut(b, '*.tmp');
    const a = new Author(1);
    await receive(b, a, a.dir('d'), a.file('d/f', 'f'));
    await writeFile(b.at('d/own.tmp'), 'ours');
    await receive(b, a, a.gone('d/f'), a.gone('d'));
    expect([await b.tree(), await b.problems()]).toEqual([
      { d: 'dir', 'd/own.tmp': 'ours' },
      { d: 'DIR_NOT_EMPTY' },
    ]);
    await rm(b.at('d/own.tmp'));
    await b.apply();
    expect(await b.tree()).toEqual({});
  });
});

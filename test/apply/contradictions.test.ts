/** A tree that cannot be, signed by one author: what cannot be placed is named, and never vouched for. */
import { describe, expect, it } from 'vitest';
import type { ItemChange } from '#agent/core/item.ts';
import { Author } from './author.ts';
import { Reader } from './reader.ts';

type Tops = readonly (readonly [string, (a: Author) => ItemChange])[];
const files: Tops = [
  ['file', (a) => a.file('a', 'a file')],
  ['link', (a) => a.link('a', 'elsewhere')],
];
const all: Tops = [...files, ['delete', (a) => a.gone('a')]];

/** Until nothing more comes of it. */
async function applied(b: Reader) {
  for (let i = 0; i < 5; i++) await b.apply();
  return b.apply();
}

describe('an item, and items beneath it', () => {
  it.each(files)('a %s first', async (_kind, top) => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(top(a), a.file('z', 'z')));
    await b.apply();
    await b.take(a, a.segment(a.file('a/x', 'x'), a.file('a/b/y', 'y')));
    expect(await applied(b)).toMatchObject({ problems: 2, waiting: 0 });
    expect(Object.keys(await b.tree())).toEqual(['a', 'z']);
    expect(Object.keys(await b.problems())).toEqual(['a/b/y', 'a/x']);
    // Receipts are signed only when nothing is wanted.
    expect(b.state.pendingCount()).toBe(2);
  });

  it.each(files)('a %s in the same segment', async (_kind, top) => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.file('a/x', 'x'), top(a), a.file('z', 'z')));
    const { problems, waiting } = await applied(b);
    expect([problems, waiting]).toEqual([1, 0]);
    expect(Object.values(await b.problems())).toHaveLength(1);
    expect(b.state.pendingCount()).toBe(1);
    expect(await b.tree()).toMatchObject({ z: 'z' });
  });

  it.each(all)('a %s in place of a directory whose items stand', async (_kind, top) => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.dir('a'), a.file('a/x', 'x'), a.file('a/y', 'y'), a.file('z', 'z')));
    await b.apply();
    await b.take(a, a.segment(top(a)));
    expect(await applied(b)).toMatchObject({ applied: 0, problems: 1, waiting: 0 });
    expect([await b.problems(), b.state.pendingCount()]).toEqual([{ a: 'TREE_CONTRADICTS' }, 1]);
    expect(await b.tree()).toEqual({ a: 'dir', 'a/x': 'x', 'a/y': 'y', z: 'z' });
    await b.take(a, a.segment(a.gone('a/x'), a.gone('a/y')));
    await applied(b);
    expect([await b.problems(), b.state.pendingCount()]).toEqual([{}, 0]);
  });

  it.each(all)(
    'a %s in place of a directory in which another author has an item: that one will speak',
    async (_kind, top) => {
      await using b = await Reader.open();
      const [a, c] = [new Author(1), new Author(2)];
      await b.take(a, a.segment(a.dir('a'), a.file('z', 'z')));
      await b.take(c, c.segment(c.file('a/x', 'x')));
      await b.apply();
      await b.take(a, a.segment(top(a)));
      expect(await applied(b)).toMatchObject({ problems: 0, waiting: 1 });
    },
  );
});

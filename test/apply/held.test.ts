/** What arrives for a file that is held after a power cut: it is written, and the file as it was found is in the trash. */
import { truncate, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { factsOf } from '#agent/apply/facts.ts';
import { dueYield } from '#agent/core/plan.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { Author } from './author.ts';
import { Reader } from './reader.ts';

/** Cuts the file short, and marks its row as the observer does. */
async function cutShort(b: Reader, path: string, size: number): Promise<void> {
  await truncate(b.at(path), size);
  const held = factsOf(await nodeDisk.lstat(b.at(path)));
  const row = (await b.state.row(path)) ?? {};
  const local = row.local ?? expect.unreachable();
  const batch = b.state.batch();
  batch.putRow(path, { ...row, local: { ...local, held } });
  await batch.commit();
}

async function withHeld(b: Reader, a: Author): Promise<void> {
  await b.take(a, a.segment(a.file('f', 'the first content')));
  await b.apply();
  await cutShort(b, 'f', 3);
}

it('a newer version replaces it', async () => {
  await using b = await Reader.open();
  const a = new Author(1);
  await withHeld(b, a);
  await b.take(a, a.segment(a.file('f', 'the second content')));
  expect(await b.apply()).toMatchObject({ applied: 1, waiting: 0, conflicts: [] });
  expect([await b.tree(), await b.trash()]).toEqual([{ f: 'the second content' }, { f: 'the' }]);
  expect((await b.state.row('f'))?.local?.held).toBeUndefined();
});

it('a newer version with the content of before is written whole, not only touched', async () => {
  await using b = await Reader.open();
  const a = new Author(1);
  await withHeld(b, a);
  await b.take(a, a.segment(a.file('f', 'the first content', { mode: 0o600 })));
  expect(await b.apply()).toMatchObject({ applied: 1 });
  expect([await b.tree(), await b.trash()]).toEqual([{ f: 'the first content' }, { f: 'the' }]);
});

it('a delete takes it away', async () => {
  await using b = await Reader.open();
  const a = new Author(1);
  await withHeld(b, a);
  await b.take(a, a.segment(a.gone('f')));
  expect(await b.apply()).toMatchObject({ applied: 1 });
  expect([await b.tree(), await b.trash()]).toEqual([{}, { f: 'the' }]);
});

it('one that changed again waits for a look', async () => {
  await using b = await Reader.open();
  const a = new Author(1);
  await withHeld(b, a);
  await writeFile(b.at('f'), 'mine');
  await b.take(a, a.segment(a.file('f', 'the second content')));
  expect(await b.apply()).toMatchObject({ applied: 0, waiting: 1, rescan: [''] });
  expect(await b.tree()).toEqual({ f: 'mine' });
});

it('what is left of our own losing edit is no conflict copy, and the edit is not withdrawn', async () => {
  await using b = await Reader.open();
  const a = new Author(1);
  await b.take(a, a.segment(a.file('f', 'the first content')));
  await b.apply();
  await b.edit('f', 'our edit');
  await cutShort(b, 'f', 3);
  await b.take(a, a.segment(a.file('f', 'theirs'), a.file('f', 'theirs again')));
  expect(await b.apply()).toMatchObject({ applied: 1, conflicts: [], yields: [] });
  expect([await b.tree(), await b.trash()]).toEqual([{ f: 'theirs again' }, { f: 'our' }]);
  // Without the hold it would be due now.
  expect(dueYield((await b.state.row('f')) ?? {}, b.me)).toBeDefined();
});

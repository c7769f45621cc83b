/** A program has a file open while others' change takes its place: what it saves afterwards comes back beside it. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { Author } from './author.ts';
import { withoutExchange } from './disk-with-faults.ts';
import { never, Reader, type ReaderOptions } from './reader.ts';

async function opened(flags: string, options: ReaderOptions = {}) {
  const b = await Reader.open(options);
  const a = new Author(1);
  await b.take(a, a.segment(a.dir('d'), a.file('d/số liệu.mdb', 'bản một')));
  await b.apply();
  return { a, b, fd: openSync(b.at('d/số liệu.mdb'), flags) };
}

const copyOf = (paths: readonly string[]) =>
  expect(paths).toEqual([expect.stringMatching(/^d\/số liệu \(xung đột H29\.12 .*\)\.mdb$/)]);

it.each([
  ['swapped', {}],
  ['moved aside', { disk: withoutExchange }],
])('a save into a file that was replaced (%s) comes back as a conflict copy, once', async (_how, options) => {
  const { a, b, fd } = await opened('r+', options);
  await using _b = b;
  await b.take(a, a.segment(a.file('d/số liệu.mdb', 'bản hai')));
  await b.apply();
  expect(await b.applier.lateWrites()).toEqual([]);
  writeSync(fd, 'CÔNG VIỆC CẢ BUỔI SÁNG', 0);
  const copies = await b.applier.lateWrites();
  copyOf(copies);
  const [copy = ''] = copies;
  expect(b.events).toContainEqual(expect.objectContaining({ type: 'conflict', path: 'd/số liệu.mdb', copy }));
  writeSync(fd, ' VÀ CHIỀU', Buffer.byteLength('CÔNG VIỆC CẢ BUỔI SÁNG'));
  closeSync(fd);
  expect(await readFile(b.at(copy), 'utf8')).toBe('CÔNG VIỆC CẢ BUỔI SÁNG VÀ CHIỀU');
  expect(await readFile(b.at('d/số liệu.mdb'), 'utf8')).toBe('bản hai');
  expect([await b.applier.lateWrites(), b.late]).toEqual([[], '[]']);
});

it('a save into a file that was deleted comes back too, after a restart and a night', async () => {
  const { a, b, fd } = await opened('r+');
  await using _b = b;
  await b.take(a, a.segment(a.gone('d/số liệu.mdb')));
  await b.apply();
  b.newApplier();
  await b.applier.purgeTrash(30, never);
  writeSync(fd, 'lưu muộn', 0);
  closeSync(fd);
  copyOf(await b.applier.lateWrites());
});

it('goes to the folder itself when its directory is gone', async () => {
  const { a, b, fd } = await opened('r+');
  await using _b = b;
  await b.take(a, a.segment(a.gone('d/số liệu.mdb'), a.gone('d')));
  await b.apply();
  writeSync(fd, 'lưu muộn', 0);
  closeSync(fd);
  const [copy = ''] = await b.applier.lateWrites();
  expect([copy.includes('/'), await readFile(b.at(copy), 'utf8')]).toEqual([
    false,
    expect.stringMatching(/^lưu muộn/),
  ]);
});

it('what nobody had open for writing, or was closed as it was, is left in the trash', async () => {
  const { a, b, fd } = await opened('r');
  await using _b = b;
  await b.take(a, a.segment(a.file('d/số liệu.mdb', 'bản hai')));
  await b.apply();
  expect(b.late).toBeUndefined();
  closeSync(fd);
  const writer = openSync(b.at('d/số liệu.mdb'), 'r+');
  await b.take(a, a.segment(a.file('d/số liệu.mdb', 'bản ba')));
  await b.apply();
  expect(JSON.parse(b.late ?? '')).toHaveLength(1);
  closeSync(writer);
  expect([await b.applier.lateWrites(), b.late]).toEqual([[], '[]']);
});

/** What is left out, what order means, and which names clash. */
import { rm, symlink, truncate, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { byteOrder } from '#agent/store/byte-order.ts';
import { settleMs } from '#agent/store/folder-rules.ts';
import type { FolderStore } from '#agent/store/folder.ts';
import { IgnoreRules } from '#agent/store/ignore.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { openFolder } from './folder-under-test.ts';

const never = new AbortController().signal;

it('leaves out as .gitignore does, later patterns winning, letter case counting', () => {
  const rules = new IgnoreRules(['*.bak\n/only-here\nbuild/\n# a remark\n', '!keep.bak\nThư mục/**/nháp*\n']);
  const out = (path: string, kind: 'file' | 'dir' = 'file') => rules.excludes(path, kind);
  expect(['a.bak', 'd/a.bak', 'only-here', 'Thư mục/x/nháp 1'].map((p) => out(p))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(['keep.bak', 'a.BAK', 'd/only-here', 'build', ''].map((p) => out(p))).toEqual(Array(5).fill(false));
  expect(out('build', 'dir')).toBe(true);
  expect(out('x/build/deep/f')).toBe(true);
});

it('always leaves out our own folder and the rules themselves, whatever the patterns say', () => {
  for (const rules of [new IgnoreRules([]), new IgnoreRules(['!.dongbo\n!.dongboignore'])]) {
    for (const path of ['.dongbo', '.dongbo/root.json', '.dongboignore']) {
      expect(rules.excludes(path, 'file'), path).toBe(true);
    }
    expect(rules.excludes('d/.dongboignore', 'file')).toBe(false);
    expect(rules.excludes('.dongbo2', 'file')).toBe(false);
  }
});

it('leaves out what editors put beside an open document, unless a pattern lets it in', async () => {
  const names = ['a.docx', '~$a.docx', '.~lock.a.ods#', '~$', '.~lock.a.ods', '~a.docx'];
  const shared = async (options: { exclude: string[] }, file?: string) => {
    await using folder = await openFolder(options);
    for (const name of names) await writeFile(folder.at(name), name);
    if (file !== undefined) await writeFile(folder.at('.dongboignore'), file);
    const { entries } = await folder.store.list('', never);
    return names.filter((name) => entries.some(({ path }) => path === name));
  };
  expect(await shared({ exclude: [] })).toEqual(['a.docx', '.~lock.a.ods', '~a.docx']);
  // With patterns of others the library decides, and alike.
  expect(await shared({ exclude: ['*.tmp'] })).toEqual(await shared({ exclude: [] }));
  expect(await shared({ exclude: ['!~$*'] })).toEqual(names.filter((name) => name !== '.~lock.a.ods#'));
  expect(await shared({ exclude: [] }, '!.~lock.*#\n')).toEqual([
    'a.docx',
    '.~lock.a.ods#',
    '.~lock.a.ods',
    '~a.docx',
  ]);
});

it('answers alike after it has forgotten what it was asked', () => {
  const rules = new IgnoreRules(['*.tmp']);
  for (let i = 0; i < 50_000; i++) rules.excludes(`d/${i}`, 'file');
  expect(rules.excludes('d/x.tmp', 'file')).toBe(true);
});

it('shares nothing while a file of rules is there that cannot be used', async () => {
  const unusable = (reason: string) =>
    expect.objectContaining({ code: 'STORE_RULES_UNREADABLE', details: { reason } });
  await using folder = await openFolder();
  await symlink('elsewhere', folder.at('.dongboignore'));
  await expect(folder.store.list('', never)).rejects.toThrow(unusable('link'));
  await using large = await openFolder();
  await writeFile(large.at('.dongboignore'), '');
  await truncate(large.at('.dongboignore'), 2 ** 21);
  await expect(large.store.list('', never)).rejects.toThrow(unusable('EFBIG'));
});

it('what a file of rules kept back stays so when the file is gone, over restarts too, until there is one again', async () => {
  let ms = 0;
  const clock = { ...systemClock, monotonic: () => ms };
  await using folder = await openFolder({ clock });
  await writeFile(folder.at('mật.txt'), 'x');
  await writeFile(folder.at('.dongboignore'), 'mật.txt\n');
  const seen = async (store: FolderStore) => {
    await store.list('', never);
    ms += settleMs;
    const { entries, problems } = await store.list('', never);
    return [
      entries.map(({ path }) => path).filter((path) => !store.excludes(path, 'file')),
      problems.map(({ code }) => code),
    ];
  };
  expect(await seen(folder.store)).toEqual([[], []]);
  await rm(folder.at('.dongboignore'));
  expect(await seen(folder.store)).toEqual([[], ['IGNORE_FILE_GONE']]);
  await using again = await folder.reopen();
  expect(await seen(again)).toEqual([[], ['IGNORE_FILE_GONE']]);
  await writeFile(folder.at('.dongboignore'), '# none');
  expect(await seen(again)).toEqual([['mật.txt'], []]);
  await rm(folder.at('.dongboignore'));
  expect(await seen(again)).toEqual([['mật.txt'], []]);
});

it('orders strings as their bytes are ordered', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('\ue000', '\u{10000}', 'z', '\uffff', '\ud7ff') }),
  );
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(byteOrder(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

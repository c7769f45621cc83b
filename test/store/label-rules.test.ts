/** Labels by path, and that what they make a state secret is not even listed. */
import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { labelClass } from '#agent/core/label.ts';
import { LabelRules } from '#agent/store/label-rules.ts';
import { openFolder } from './folder-under-test.ts';

const never = new AbortController().signal;
const decided = { decidedBy: 'Ông A', decisionRef: '12/QĐ' };

const rules = new LabelRules([
  { path: '**', sensitivity: 'INTERNAL' },
  { path: '/công khai/', sensitivity: 'PUBLIC' },
  { path: '*.xlsx', sensitivity: 'RESTRICTED' },
  { path: '/nhân sự/', personalData: 'BASIC' },
  { path: '/nhân sự/lương/', personalData: 'SENSITIVE' },
  { path: 'mật/', secrecy: 'MAT', ...decided },
  { path: '*.tm', secrecy: 'TUYET_MAT', ...decided },
]);

it.each([
  ['a.txt', 'INTERNAL'],
  ['bảng.xlsx', 'RESTRICTED'],
  ['công khai/b.txt', 'INTERNAL'],
  ['nhân sự/ds.txt', 'INTERNAL+PD:BASIC'],
  ['nhân sự/lương/t1.xlsx', 'RESTRICTED+PD:SENSITIVE'],
])('%s is %s: the highest in every part', (path, expected) => {
  const { label } = rules.of(path, 'file');
  expect(label && labelClass(label)).toBe(expected);
});

it('gives no label where no rule names a sensitivity', () => {
  const some = new LabelRules([{ path: '/nhân sự/', personalData: 'BASIC' }]);
  expect(some.of('a.txt', 'file')).toEqual({ label: undefined, rules: [] });
  expect(some.of('nhân sự/a.txt', 'file').label).toBeUndefined();
});

it('makes a state secret of what a decision says, and of what lies beneath', async () => {
  const some = new LabelRules([]);
  await some.memory.decide({ path: 'hồ sơ', secrecy: 'MAT', ...decided }, { at: 1, after: {} }, () => false);
  expect(['hồ sơ', 'hồ sơ/a.txt', 'khác'].map((path) => some.isSecret(path, 'file'))).toEqual([
    true,
    true,
    false,
  ]);
});

it('neither lists nor opens what a rule makes a state secret, nor looks into its folders', async () => {
  await using folder = await openFolder({ hides: (path, kind) => rules.isSecret(path, kind) });
  await mkdir(folder.at('mật'));
  const secrets = ['mật/kế hoạch.txt', 'phương án.tm'];
  for (const path of [...secrets, 'thường.txt']) await writeFile(folder.at(path), 'x');
  const long = new Date('2001-01-01T00:00:00Z');
  for (const path of ['mật', ...secrets]) await utimes(folder.at(path), long, long);
  const listing = await folder.store.list('', never);
  expect(listing).toMatchObject({ entries: [{ path: 'thường.txt' }], problems: [] });
  for (const path of secrets) expect(await folder.store.look(path)).toBeUndefined();
  for (const path of ['mật', ...secrets]) expect((await stat(folder.at(path))).atime).toEqual(long);
});

/** What a node remembers of labels: in memory, and as it is found again. */
import { expect, it } from 'vitest';
import { LabelMemory } from '#agent/core/label-memory.ts';

const recorded = { at: 1, after: { feed: 5 } };
const by = { decidedBy: 'Bà B', decisionRef: '34/QĐ' };
const published = { sensitivity: 'RESTRICTED', secrecy: 'NONE', personalData: 'SENSITIVE' } as const;
const low = { sensitivity: 'PUBLIC', secrecy: 'NONE', personalData: 'NONE' } as const;

function kept() {
  const saved: { text?: string } = {};
  const open = () =>
    new LabelMemory({
      text: saved.text,
      key: Buffer.alloc(32, 7),
      save: async (text) => {
        saved.text = text;
      },
    });
  return { saved, open };
}

it('lifts a floor in the parts that a decision names, for records of this node up to that moment', async () => {
  const { open } = kept();
  await open().decide({ path: 'a', sensitivity: 'PUBLIC', ...by }, recorded, () => false);
  const { decisions } = open();
  const floor = (path: string, feed: string | undefined, seq: number) =>
    decisions.floor(path, published, { feed, seq });
  expect(floor('a/b', 'feed', 5)).toEqual({ ...published, sensitivity: 'PUBLIC' });
  for (const [path, feed, seq] of [
    ['a/b', 'feed', 6],
    ['a/b', 'other', 5],
    ['a/b', undefined, 5],
    ['ab', 'feed', 5],
  ] as const)
    expect(floor(path, feed, seq)).toEqual(published);
});

it('keeps who decided each part, and replaces what is decided anew', async () => {
  const { open } = kept();
  const memory = open();
  await memory.decide({ path: 'a', sensitivity: 'RESTRICTED', ...by }, recorded, () => false);
  const other = { decidedBy: 'Ông A', decisionRef: '12/QĐ' };
  await memory.decide({ path: 'a', personalData: 'BASIC', ...other }, recorded, () => false);
  const item = memory.tags.of('a');
  expect(open().decisions.rulesOver('a/b')).toEqual([
    { path: 'a', sensitivity: 'RESTRICTED', ...by, at: 1, item },
    { path: 'a', personalData: 'BASIC', ...other, at: 1, item },
  ]);
});

it('gives a package the highest of its parts in each part of the label, until that is lowered from above', async () => {
  const { open } = kept();
  const memory = open();
  await memory.raise('a/b', { ...low, sensitivity: 'RESTRICTED' });
  expect(await memory.raise('a/b', { ...low, personalData: 'BASIC' })).toBe(true);
  expect(await memory.raise('a/b', low)).toBe(false);
  const both = { ...low, sensitivity: 'RESTRICTED', personalData: 'BASIC' };
  expect(open().packages.labelOver('a/b/c')).toEqual(both);
  await memory.decide({ path: 'x', sensitivity: 'PUBLIC', ...by }, recorded, () => false);
  expect(open().packages.labelOver('a/b')).toEqual(both);
  await memory.decide({ path: 'a', sensitivity: 'PUBLIC', ...by }, recorded, () => false);
  expect(open().packages.labelOver('a/b')).toEqual({ ...low, personalData: 'BASIC' });
  await memory.decide({ path: 'a/b', package: false, ...by }, recorded, () => false);
  expect(open().packages.isPackage('a/b')).toBe(false);
});

it('holds a bounded number of decisions and packages', async () => {
  const { decisions, packages } = LabelMemory.blank();
  for (let i = 0; i < 2000; i++) decisions.record({ path: `${i}`, sensitivity: 'PUBLIC', ...by }, recorded);
  expect(() => decisions.record({ path: 'x', sensitivity: 'PUBLIC', ...by }, recorded)).toThrow(
    'LABEL_DECISIONS_FULL',
  );
  decisions.record({ path: '7', sensitivity: 'INTERNAL', ...by }, recorded);
  for (let i = 0; i < 1000; i++) expect(packages.raise(`${i}`, low)).toBe(true);
  expect(packages.raise('x', low)).toBeUndefined();
});

it('writes no name of what is a state secret', async () => {
  const { saved, open } = kept();
  const memory = open();
  await memory.decide({ path: 'kín/một', secrecy: 'TUYET_MAT', ...by }, recorded, () => false);
  await memory.raise('kín/hai', { ...low, secrecy: 'MAT' });
  await memory.keepSecrets([{ base: 'kín', rule: { path: 'ba', secrecy: 'MAT', ...by } }]);
  expect(saved.text).toContain('TUYET_MAT');
  expect(saved.text).not.toMatch(/kín|một|hai|"ba/);
  const again = open();
  expect(again.decisions.isSecret('kín/một/x')).toBe(true);
  expect(again.packages.isSecret('kín/hai/x')).toBe(true);
  expect(again.secrets.placed).toMatchObject([{ base: 'kín', rule: { path: 'ba' } }]);
});

it('does not begin anew when what was saved cannot be read', () => {
  const open = (text: string) => () =>
    new LabelMemory({ text, key: new Uint8Array(32), save: async () => undefined });
  expect(open('{')).toThrow('LABEL_MEMORY_DAMAGED');
  expect(open('{"format":2}')).toThrow('LABEL_MEMORY_DAMAGED');
});

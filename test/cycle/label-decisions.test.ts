/** Label files, decisions and packages in a running space: raised at once, lowered only by a person. */
import { rename, rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { everything, labelledPair, tree } from './labelled-pair.ts';

const by = { decidedBy: 'Bà B', decisionRef: '34/QĐ' };
const secret = 'secrecy: MAT, decidedBy: Ông A, decisionRef: 12/QĐ';
const file = '.dongbo-labels.yaml';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

const two = (labels?: readonly LabelRule[]) => labelledPair(cleanup, labels);

describe('a label file', () => {
  it('raises what is beneath it, and a secret in it leaves no trace; the file itself stays at home', async () => {
    const { a, c, put, sync, classOf } = await two();
    await put('a/x.txt');
    await put('a/b/y.txt');
    await sync();
    expect(await tree(c)).toEqual(['a', 'a/b', 'a/b/y.txt', 'a/x.txt']);
    await put(`a/${file}`, `- { path: b, sensitivity: RESTRICTED }\n- { path: kín.txt, ${secret} }`);
    await put('a/kín.txt');
    await sync();
    expect([await classOf('a/x.txt'), await classOf('a/b/y.txt')]).toEqual(['INTERNAL', 'RESTRICTED']);
    expect(await a.own.state.row('a/kín.txt')).toBeUndefined();
    expect(await a.own.state.row(`a/${file}`)).toBeUndefined();
    expect(await a.problems()).toEqual({});
  });

  it('that breaks stops what is new beneath it, and takes nothing back', async () => {
    const { a, c, put, sync } = await two();
    await put('a/x.txt');
    await sync();
    await put(`a/${file}`, '- { path: x, secrecy: MAT }');
    await put('a/y.txt');
    await put('z.txt');
    await sync();
    expect(await tree(c)).toEqual(['a', 'a/x.txt', 'z.txt']);
    expect(await a.problems()).toEqual({ [`a/${file}`]: 'LABEL_FILE_BROKEN' });
    expect((await a.own.state.row('a/x.txt'))?.remote?.state.kind).toBe('file');
    await put(`a/${file}`, '[]');
    await sync();
    expect(await tree(c)).toEqual(['a', 'a/x.txt', 'a/y.txt', 'z.txt']);
    expect(await a.problems()).toEqual({});
  });
});

describe('a decision', () => {
  it('raises an item, or all that is in a folder, at once, and is found again after a restart', async () => {
    const t = await two();
    await t.put('a/x.txt');
    await t.put('b.txt');
    await t.sync();
    let told = 0;
    t.a.labels.onChange(() => {
      told += 1;
    });
    await t.a.desk.decide({ path: 'a', sensitivity: 'RESTRICTED', ...by }, 'dir', 'an.nv');
    expect(told).toBe(1);
    await t.sync();
    expect(await t.classOf('a/x.txt')).toBe('RESTRICTED');
    expect(await t.classOf('b.txt')).toBe('INTERNAL');
    await t.restart(everything);
    await t.put('a/y.txt');
    await t.sync();
    expect(await t.classOf('a/y.txt')).toBe('RESTRICTED');
    expect(await tree(t.c)).not.toContain('a/y.txt');
    expect(t.a.desk.list()).toMatchObject([{ path: 'a', sensitivity: 'RESTRICTED', ...by }]);
  });

  it('goes on the record before it counts, without the name of the item', async () => {
    const { a, put, sync } = await two();
    await put('hồ sơ kín.txt');
    await sync();
    await a.desk.decide({ path: 'hồ sơ kín.txt', sensitivity: 'RESTRICTED', ...by }, 'file', 'an.nv');
    const [[type, fields] = ['', {}]] = a.decided;
    expect(type).toBe('label.decided');
    expect(fields).toMatchObject({ sensitivity: 'RESTRICTED', ...by, by: 'an.nv' });
    expect(fields.item).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.stringify(fields)).not.toContain('hồ sơ');
  });

  it('alone lowers what was published: rules and label files do not, and are not passed over', async () => {
    const t = await two([{ path: '**', sensitivity: 'RESTRICTED' }]);
    await t.put('x.txt');
    await t.put('y.txt');
    await t.sync();
    await t.restart(everything);
    await t.sync();
    expect(await t.classOf('x.txt')).toBe('RESTRICTED');
    await t.a.desk.decide({ path: 'x.txt', sensitivity: 'PUBLIC', ...by }, 'file', 'an.nv');
    await t.sync();
    // The rule of the configuration still says INTERNAL.
    expect([await t.classOf('x.txt'), await t.classOf('y.txt')]).toEqual(['INTERNAL', 'RESTRICTED']);
    expect(await tree(t.c)).toEqual(['x.txt']);
  });

  it('does not lower what was published after it', async () => {
    const t = await two();
    await t.put('x.txt');
    await t.sync();
    await t.a.desk.decide({ path: 'x.txt', sensitivity: 'INTERNAL', ...by }, 'file', 'an.nv');
    await t.restart([{ path: '**', sensitivity: 'RESTRICTED' }]);
    await t.sync();
    expect(await t.classOf('x.txt')).toBe('RESTRICTED');
    await t.restart(everything);
    await t.sync();
    expect(await t.classOf('x.txt')).toBe('RESTRICTED');
  });

  it('lowers in the parts that it names, and no other', async () => {
    const t = await two([{ path: '**', sensitivity: 'RESTRICTED', personalData: 'BASIC' }]);
    await t.put('x.txt');
    await t.sync();
    await t.restart(everything);
    await t.a.desk.decide({ path: '', personalData: 'NONE', ...by }, 'dir', 'an.nv');
    await t.sync();
    expect(await t.classOf('x.txt')).toBe('RESTRICTED');
  });

  it('that makes a secret hides the item and keeps no name of it', async () => {
    const t = await two();
    await t.a.desk.decide({ path: 'kín.txt', secrecy: 'TUYET_MAT', ...by }, 'file', 'an.nv');
    await t.put('kín.txt');
    await t.sync();
    expect(await t.a.own.state.row('kín.txt')).toBeUndefined();
    expect(JSON.stringify(t.a.desk.list())).not.toContain('kín');
    await t.restart(everything);
    await t.sync();
    expect(await t.a.own.state.row('kín.txt')).toBeUndefined();
    await t.a.desk.decide({ path: 'kín.txt', secrecy: 'NONE', ...by }, 'file', 'an.nv');
    await t.sync();
    expect(await tree(t.c)).toEqual(['kín.txt']);
  });
});

describe('a package', () => {
  const packed: readonly LabelRule[] = [
    ...everything,
    { path: '/hồ sơ/*/', package: true },
    { path: '*.xlsx', sensitivity: 'RESTRICTED' },
  ];

  it('has the highest label of its parts, and keeps it when that part is taken out, until a person lowers it', async () => {
    const t = await two(packed);
    await t.put('hồ sơ/1/a.txt');
    await t.put('hồ sơ/1/phụ lục/b.xlsx');
    await t.put('hồ sơ/2/a.txt');
    await t.sync();
    const classes = () => Promise.all(['hồ sơ/1', 'hồ sơ/1/a.txt', 'hồ sơ/2/a.txt'].map(t.classOf));
    expect(await classes()).toEqual(['RESTRICTED', 'RESTRICTED', 'INTERNAL']);
    await rm(t.a.at('hồ sơ/1/phụ lục/b.xlsx'));
    await t.restart(everything);
    await t.put('hồ sơ/1/c.txt');
    await t.sync();
    expect(await classes()).toEqual(['RESTRICTED', 'RESTRICTED', 'INTERNAL']);
    expect(await t.classOf('hồ sơ/1/c.txt')).toBe('RESTRICTED');
    await t.a.desk.decide({ path: 'hồ sơ', sensitivity: 'INTERNAL', ...by }, 'dir', 'an.nv');
    await t.sync();
    expect(await classes()).toEqual(['INTERNAL', 'INTERNAL', 'INTERNAL']);
  });

  it('is raised as a whole when a part comes that is higher', async () => {
    const t = await two(packed);
    await t.put('hồ sơ/1/a.txt');
    await t.sync();
    expect(await t.classOf('hồ sơ/1/a.txt')).toBe('INTERNAL');
    await t.put('hồ sơ/1/b.xlsx');
    await t.sync();
    await t.a.until(async () => (await t.classOf('hồ sơ/1/a.txt')) === 'RESTRICTED');
  });

  it('with a part that is a state secret is one itself, and stays one when that part is taken out', async () => {
    const t = await two([...packed, { path: '*.mật', secrecy: 'MAT', ...by }]);
    await t.put('hồ sơ/1/a.txt');
    await t.put('hồ sơ/1/trong/b.mật');
    await t.put('hồ sơ/2/a.txt');
    await t.sync();
    expect(await tree(t.c)).toEqual(['hồ sơ', 'hồ sơ/2', 'hồ sơ/2/a.txt']);
    expect(await t.a.own.state.row('hồ sơ/1')).toBeUndefined();
    expect(await t.a.problems()).toEqual({});
    await rm(t.a.at('hồ sơ/1/trong/b.mật'));
    await t.restart(packed);
    await t.sync();
    expect(await tree(t.c)).toEqual(['hồ sơ', 'hồ sơ/2', 'hồ sơ/2/a.txt']);
    await t.a.desk.decide({ path: 'hồ sơ/1', secrecy: 'NONE', ...by }, 'dir', 'an.nv');
    await t.sync();
    expect(await tree(t.c)).toContain('hồ sơ/1/a.txt');
  });
});

it('an item keeps its class when it is renamed or copied', async () => {
  const t = await two([...everything, { path: '/kín/', sensitivity: 'RESTRICTED' }]);
  const large = 'x'.repeat(300_000);
  await t.put('kín/một.txt');
  await t.put('kín/hai.bin', large);
  await t.sync();
  await rename(t.a.at('kín/một.txt'), t.a.at('một.txt'));
  await t.put('hai.bin', large);
  await t.put('ba.bin', `${large.slice(1)}y`);
  await t.sync();
  const classes = await Promise.all(['một.txt', 'hai.bin', 'ba.bin'].map(t.classOf));
  expect(classes).toEqual(['RESTRICTED', 'RESTRICTED', 'INTERNAL']);
  expect(await tree(t.c)).toEqual(['ba.bin']);
});

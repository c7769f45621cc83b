/** A label that no class of the agreement can carry, on what others have already. */
import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { everything, labelledPair, tree } from './labelled-pair.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

const by = { decidedBy: 'Bà B', decisionRef: '34/QĐ' };
const file = '.dongbo-labels.yaml';

describe('a label above the agreement on what others have', () => {
  const above = { sensitivity: 'CONFIDENTIAL', ...by } as const;

  it('is refused as a decision, and nothing is recorded; where nothing is shared it is taken down', async () => {
    const t = await labelledPair(cleanup);
    await t.put('a/b/x.txt');
    await t.sync();
    for (const path of ['a/b/x.txt', 'a', ''])
      await expect(t.a.desk.decide({ path, ...above }, 'dir', 'người gõ')).rejects.toMatchObject({
        code: 'LABEL_ABOVE_SHARED',
        details: { label: 'CONFIDENTIAL', limit: 'RESTRICTED+PD:SENSITIVE' },
      });
    expect([t.a.desk.list(), t.a.decided]).toEqual([[], []]);
    await t.a.desk.decide({ path: 'c', ...above }, 'dir', 'người gõ');
    expect(t.a.desk.list()).toHaveLength(1);
    await rm(t.a.at('a/b/x.txt'));
    await t.sync();
    await t.a.desk.decide({ path: 'a/b/x.txt', ...above }, 'file', 'người gõ');
    expect(t.a.desk.list()).toHaveLength(2);
  });

  it('is told where a rule or a label file gives it, until the item is gone', async () => {
    const t = await labelledPair(cleanup);
    await t.put('a/x.txt');
    await t.put('b.txt');
    await t.sync();
    await t.put(`a/${file}`, '- { path: x.txt, sensitivity: CONFIDENTIAL }');
    await t.sync();
    expect(await t.a.problems()).toEqual({ 'a/x.txt': 'LABEL_STAYS_SHARED' });
    await t.restart([...everything, { path: '/b.txt', sensitivity: 'CONFIDENTIAL' }]);
    await t.sync();
    expect(await t.a.problems()).toEqual({
      'a/x.txt': 'LABEL_STAYS_SHARED',
      'b.txt': 'LABEL_STAYS_SHARED',
    });
    await rm(t.a.at('a/x.txt'));
    await rm(t.a.at('b.txt'));
    await t.sync();
    expect([await t.a.problems(), await tree(t.c)]).toEqual([{}, ['a']]);
  });

  it('that makes a state secret is recorded, and says how many items stay with the others', async () => {
    const t = await labelledPair(cleanup);
    await t.put('a/x.txt');
    await t.sync();
    const facts = await t.a.desk.decide({ path: 'a/x.txt', secrecy: 'MAT', ...by }, 'file', 'người gõ');
    expect(facts).toMatchObject({ stays: 1 });
  });
});

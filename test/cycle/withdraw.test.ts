/** A raised label takes effect at once: who is not cleared for it gives up what it was sent, and signs that it has. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { overdueMs, withdrawalFacts } from '#agent/cycle/withdrawals.ts';
import { cleared, type Three } from './cleared.ts';
import { recordsOf } from './secret-pair.ts';
import type { SpaceNode } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

const low: LabelRule[] = [{ path: '**', sensitivity: 'INTERNAL' }];
const high: LabelRule[] = [{ path: '**', sensitivity: 'RESTRICTED' }];
const three = (labels = low, more: Parameters<typeof cleared>[2] = {}): Promise<Three> =>
  cleared(cleanup, labels, more);

async function put(node: SpaceNode, path: string, text: string): Promise<void> {
  await mkdir(dirname(node.at(path)), { recursive: true });
  await writeFile(node.at(path), text);
}

/** Files below `dir` that hold `text`. */
async function holding(dir: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const at = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(at)).includes(text)) found.push(at);
  }
  return found;
}

const tree = async (node: SpaceNode): Promise<string[]> =>
  (await readdir(node.root, { recursive: true })).filter((path) => !path.startsWith('.dongbo')).sort();

describe('an item whose label is raised', () => {
  it('is gone where its readers are not cleared, from folder, trash and state; who is cleared keeps it', async () => {
    const { a, b, c, author, sync, raise } = await three();
    await put(a, 'phòng/tờ trình.txt', 'bản một bí mật');
    await put(a, 'khác.txt', 'còn lại');
    await sync(a);
    await put(a, 'phòng/tờ trình.txt', 'bản hai bí mật');
    await sync(a);
    expect(await holding(c.root, 'bản một bí mật')).toHaveLength(1);
    const raised = await raise([{ path: 'phòng/', sensitivity: 'RESTRICTED' }, ...low]);
    await sync(raised);
    expect(await tree(c)).toEqual(['khác.txt']);
    for (const text of ['bản một bí mật', 'bản hai bí mật']) expect(await holding(c.dir, text)).toEqual([]);
    expect(await readFile(b.at('phòng/tờ trình.txt'), 'utf8')).toBe('bản hai bí mật');
    expect(await c.problems()).toEqual({});
    expect(await c.receiptFor(author)).toBe(await raised.published());
    expect(c.events).toContainEqual(expect.objectContaining({ type: 'note', code: 'WITHDRAWN' }));
  });

  it('is withdrawn too where the first raised record never came: a later one says the same', async () => {
    const { a, c, sync, raise } = await three();
    await put(a, 'tờ trình.txt', 'bản một');
    await sync(a);
    const raised = await raise(high);
    await raised.settle();
    await put(raised, 'tờ trình.txt', 'bản hai');
    await sync(raised);
    expect(await tree(c)).toEqual([]);
  });

  it('stays withdrawn after a restart, and is not told as a delete of its reader', async () => {
    const { a, c, sync, raise, reopened } = await three(low, { publishers: true });
    await put(a, 'tờ trình.txt', 'bản một');
    await sync(a);
    await sync(await raise(high));
    const again = await reopened(c);
    await again.settle();
    expect(await tree(again)).toEqual([]);
    expect(await again.published()).toBe(0);
  });

  it('whose copy was edited is set aside, named, and published by nobody', async () => {
    const { a, c, sync, raise, author } = await three(low, { publishers: true });
    await put(a, 'tờ trình.txt', 'bản một');
    await sync(a);
    const raised = await raise(high);
    await raised.settle();
    await writeFile(c.at('tờ trình.txt'), 'chỉ có ở đây');
    await raised.bring(c);
    await c.settle();
    expect(await tree(c)).toEqual([]);
    // At most a grant, which holds no item.
    expect((await recordsOf(c)).filter(({ type }) => type === 'item')).toEqual([]);
    const [kept = '', ...others] = await holding(c.root, 'chỉ có ở đây');
    expect([kept.includes('.dongbo/withdrawn/'), others]).toEqual([true, []]);
    expect(await c.problems()).toEqual({ '.dongbo/withdrawn/tờ trình.txt': 'WITHDRAWN_BUT_EDITED' });
    expect(await c.receiptFor(author)).toBe(await raised.published());
    await rm(kept);
    await c.settle();
    expect(await c.problems()).toEqual({});
  });

  it('by another than its author is raised by its author too, who withdraws its own', async () => {
    const { a, b, c, raise } = await three(low, { publishers: true });
    await put(b, 'tờ trình.txt', 'của B');
    await b.settle();
    for (const reader of [a, c]) {
      await b.bring(reader);
      await reader.settle();
    }
    expect(await tree(c)).toEqual(['tờ trình.txt']);
    const raised = await raise(high);
    await raised.settle();
    await raised.bring(b);
    await b.settle();
    await b.settle();
    await b.bring(c);
    await c.settle();
    expect([await tree(c), await holding(c.dir, 'của B')]).toEqual([[], []]);
    expect(await readFile(b.at('tờ trình.txt'), 'utf8')).toBe('của B');
    expect((await withdrawalFacts(b.own.state)).open).toBe(1);
    const published = await b.published();
    await b.bring(raised);
    await raised.settle();
    await raised.bring(b);
    await b.settle();
    expect(await b.published()).toBe(published);
  });

  it('many at once wait for a person, unsigned', async () => {
    const { a, c, sync, raise, author } = await three();
    for (let i = 0; i < 60; i++) await put(a, `tệp ${i}.txt`, `nội dung ${i}`);
    await sync(a);
    const before = await c.receiptFor(author);
    const raised = await raise(high);
    await raised.settle();
    await raised.bring(c);
    await c.until(() => c.space.cycle.facts().halt?.code === 'MASS_DELETE_INCOMING');
    expect([(await tree(c)).length, await c.receiptFor(author)]).toEqual([60, before]);
    await c.space.release();
    await c.settle();
    expect([await tree(c), await c.receiptFor(author)]).toEqual([[], await raised.published()]);
  });
});

describe('what a publisher has withdrawn', () => {
  const facts = (node: SpaceNode) => withdrawalFacts(node.own.state);
  const codes = (node: SpaceNode) => node.events.flatMap((e) => (e.type === 'note' ? [e.code] : []));

  it('is open until the member that had it signs, and confirmed from then on', async () => {
    const { a, b, c, sync, raise, reopened } = await three();
    await put(a, 'một.txt', 'một');
    await put(a, 'hai.txt', 'hai');
    await sync(a);
    const raised = await raise([{ path: '/một.txt', sensitivity: 'RESTRICTED' }, ...low]);
    await raised.settle();
    expect(await facts(raised)).toEqual({ open: 1, confirmed: 0, oldest: expect.any(Number) });
    expect(codes(raised)).toEqual(['WITHDRAWAL_BEGUN']);
    await raised.bring(b);
    await b.settle();
    await b.return(raised);
    await raised.settle();
    expect((await facts(raised)).open).toBe(1);
    await raised.bring(c);
    await c.settle();
    const again = await reopened(raised);
    await c.return(again);
    await again.settle();
    expect(await facts(again)).toEqual({ open: 0, confirmed: 1 });
    const told = again.events.find((e) => e.type === 'note' && e.code === 'WITHDRAWAL_CONFIRMED');
    expect(told).toMatchObject({ details: { node: c.own.origin.node, items: 1 } });
  });

  it('is a problem of the member that has not confirmed for a day, until it does', async () => {
    const { a, c, sync, raise } = await three();
    await put(a, 'một.txt', 'một');
    await sync(a);
    const raised = await raise(high);
    await raised.settle();
    expect(await raised.problems()).toEqual({});
    raised.advance(overdueMs + 1);
    await raised.settle();
    const path = `/withdrawal:${c.own.origin.node}`;
    expect(await raised.problems()).toEqual({ [path]: 'WITHDRAWAL_UNCONFIRMED' });
    await raised.bring(c);
    await c.settle();
    await c.return(raised);
    await raised.settle();
    expect(await raised.problems()).toEqual({});
  });
});

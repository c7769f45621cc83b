/** The label decides: three members of one space, cleared for different labels, each get what is theirs. */
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { withheldOf } from '#agent/cycle/closed-feeds.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { draft, makeParties } from '#test/trust/parties.ts';
import { SpaceNode } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

const decided = { decidedBy: 'Ông A', decisionRef: '12/QĐ' };
const rules: readonly LabelRule[] = [
  { path: '/chung/', sensitivity: 'INTERNAL' },
  { path: '/chung/*.xlsx', sensitivity: 'RESTRICTED' },
  { path: '/hạn chế/', sensitivity: 'RESTRICTED' },
  { path: '/trên mức/', sensitivity: 'CONFIDENTIAL' },
  { path: '/mật/', secrecy: 'MAT', ...decided },
];

/** A publishes up to RESTRICTED, B may read that, C up to INTERNAL. */
async function three(labels = rules) {
  const [a, b, c] = await makeParties('H29.12', 'H29.13', 'H29.14');
  const members = [
    [a, 'publish', 'subscribe'],
    [b, 'subscribe'],
    [c, 'subscribe'],
  ] as const;
  const plain = draft(members, {
    label: { sensitivity: 'RESTRICTED', secrecy: 'NONE', personalData: 'NONE' },
  });
  const levels = ['RESTRICTED', 'RESTRICTED', 'INTERNAL'];
  const cleared = plain.members.map((m, i) => ({ ...m, highestLabel: levels[i] ?? '' }));
  const agreement = await signAgreement({ ...plain, members: cleared }, a);
  const secrets = new MemorySecrets();
  const dirs = [await temporaryDir(), await temporaryDir(), await temporaryDir()];
  cleanup.push(...dirs);
  const open = async (me: typeof a, at: number, more: object) => {
    const node = await SpaceNode.open({ me, agreement, dir: dirs[at]?.path ?? '', ...more });
    cleanup.push(node);
    return node;
  };
  const one = await open(a, 0, { labels, secrets });
  const sources = () => [one];
  const readers = [await open(b, 1, { sources }), await open(c, 2, { sources })] as const;
  /** The author with other rules: a new process. */
  const restarted = async (others: readonly LabelRule[]) => {
    await one[Symbol.asyncDispose]();
    return open(a, 0, { labels: others, secrets });
  };
  const put = async (path: string, text = path) => {
    await mkdir(dirname(one.at(path)), { recursive: true });
    await writeFile(one.at(path), text);
  };
  const sync = async () => {
    await one.settle();
    for (const reader of readers) {
      await one.bring(reader);
      await reader.settle();
    }
  };
  return { a: one, b: readers[0], c: readers[1], author: a.node, put, sync, restarted };
}

const tree = async (node: SpaceNode): Promise<string[]> =>
  (await readdir(node.root, { recursive: true })).filter((path) => !path.startsWith('.dongbo')).sort();

const withheld = async ({ own }: SpaceNode): Promise<number> => {
  let records = 0;
  for (const { origin } of await own.state.origins()) records += await withheldOf(own.state, origin);
  return records;
};

describe('labels by path', () => {
  it('give each member what it is cleared for; the rest is withheld, and acknowledged', async () => {
    const { a, b, c, author, put, sync } = await three();
    for (const path of ['chung/a.txt', 'chung/b.xlsx', 'hạn chế/c.txt']) await put(path);
    await sync();
    expect(await tree(b)).toEqual(['chung', 'chung/a.txt', 'chung/b.xlsx', 'hạn chế', 'hạn chế/c.txt']);
    expect(await tree(c)).toEqual(['chung', 'chung/a.txt']);
    expect([await b.problems(), await c.problems()]).toEqual([{}, {}]);
    expect([await withheld(b), await withheld(c)]).toEqual([0, 3]);
    const published = await a.published();
    expect([await b.receiptFor(author), await c.receiptFor(author)]).toEqual([published, published]);
  });

  it('keep what no rule names, what is above the agreement and what is a state secret at home', async () => {
    const { a, b, put, sync } = await three();
    for (const path of ['chung/a.txt', 'vô danh.txt', 'trên mức/d.txt', 'mật/e.txt']) await put(path);
    const long = new Date('2001-01-01T00:00:00Z');
    await utimes(a.at('mật/e.txt'), long, long);
    await sync();
    expect(await tree(b)).toEqual(['chung', 'chung/a.txt']);
    expect(await a.problems()).toEqual({
      'vô danh.txt': 'LABEL_MISSING',
      'trên mức': 'LABEL_ABOVE_AGREEMENT',
      'trên mức/d.txt': 'LABEL_ABOVE_AGREEMENT',
    });
    expect(await a.own.state.row('mật/e.txt')).toBeUndefined();
  });

  it('that are raised seal the item anew: who is not cleared has nothing of it from then on', async () => {
    const labels: LabelRule[] = [{ path: '**', sensitivity: 'INTERNAL' }];
    const { a, c, put, sync, restarted } = await three(labels);
    await put('tờ trình.txt', 'một');
    await sync();
    expect(await tree(c)).toEqual(['tờ trình.txt']);
    const row = await a.own.state.row('tờ trình.txt');
    const raised = await restarted([{ path: '**', sensitivity: 'RESTRICTED' }]);
    await raised.settle();
    expect((await raised.own.state.row('tờ trình.txt'))?.remote?.epoch).not.toBe(row?.remote?.epoch);
    await writeFile(raised.at('tờ trình.txt'), 'hai');
    await raised.settle();
    await raised.bring(c);
    await c.settle();
    expect(await tree(c)).toEqual([]);
    // The newest record of the item: the one before it is superseded.
    expect(await withheld(c)).toBe(1);
  });
});

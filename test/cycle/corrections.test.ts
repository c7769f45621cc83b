/** R36: one owner of each master record; another's write is a proposed correction, never a version. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Details } from '#agent/core/errors.ts';
import { Corrections } from '#agent/cycle/corrections.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { type TemporaryDir, temporaryDir } from '#test/sys/temporary-dir.ts';
import { draft, makeParties } from '#test/trust/parties.ts';
import { SpaceNode } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

const both = ['publish', 'subscribe'] as const;

/** The owner of the records, one that may propose, and one more member with the same roles. */
async function world() {
  const [a, b, c] = await makeParties('H29.12', 'H29.13', 'H29.14');
  const members = [
    [a, ...both],
    [b, ...both],
    [c, ...both],
  ] as const;
  const agreement = await signAgreement(draft(members, { masterOwner: a.node }), a);
  const nodes: SpaceNode[] = [];
  const sources = () => nodes;
  for (const me of [a, b, c]) {
    const dir: TemporaryDir = await temporaryDir();
    const node = await SpaceNode.open({ me, agreement, dir: dir.path, sources });
    cleanup.push(dir, node);
    nodes.push(node);
  }
  const [owner, proposer, third] = nodes as [SpaceNode, SpaceNode, SpaceNode];
  const records: { type: string; fields: Details }[] = [];
  const trail = { decided: async (type: string, fields: Details) => void records.push({ type, fields }) };
  const at = (node: SpaceNode) => new Corrections({ own: node.own, keyring: node.keyring, trail });
  const waiting = async (node: SpaceNode) => (await at(node).list(100)).corrections;
  const decide = async (accept: boolean, reason = '') => {
    const [one] = await waiting(owner);
    if (!one || !('id' in one)) throw new Error('nothing waits');
    await at(owner).decide({ id: one.id, accept, by: 'Nguyễn Văn A', reason });
  };
  /** Everybody hears of everybody, until nothing is left to do. */
  const exchange = async () => {
    for (let round = 0; round < 3; round++) {
      for (const from of nodes) for (const to of nodes) if (from !== to) await from.bring(to);
      for (const node of nodes) await node.settle();
    }
  };
  return { owner, proposer, third, nodes, waiting, decide, exchange, records, at };
}

const names = async (node: SpaceNode) => (await readdir(node.root)).filter((n) => n !== '.dongbo').sort();
const read = (node: SpaceNode, path: string) => readFile(node.at(path), 'utf8');

/** As `world`, with one record of the owner's everywhere. */
async function sharing() {
  const all = await world();
  await writeFile(all.owner.at('hồ sơ.txt'), 'bản gốc');
  await all.owner.settle();
  await all.exchange();
  for (const node of all.nodes) expect(await read(node, 'hồ sơ.txt')).toBe('bản gốc');
  return all;
}

describe('an edit by a member that does not own the record', () => {
  it('reaches the owner as a proposal, and nobody as a version', async () => {
    const { owner, proposer, third, waiting, exchange } = await sharing();
    await writeFile(proposer.at('hồ sơ.txt'), 'bản sửa');
    await proposer.settle();
    await exchange();
    expect([await read(owner, 'hồ sơ.txt'), await read(third, 'hồ sơ.txt')]).toEqual(['bản gốc', 'bản gốc']);
    expect(await read(proposer, 'hồ sơ.txt')).toBe('bản sửa');
    expect(await proposer.problems()).toEqual({ 'hồ sơ.txt': 'CORRECTION_PROPOSED' });
    expect(await waiting(owner)).toMatchObject([
      { path: 'hồ sơ.txt', from: 'H29.13', label: 'INTERNAL', kind: 'file', size: 11 },
    ]);
    expect(await waiting(third)).toEqual([]);
    expect(owner.events.filter((e) => e.type === 'note' && e.code === 'CORRECTION_RECEIVED')).toHaveLength(1);
    for (const node of [owner, third]) expect(await node.receiptFor(proposer.own.origin.node)).toBe(2);
  });

  it('cannot be opened by a third member', async () => {
    const { proposer, third, exchange } = await sharing();
    await writeFile(proposer.at('hồ sơ.txt'), 'bản sửa');
    await proposer.settle();
    await exchange();
    const { origin, space } = proposer.own;
    expect(await third.keyring.keysFor(space, origin, 1)).toBeUndefined();
    expect(await third.own.state.cursor(`withheld-records/${origin.node}.${origin.incarnation}`)).toBe(1);
  });

  it('that is accepted becomes the version of the owner, everywhere', async () => {
    const { owner, proposer, nodes, waiting, decide, exchange, records } = await sharing();
    await writeFile(proposer.at('hồ sơ.txt'), 'bản sửa');
    await proposer.settle();
    await exchange();
    await decide(true);
    await exchange();
    for (const node of nodes) {
      expect([await names(node), await read(node, 'hồ sơ.txt')]).toEqual([['hồ sơ.txt'], 'bản sửa']);
      expect(await node.problems()).toEqual({});
      const row = await node.own.state.row('hồ sơ.txt');
      expect(row?.remote?.author.node).toBe(owner.own.origin.node);
    }
    expect(await waiting(owner)).toEqual([]);
    expect(records).toMatchObject([
      { type: 'correction.accepted', fields: { agency: 'H29.13', by: 'Nguyễn Văn A', label: 'INTERNAL' } },
    ]);
    expect(JSON.stringify(records)).not.toContain('hồ sơ');
  });

  it('that is refused gives way to the version of the owner, and is kept beside; its author reads why', async () => {
    const { owner, proposer, third, waiting, decide, exchange, records } = await sharing();
    await writeFile(proposer.at('hồ sơ.txt'), 'bản sửa');
    await proposer.settle();
    await exchange();
    await decide(false, 'Sai số quyết định');
    await exchange();
    expect(await read(proposer, 'hồ sơ.txt')).toBe('bản gốc');
    const copy = (await names(proposer)).find((name) => name.includes('xung đột')) ?? '';
    expect(await read(proposer, copy)).toBe('bản sửa');
    for (const node of [owner, third]) expect(await names(node)).toEqual(['hồ sơ.txt']);
    expect(await waiting(proposer)).toEqual([{ path: 'hồ sơ.txt', refused: 'Sai số quyết định' }]);
    expect([await waiting(owner), await waiting(third)]).toEqual([[], []]);
    expect(records.map(({ type }) => type)).toEqual(['correction.refused']);
    // The copy is nobody's but this node's.
    expect(Object.keys(await proposer.problems())).not.toContain('hồ sơ.txt');
  });

  it('can be proposed anew after a refusal, and accepted then', async () => {
    const { owner, proposer, third, decide, exchange } = await sharing();
    await writeFile(proposer.at('hồ sơ.txt'), 'bản sửa');
    await proposer.settle();
    await exchange();
    await decide(false, 'Chưa đủ');
    await exchange();
    await writeFile(proposer.at('hồ sơ.txt'), 'bản sửa khác');
    await proposer.settle();
    await exchange();
    await decide(true);
    await exchange();
    for (const node of [owner, proposer, third]) expect(await read(node, 'hồ sơ.txt')).toBe('bản sửa khác');
  });
});

describe('a new item, or a delete, by a member that does not own the records', () => {
  it('is shared once the owner accepts it', async () => {
    const { owner, proposer, third, decide, exchange } = await sharing();
    await mkdir(proposer.at('thư mục'));
    await writeFile(proposer.at('thư mục/mới.txt'), 'mới');
    await rm(proposer.at('hồ sơ.txt'));
    await proposer.settle();
    await exchange();
    expect(await names(third)).toEqual(['hồ sơ.txt']);
    await decide(true);
    await decide(true);
    await exchange();
    for (const node of [owner, proposer, third]) {
      expect(await names(node)).toEqual(['thư mục']);
      expect(await read(node, 'thư mục/mới.txt')).toBe('mới');
    }
  });

  it('is undone, or stays its own, when the owner refuses', async () => {
    const { owner, proposer, third, decide, exchange, waiting } = await sharing();
    await writeFile(proposer.at('mới.txt'), 'mới');
    await rm(proposer.at('hồ sơ.txt'));
    await proposer.settle();
    await exchange();
    await decide(false, 'Không');
    await decide(false, 'Không');
    await exchange();
    expect(await names(proposer)).toEqual(['hồ sơ.txt', 'mới.txt']);
    for (const node of [owner, third]) expect(await names(node)).toEqual(['hồ sơ.txt']);
    expect(await waiting(owner)).toEqual([]);
  });
});

it('nobody but the owner decides, and what is decided on is what was shown', async () => {
  const { owner, proposer, waiting, exchange, at } = await sharing();
  await writeFile(proposer.at('hồ sơ.txt'), 'một');
  await proposer.settle();
  await exchange();
  const [shown] = await waiting(owner);
  const id = shown && 'id' in shown ? shown.id : '';
  const decision = { id, accept: true, by: 'a', reason: '' };
  await expect(at(proposer).decide(decision)).rejects.toMatchObject({ code: 'CORRECTION_NOT_OWNER' });
  await writeFile(proposer.at('hồ sơ.txt'), 'hai');
  await proposer.settle();
  await exchange();
  await expect(at(owner).decide(decision)).rejects.toMatchObject({ code: 'CORRECTION_UNKNOWN' });
  expect(await waiting(owner)).toHaveLength(1);
});

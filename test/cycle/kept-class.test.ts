/** A file keeps its class under another name, in whatever form and by whomever it was published. */
import { copyFile, mkdir, readdir, rename, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { cleared } from './cleared.ts';
import type { SpaceNode } from './space-node.ts';
import { ThreeMembers } from './three-members.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

const rest: LabelRule = { path: '**', sensitivity: 'INTERNAL' };

async function put(node: SpaceNode, path: string, text: string): Promise<void> {
  await mkdir(dirname(node.at(path)), { recursive: true });
  await writeFile(node.at(path), text);
}

async function classOf(node: SpaceNode, path: string): Promise<string | undefined> {
  const { remote } = (await node.own.state.row(path)) ?? {};
  return remote && (await node.keyring.keysFor(node.own.space, remote.author, remote.epoch))?.labelClass;
}

const tree = async (node: SpaceNode): Promise<string[]> =>
  (await readdir(node.root, { recursive: true })).filter((path) => !path.startsWith('.dongbo')).sort();

it('also where it is sealed in cells', async () => {
  const t = await ThreeMembers.open({
    changes: { label: { sensitivity: 'CONFIDENTIAL', secrecy: 'NONE', personalData: 'NONE' } },
    levels: ['CONFIDENTIAL', 'CONFIDENTIAL', 'INTERNAL'],
    labels: [rest, { path: '/kín/', sensitivity: 'CONFIDENTIAL' }],
  });
  cleanup.push(t);
  const { a } = t;
  await put(a, 'kín/một.txt', 'một');
  await put(a, 'kín/hai.bin', 'x'.repeat(300_000));
  await a.settle();
  expect(await classOf(a, 'kín/một.txt')).toBe('CONFIDENTIAL');
  await rename(a.at('kín/một.txt'), a.at('một.txt'));
  await copyFile(a.at('kín/hai.bin'), a.at('hai.bin'));
  await put(a, 'ba.txt', 'mọt');
  await a.settle();
  const classes = await Promise.all(['một.txt', 'hai.bin', 'ba.txt'].map((path) => classOf(a, path)));
  expect(classes).toEqual(['CONFIDENTIAL', 'CONFIDENTIAL', 'INTERNAL']);
});

it('also where another has published it', async () => {
  const rules: LabelRule[] = [rest, { path: '/kín/', sensitivity: 'RESTRICTED' }];
  const { a, b, c } = await cleared(cleanup, rules, { publishers: true });
  await put(a, 'kín/một.txt', 'một');
  await put(a, 'kín/hai.txt', 'hai');
  await a.settle();
  await a.bring(b);
  await b.settle();
  await rename(b.at('kín/một.txt'), b.at('một.txt'));
  await copyFile(b.at('kín/hai.txt'), b.at('hai.txt'));
  await b.settle();
  await b.bring(c);
  await c.settle();
  expect(await tree(c)).toEqual([]);
  expect([await classOf(b, 'một.txt'), await classOf(b, 'hai.txt')]).toEqual(['RESTRICTED', 'RESTRICTED']);
});

const rules: LabelRule[] = [rest, { path: '/kín/', sensitivity: 'RESTRICTED' }];

async function outside(node: SpaceNode, from: string): Promise<string> {
  const place = `${node.dir}/bên ngoài`;
  await rename(node.at(from), place);
  return place;
}

it('also when its old place is gone before it is found at the new one, over restarts too', async () => {
  const { a, c, raise, sync } = await cleared(cleanup, rules);
  await put(a, 'kín/một.txt', 'một');
  await put(a, 'kín/hai.txt', 'hai, bản cũ');
  await put(a, 'khác.txt', 'khác');
  await a.settle();
  const epoch = (await a.own.state.row('kín/một.txt'))?.remote?.epoch ?? 0;
  const place = await outside(a, 'kín/một.txt');
  // As an editor saves: the old content is under another name, and its own has a new one.
  await rename(a.at('kín/hai.txt'), `${a.dir}/bản cũ`);
  await put(a, 'kín/hai.txt', 'hai, bản mới');
  await a.settle();
  const again = await raise(rules);
  // Where the secret of the epoch has been destroyed, the ledger tells the class.
  expect(await again.own.state.keyLedger.classOf(again.own.origin, epoch)).toBe('RESTRICTED');
  await rename(place, again.at('một.txt'));
  await rename(`${a.dir}/bản cũ`, again.at('hai.txt'));
  await sync(again);
  const classes = await Promise.all(['một.txt', 'hai.txt', 'khác.txt'].map((path) => classOf(again, path)));
  expect(classes).toEqual(['RESTRICTED', 'RESTRICTED', 'INTERNAL']);
  expect(await tree(c)).toEqual(['khác.txt']);
});

it('also of what another published, and deleted, before it comes back here', async () => {
  const { a, b, c } = await cleared(cleanup, rules, { publishers: true });
  await put(a, 'kín/một.txt', 'một');
  await a.settle();
  await a.bring(b);
  await b.settle();
  await rename(a.at('kín/một.txt'), `${a.dir}/bên ngoài`);
  await a.settle();
  await a.bring(b);
  await b.settle();
  await put(b, 'từ thùng rác.txt', 'một');
  await b.settle();
  await b.bring(c);
  await c.settle();
  expect(await classOf(b, 'từ thùng rác.txt')).toBe('RESTRICTED');
  expect(await tree(c)).toEqual([]);
});

it('also in a folder that was decided to be lower before it came there, until that is decided of itself', async () => {
  const by = { decidedBy: 'Bà B', decisionRef: '34/QĐ' };
  const lower = { sensitivity: 'INTERNAL', ...by } as const;
  const { a } = await cleared(cleanup, rules);
  await put(a, 'kín/một.txt', 'một');
  await put(a, 'chung/khác.txt', 'khác');
  await a.settle();
  await a.desk.decide({ path: 'chung', ...lower }, 'dir', 'an.nv');
  await a.settle();
  await copyFile(a.at('kín/một.txt'), a.at('chung/một.txt'));
  await a.settle();
  expect(await classOf(a, 'chung/một.txt')).toBe('RESTRICTED');
  await a.desk.decide({ path: 'chung/một.txt', ...lower }, 'file', 'an.nv');
  await a.settle();
  expect(await classOf(a, 'chung/một.txt')).toBe('INTERNAL');
  await utimes(a.at('chung/một.txt'), 1, 1);
  await a.settle();
  expect(await classOf(a, 'chung/một.txt')).toBe('INTERNAL');
});

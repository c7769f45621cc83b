/** What a node still gives out of its files, after a label was raised. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { type NodeId, parseChunkId } from '#agent/core/ids.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { cleared, type Three } from './cleared.ts';
import { chunksOf } from './relay.ts';
import type { SpaceNode } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

const low: LabelRule[] = [{ path: '**', sensitivity: 'INTERNAL' }];
const high: LabelRule[] = [{ path: '**', sensitivity: 'RESTRICTED' }];
const by = { decidedBy: 'Bà B', decisionRef: '34/QĐ' };

async function shared(publishers = false): Promise<Three & { readonly old: string }> {
  const three = await cleared(cleanup, low, { publishers });
  await writeFile(three.a.at('một.bin'), randomBytes(5000));
  await three.sync(three.a);
  const [old = ''] = await chunksOf(three.a, 'một.bin');
  return { ...three, old };
}

const served = async ({ own }: SpaceNode, author: NodeId, id: string): Promise<boolean> =>
  (await own.local?.sealedById(author, parseChunkId(id))) !== undefined;

it('a reader serves no chunk of a record that a raised label has withdrawn', async () => {
  const { b, author, sync, raise, old } = await shared();
  expect(await served(b, author, old)).toBe(true);
  await sync(await raise(high));
  expect(await served(b, author, old)).toBe(false);
});

it('an item that has become a state secret is not served from the disk any more', async () => {
  const { a, author, old } = await shared();
  expect(await served(a, author, old)).toBe(true);
  await a.desk.decide({ path: 'một.bin', secrecy: 'TUYET_MAT', ...by }, 'file', 'an.nv');
  await a.settle();
  expect(await served(a, author, old)).toBe(false);
});

it('an item that a label file puts above the agreement is not served from the disk any more', async () => {
  const { a, author, old } = await shared();
  expect(await served(a, author, old)).toBe(true);
  const rule = JSON.stringify([{ path: 'một.bin', sensitivity: 'CONFIDENTIAL' }]);
  await writeFile(a.at('.dongbo-labels.yaml'), rule);
  await a.settle();
  expect(await served(a, author, old)).toBe(false);
});

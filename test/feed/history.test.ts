/** What is remembered of a path and of contents when nothing of it stands any more. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Origin } from '#agent/core/ids.ts';
import { parseIncarnation, parseNodeId } from '#agent/core/ids.ts';
import type { ItemState, Row } from '#agent/core/item.ts';
import { State } from '#agent/feed/state.ts';
import { type TemporaryDir, temporaryDir } from '#test/sys/temporary-dir.ts';
import { digest, fileRow, node, origin, space } from './fixtures.ts';

let dir: TemporaryDir;
let state: State;
beforeEach(async () => {
  dir = await temporaryDir();
  state = await State.open(`${dir.path}/state`, { node });
});
afterEach(async () => {
  await state[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

const of = () => state.space(space);
const other: Origin = { node: parseNodeId('bb'.repeat(32)), incarnation: parseIncarnation('07'.repeat(8)) };
const fileOf = (text: string): Extract<ItemState, { kind: 'file' }> => {
  const found = fileRow(text).remote?.state;
  if (found?.kind !== 'file') throw new Error('no file');
  return found;
};

async function put(path: string, row: Row): Promise<void> {
  const batch = of().batch();
  batch.putRow(path, row);
  await batch.commit();
}

async function restart(): Promise<void> {
  await state[Symbol.asyncDispose]();
  state = await State.open(`${dir.path}/state`, { node });
}

it('a record that stood is remembered once it stands no more, over a restart and after its row is gone', async () => {
  await put('a', fileRow('one'));
  expect([await of().history.brought('a'), await of().history.formerOf(fileOf('one'))]).toEqual([[], []]);
  await put('a', fileRow('two'));
  await put('a', {});
  await restart();
  const brought = (await of().history.brought('a')).toSorted((x, y) => (x.name < y.name ? -1 : 1));
  const names = [digest('one'), digest('two')].sort();
  expect(brought).toEqual(names.map((name) => ({ author: origin, seq: 4, name, over: false })));
  expect(await of().history.formerOf(fileOf('one'))).toEqual([{ author: origin, epoch: 1, seq: 4 }]);
  expect(await of().history.brought('ab')).toEqual([]);
});

it('what is said outright counts before what follows from the row', async () => {
  await put('a', fileRow('one'));
  const batch = of().batch();
  batch.putBrought('a', { author: origin, seq: 9, name: digest('one'), over: true });
  batch.putRow('a', fileRow('two'));
  await batch.commit();
  expect(await of().history.brought('a')).toEqual([
    { author: origin, seq: 9, name: digest('one'), over: true },
  ]);
});

it('is bounded: of a feed the oldest contents of a path go, and it stays known that there were more', async () => {
  const batch = of().batch();
  for (let seq = 1; seq <= 600; seq++)
    batch.putBrought('a', { author: origin, seq, name: `n${seq}`, over: false });
  batch.putBrought('a', { author: other, seq: 1, name: 'x', over: false });
  await batch.commit();
  await of().history.age(1);
  const left = await of().history.brought('a');
  expect(left).toHaveLength(512 + 1 + 1);
  expect(left).toContainEqual({ author: origin, seq: 0, name: '*', over: false });
  expect(left).toContainEqual({ author: other, seq: 1, name: 'x', over: false });
  expect(left.filter(({ name }) => name === 'n88')).toEqual([]);
  expect(left.filter(({ name }) => name === 'n89')).toHaveLength(1);
});

it('is aged by nights lived through: a content is forgotten after 400 of them, and no date counts', async () => {
  await put('a', fileRow('one'));
  await put('a', fileRow('two'));
  await of().history.age(399);
  await put('a', fileRow('three'));
  await restart();
  expect(await of().history.formerOf(fileOf('one'))).toHaveLength(1);
  await of().history.age(400);
  expect([
    await of().history.formerOf(fileOf('one')),
    await of().history.formerOf(fileOf('two')),
  ]).toMatchObject([[], [{}]]);
});

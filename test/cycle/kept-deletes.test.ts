/** Deletes that the brake keeps back, at a real node: the rest goes on, and a person is asked only about what stands. */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { systemClock } from '#agent/sys/clock.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { startMs } from '#test/trust/parties.ts';
import { agree } from './node.ts';
import { SpaceNode } from './space-node.ts';

/** Twenty times as quick as the world. */
const quick = {
  now: () => startMs + Math.floor(performance.now() * 20),
  monotonic: () => performance.now() * 20,
  sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(ms / 20, signal),
};

const paths = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `văn bản ${from + i}.txt`);

async function office() {
  const owned = new AsyncDisposableStack();
  const { parties, agreement } = await agree(['H29.12', 'publish', 'subscribe'], ['H29.13', 'subscribe']);
  const dir = owned.use(await temporaryDir());
  const node = owned.use(await SpaceNode.open({ me: parties[0], agreement, dir: dir.path, clock: quick }));
  const write = (some: readonly string[], text = 'số') =>
    Promise.all(some.map((path) => writeFile(node.at(path), `${text} ${path}`)));
  const published = async (some: readonly string[]) => {
    const rows = await node.own.state.rows(some);
    return rows.filter((row) => row?.agreed && row.agreed.state.kind !== 'gone').length;
  };
  await write(paths(0, 40));
  await node.settle();
  return {
    ...{ node, write, published },
    remove: (some: readonly string[]) => Promise.all(some.map((path) => rm(node.at(path)))),
    halt: () => node.space.cycle.facts().halt?.code,
    halts: () => node.events.flatMap((e) => (e.type === 'halted' ? [e.halt.code] : [])),
    seen: (path: string) => node.until(async () => (await published([path])) === 1),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

it('the rest goes on, nothing of them goes out in slices, and what is written again ends the halt without a person', async () => {
  await using o = await office();
  await o.remove(paths(0, 30));
  await o.node.until(() => o.halt() === 'MASS_DELETE_LOCAL');
  await o.write(['mới.txt']);
  await o.seen('mới.txt');
  // One more, hinted at by itself: none of the thirty goes with it.
  await o.remove(paths(30, 31));
  await o.write(['mới nữa.txt']);
  await o.seen('mới nữa.txt');
  expect(await o.published(paths(0, 31))).toBe(31);
  await o.write(paths(0, 30), 'bản mới');
  await o.node.until(() => o.halt() === undefined);
  await o.node.settle();
  expect([await o.published(paths(0, 31)), o.node.space.cycle.isCurrent()]).toEqual([30, true]);
  expect(o.halts()).toEqual(['MASS_DELETE_LOCAL']);
});

it('what is written again at once halts nothing', async () => {
  await using o = await office();
  await o.remove(paths(0, 40));
  o.node.space.cycle.rescan();
  await o.node.until(() => o.node.space.cycle.isCurrent() === false);
  expect(await o.published(paths(0, 40))).toBe(40);
  await o.write(paths(0, 40), 'xuất lại');
  await o.node.until(() => o.node.space.cycle.isCurrent());
  await o.node.settle();
  expect([o.halts(), await o.published(paths(0, 40))]).toEqual([[], 40]);
});

it('go out once a person has released them, and only then', async () => {
  await using o = await office();
  await o.remove(paths(0, 30));
  await o.node.until(() => o.halt() === 'MASS_DELETE_LOCAL');
  expect(await o.published(paths(0, 30))).toBe(30);
  expect(await o.node.space.release()).toBe('MASS_DELETE_LOCAL');
  await o.node.until(async () => (await o.published(paths(0, 30))) === 0);
  expect([(await readdir(o.node.root)).length, o.halt()]).toEqual([11, undefined]);
});

/** What one member asks for in vain makes nobody else busy, and hides nothing that another asks for. */
import { expect, it } from 'vitest';
import { WantList } from '#agent/cycle/wanted.ts';
import { idNamed, nodeNamed, spaceNamed } from '#test/exchange/sample-feed.ts';

const space = spaceNamed('wanted');
const [author, hostile, honest] = [nodeNamed('author'), nodeNamed('hostile'), nodeNamed('honest')];

function world() {
  const at = { ms: 0 };
  const list = new WantList({ monotonic: () => at.ms });
  let count = 0;
  const some = (n: number) =>
    Array.from({ length: n }, () => ({ author, id: idNamed(`lost ${count++}`), open: true }));
  return { at, list, some };
}

it('who asks for ever new chunks is passed on a few times at once, and once a second then', () => {
  const { at, list, some } = world();
  let told = 0;
  for (let i = 0; i < 400; i += 1) told += list.add(space, hostile, some(1)) ? 1 : 0;
  expect(told).toBe(16);
  for (; at.ms < 10_000; at.ms += 50) told += list.add(space, hostile, some(1)) ? 1 : 0;
  expect(told).toBeLessThanOrEqual(26);
});

it('what could not be told at once is told at the next question', () => {
  const { at, list, some } = world();
  while (list.add(space, honest, some(1)));
  const [last] = some(1);
  if (!last) throw new Error('one');
  expect(list.add(space, honest, [last])).toBe(false);
  at.ms = 1000;
  expect(list.add(space, honest, [last])).toBe(true);
  expect(list.add(space, honest, [last])).toBe(false);
});

it('what is asked for in vain keeps its place for a minute, so that others look for the same in vain but once', () => {
  const { at, list, some } = world();
  const first = some(512);
  expect(list.add(space, hostile, first)).toBe(true);
  at.ms = 59_000;
  expect(list.add(space, hostile, some(512))).toBe(false);
  expect(list.list(space, author).map(({ id }) => id)).toEqual(first.map(({ id }) => id));
  at.ms = 60_000;
  const later = some(512);
  expect(list.add(space, hostile, later)).toBe(true);
  expect(list.list(space, author).map(({ id }) => id)).toEqual(later.map(({ id }) => id));
});

it('each who asks has a share of what is told', () => {
  const { list, some } = world();
  list.add(space, hostile, some(512));
  const own = some(100);
  expect(list.add(space, honest, own)).toBe(true);
  const told = new Set(list.list(space, author).map(({ id }) => id));
  expect(told.size).toBe(512);
  expect(own.every(({ id }) => told.has(id))).toBe(true);
  list.got(
    space,
    own.map(({ id }) => id),
  );
  expect(list.list(space, author).some(({ id }) => own.some((one) => one.id === id))).toBe(false);
});

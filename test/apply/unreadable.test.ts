/** A feed full of records that are no good costs no more than one with a few. */
import { expect, it } from 'vitest';
import { maxShown } from '#agent/apply/unreadable.ts';
import { clearFeedProblems } from '#agent/cycle/feed-problems.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import { Author, space } from './author.ts';
import { Reader } from './reader.ts';

const many = 300;
const bad = (n: number) => Array.from({ length: n }, (_, i) => Buffer.from(`x${i}`));

async function rows(state: SpaceState) {
  const found = [];
  for await (const problem of state.problems()) found.push(problem);
  return found;
}

const clear = (b: Reader, publishes = true) =>
  clearFeedProblems({
    ...{ state: b.state, space, inherited: false, emit: () => undefined },
    publishes: () => publishes,
  });

it('some are shown each, all others in one problem, with how many they are and where', async () => {
  await using b = await Reader.open();
  const a = new Author(1);
  const { node } = a.origin;
  await b.take(a, a.segmentOfBodies(bad(many)));
  await b.take(a, a.segmentOfBodies(bad(many)));
  const found = await rows(b.state);
  expect(found).toHaveLength(maxShown + 1);
  expect(found.slice(0, 3).map(({ path }) => path)).toEqual(
    ['1', '10', '11'].map((seq) => `/feed:${node}/${seq}`),
  );
  expect(found.at(-1)).toEqual({
    code: 'RECORDS_UNREADABLE',
    path: `/feed:${node}/more`,
    details: { node, records: 2 * many - maxShown, first: maxShown + 1, last: 2 * many },
  });
  await clear(b);
  expect(await rows(b.state)).toEqual(found);
  await clear(b, false);
  expect(await rows(b.state)).toEqual([]);
  await b.take(a, a.segmentOfBodies(bad(2)));
  expect((await rows(b.state)).map(({ path }) => path)).toEqual(
    [2 * many + 1, 2 * many + 2].map((seq) => `/feed:${node}/${seq}`),
  );
});

it('what a version before noted each by itself is summed', async () => {
  await using b = await Reader.open();
  const a = new Author(1);
  const { node } = a.origin;
  await b.take(a, a.segmentOfBodies(bad(many)));
  const batch = b.state.batch();
  for (let seq = 1; seq <= many; seq += 1)
    batch.putProblem({ code: 'RECORD_MALFORMED', path: `/feed:${node}/${seq}`, details: {} });
  batch.clearProblem(`/feed:${node}/more`);
  await batch.commit();
  await clear(b);
  const found = await rows(b.state);
  expect(found).toHaveLength(maxShown + 1);
  expect(found.at(-1)).toMatchObject({ details: { records: many - maxShown, last: many } });
});

import { expect, it } from 'vitest';
import { State } from '#agent/feed/state.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { chunkId, collect, fileRow, node, space } from './fixtures.ts';

it('paths that are set aside stay so until they are taken up, also after a restart', async () => {
  await using dir = await temporaryDir();
  {
    await using state = await State.open(dir.path, { node });
    const batch = state.space(space).batch();
    for (const path of ['b', 'a/Đ', 'c']) batch.setAside(path);
    batch.setAside('d');
    batch.takeUp('d');
    await batch.commit();
  }
  await using state = await State.open(dir.path, { node });
  const index = state.space(space);
  const batch = index.batch();
  batch.takeUp('b');
  await batch.commit();
  expect(await collect(index.asides())).toEqual(['a/Đ', 'c']);
  expect(index.pendingCount()).toBe(0);
});

it('rows and places are read many at a time, in the order asked', async () => {
  await using dir = await temporaryDir();
  await using state = await State.open(dir.path, { node });
  const index = state.space(space);
  const batch = index.batch();
  const paths = Array.from({ length: 50 }, (_, i) => `d${i % 7}/f${i}`);
  for (const [i, path] of paths.entries()) {
    batch.putRow(path, fileRow(path, i));
    for (let copy = 0; copy <= i % 5; copy++) {
      batch.addLocation(chunkId(`c${i}`), { path: `${path} ${copy}`, offset: i, length: 9 });
    }
  }
  await batch.commit();
  const asked = ['none', ...paths.toReversed(), 'none either'];
  const rows = await index.rows(asked);
  expect(rows).toEqual(await Promise.all(asked.map((path) => index.row(path))));
  const ids = [chunkId('none'), ...paths.map((_, i) => chunkId(`c${i}`)), chunkId('c3')];
  const places = await index.locationsOf(ids);
  expect(places).toEqual(await Promise.all(ids.map((id) => index.locations(id))));
  expect(places.map((found) => found.length)).toEqual([0, ...paths.map((_, i) => (i % 5) + 1), 4]);
  expect(await index.rows([])).toEqual([]);
});

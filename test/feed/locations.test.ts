import { describe, expect, it } from 'vitest';
import { State } from '#agent/feed/state.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { chunkId, collect, node, space } from './fixtures.ts';

const id = chunkId('one');

describe('locations of chunks', () => {
  it('hold pieces of files and lists, and go with their path', async () => {
    await using dir = await temporaryDir();
    await using state = await State.open(dir.path, { node });
    const index = state.space(space);
    const batch = index.batch();
    batch.addLocation(id, { path: 'a', offset: 2 ** 40, length: 262_144 });
    batch.addLocation(id, { path: 'b', list: Uint8Array.of(1, 2, 3) });
    await batch.commit();
    expect(await index.locations(id)).toEqual([
      { path: 'a', offset: 2 ** 40, length: 262_144 },
      { path: 'b', list: Uint8Array.of(1, 2, 3) },
    ]);
    const drop = index.batch();
    drop.addLocation(chunkId('two'), { path: 'a', offset: 0, length: 1 });
    drop.dropLocations('a');
    drop.addLocation(id, { path: 'a', offset: 7, length: 8 });
    await drop.commit();
    expect(await index.locations(chunkId('two'))).toEqual([]);
    expect(await index.locations(id)).toContainEqual({ path: 'a', offset: 7, length: 8 });
    expect(await index.locations(id)).toHaveLength(2);
  });

  it('go on under the same path in later batches, and after a restart', async () => {
    await using dir = await temporaryDir();
    for (const n of [1, 2, 3]) {
      await using state = await State.open(dir.path, { node });
      const batch = state.space(space).batch();
      batch.addLocation(chunkId(`${n}`), { path: 'a', offset: n, length: 1 });
      batch.addLocation(chunkId(`${n}`), { path: `own ${n}`, offset: n, length: 1 });
      await batch.commit();
    }
    await using state = await State.open(dir.path, { node });
    const index = state.space(space);
    const drop = index.batch();
    drop.dropLocations('a');
    await drop.commit();
    for (const n of [1, 2, 3]) {
      expect(await index.locations(chunkId(`${n}`))).toEqual([{ path: `own ${n}`, offset: n, length: 1 }]);
    }
  });

  it('are swept from the disk bit by bit after they were dropped', async () => {
    await using dir = await temporaryDir();
    await using state = await State.open(dir.path, { node });
    const index = state.space(space);
    const batch = index.batch();
    const many = 6000;
    for (let n = 0; n < many; n++) batch.addLocation(chunkId(`${n}`), { path: 'big', offset: n, length: 1 });
    batch.addLocation(chunkId('0'), { path: 'kept', offset: 0, length: 1 });
    await batch.commit();
    const drop = index.batch();
    drop.dropLocations('big');
    await drop.commit();
    expect(await index.locations(chunkId('1'))).toEqual([]);
    const entries = async () => {
      const all = await collect(state.db.entries({ gte: Buffer.from('l'), lt: Buffer.from('n') }));
      return all.length;
    };
    const left = await entries();
    for (let i = 0; i < 3; i++) await index.batch().commit();
    expect(left).toBeGreaterThan(many);
    expect(await entries()).toBe(2);
    expect(await index.locations(chunkId('0'))).toEqual([{ path: 'kept', offset: 0, length: 1 }]);
  });

  it('stay bounded for a chunk that lies everywhere', async () => {
    await using dir = await temporaryDir();
    await using state = await State.open(dir.path, { node });
    const index = state.space(space);
    const batch = index.batch();
    for (let n = 0; n < 100; n++) batch.addLocation(id, { path: `f${n}`, offset: n, length: 1 });
    for (let n = 0; n < 99; n++) batch.dropLocations(`f${n}`);
    for (let n = 0; n < 40; n++) batch.addLocation(id, { path: `f${n}`, offset: n, length: 1 });
    await batch.commit();
    expect(await index.locations(id)).toHaveLength(16);
  });
});

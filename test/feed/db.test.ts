/** A database that could not be written: nothing is put behind what may be half written. */
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { expect, it, vi } from 'vitest';
import { State } from '#agent/feed/state.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { fileRow, node, space } from './fixtures.ts';

const failed = { code: 'STATE_WRITE_FAILED', details: { reason: expect.stringMatching(/No such file/) } };

/** Past this LevelDB begins a new log, which it cannot where its directory is not. */
const logBytes = 4 * 1024 * 1024;

async function failOnce(state: State, dir: string): Promise<void> {
  await state.secrets.put('large', new Uint8Array(logBytes));
  await rename(join(dir, 'db'), join(dir, 'away'));
  await expect(state.putMeta('first', 'x')).rejects.toMatchObject(failed);
  await rename(join(dir, 'away'), join(dir, 'db'));
}

it('refuses every write after the first that failed, until it is opened anew', async () => {
  await using dir = await temporaryDir();
  const state = await State.open(dir.path, { node });
  try {
    await state.putMeta('before', 'x');
    await failOnce(state, dir.path);
    // The disk is well again, and LevelDB would write.
    await expect(state.putMeta('second', 'x')).rejects.toMatchObject(failed);
    await expect(state.db.write([])).rejects.toMatchObject(failed);
    const batch = state.space(space).batch();
    batch.putRow('a', fileRow('a'));
    await expect(batch.commit()).rejects.toMatchObject(failed);
    expect(state.space(space).counts().items).toBe(0);
    expect(await state.getMeta('before')).toBe('x');
  } finally {
    await state[Symbol.asyncDispose]();
  }
  expect(JSON.parse(await readFile(join(dir.path, 'state.json'), 'utf8')).database.is).toBe('open');
  await using again = await State.open(dir.path, { node });
  expect(await again.getMeta('before')).toBe('x');
  expect(await again.getMeta('second')).toBeUndefined();
  await again.putMeta('second', 'y');
  expect(await again.getMeta('second')).toBe('y');
});

it('writes every batch through to the disk before it is done', async () => {
  await using dir = await temporaryDir();
  const probe = new Level(join(dir.path, 'probe'));
  await probe.open();
  let batches: object = Object.getPrototypeOf(probe.batch());
  while (!Object.hasOwn(batches, 'write')) batches = Object.getPrototypeOf(batches);
  await probe.close();
  using write = vi.spyOn(batches as { write(options: object): Promise<void> }, 'write');
  await using state = await State.open(join(dir.path, 'state'), { node });
  await state.putMeta('one', 'x');
  const batch = state.space(space).batch();
  batch.putRow('a', fileRow('a'));
  await batch.commit();
  expect(write.mock.calls.length).toBeGreaterThanOrEqual(3);
  expect(write.mock.calls.filter(([options]) => !('sync' in options && options.sync === true))).toEqual([]);
});

/** What members bring to an agent and no record names: bounded for each, aged out, and the disk is never filled with it. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type ChunkId, parseChunkId } from '#agent/core/ids.ts';
import { State } from '#agent/feed/state.ts';
import { Vault } from '#agent/feed/vault.ts';
import type { VaultOptions } from '#agent/feed/vault-options.ts';
import { nodeNamed, spaceNamed } from '#test/exchange/sample-feed.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { SetClock } from '#test/trust/parties.ts';

const owned: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]();
});
const MiB = 1024 * 1024;
const space = spaceNamed('any');
const [hostile, honest] = [nodeNamed('hostile'), nodeNamed('honest')];
const chunk = () => ({ id: parseChunkId(randomBytes(32).toString('hex')), sealed: randomBytes(256 * 1024) });

async function world(keeps: VaultOptions['keeps'] = 'waiting') {
  const dir = await temporaryDir();
  const clock = new SetClock();
  const disk = { free: 200 * MiB };
  const state = await State.open(dir.path, { node: nodeNamed('me') });
  owned.push(dir, state);
  const open = async () => {
    const vault = await Vault.open(join(dir.path, 'vault'), state, {
      clock,
      keeps,
      free: async () => disk.free,
    });
    owned.push(vault);
    return vault;
  };
  const put = async (vault: Vault, from: typeof honest, count: number): Promise<ChunkId[]> => {
    const chunks = Array.from({ length: count }, chunk);
    for (const one of chunks) await vault.put(space, from, [one]);
    return chunks.map(({ id }) => id);
  };
  return { clock, disk, open, put };
}

it('of one member so much is kept, the newest; of another all of its own', async () => {
  const { open, put } = await world();
  const vault = await open();
  const good = await put(vault, honest, 8);
  const ids = await put(vault, hostile, 100);
  expect(vault.bytes()).toBeLessThan(13 * MiB);
  expect(await vault.missing(space, honest, good)).toEqual([]);
  const gone = await vault.missing(space, hostile, ids);
  expect(gone).toEqual(ids.slice(0, gone.length));
  expect(gone.length).toBeGreaterThan(30);
});

it('what has been used makes room', async () => {
  const { open, put } = await world();
  const vault = await open();
  for (let i = 0; i < 4; i++) await vault.drop(space, await put(vault, honest, 20));
  const last = await put(vault, honest, 20);
  expect(await vault.missing(space, honest, last)).toEqual([]);
});

it('goes after a day that the node has lived through, counted anew by a start', async () => {
  const { open, put, clock } = await world();
  const vault = await open();
  const ids = await put(vault, hostile, 4);
  await vault.tidy();
  expect(await vault.missing(space, hostile, ids)).toEqual([]);
  clock.ms += 25 * 3_600_000;
  await vault.tidy();
  expect(await vault.missing(space, hostile, ids)).toEqual(ids);
});

it.each(['waiting', 'all'] as const)(
  'a vault that keeps %s leaves a reserve of the disk free',
  async (keeps) => {
    const { open, put, disk } = await world(keeps);
    const vault = await open();
    disk.free = 64 * MiB;
    await expect(put(vault, hostile, 1)).rejects.toMatchObject({ code: 'DISK_FULL' });
    disk.free = 70 * MiB;
    await put(vault, hostile, 1);
  },
);

it('a relay keeps everything else', async () => {
  const { open, put, clock } = await world('all');
  const vault = await open();
  const ids = await put(vault, hostile, 80);
  clock.ms += 25 * 3_600_000;
  await vault.tidy();
  expect(await vault.missing(space, hostile, ids)).toEqual([]);
});

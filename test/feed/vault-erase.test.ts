/** What is dropped leaves the disk: sealed bytes that a reader held the key of must not lie about in a pack. */
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgentEvent } from '#agent/core/event.ts';
import { parseNodeId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { State } from '#agent/feed/state.ts';
import { Vault } from '#agent/feed/vault.ts';
import { VaultIndex } from '#agent/feed/vault-index.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { chunkId, collect, node, space } from './fixtures.ts';

const chunk = (name: string, size = 3000): SealedChunk => ({
  id: chunkId(name),
  sealed: new Uint8Array(randomBytes(size)),
});
const another = parseNodeId('7c'.repeat(32));

async function opened() {
  const dir = await temporaryDir();
  const events: AgentEvent[] = [];
  const open = async () => {
    const state = await State.open(dir.path, { node });
    return { state, vault: await Vault.open(join(dir.path, 'vault'), state, (event) => events.push(event)) };
  };
  let { state, vault } = await open();
  const close = async () => {
    await vault[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
  };
  const holds = async ({ sealed }: SealedChunk): Promise<boolean> => {
    for (const name of await readdir(join(dir.path, 'vault')))
      if ((await readFile(join(dir.path, 'vault', name))).includes(sealed)) return true;
    return false;
  };
  return {
    events,
    holds,
    dir: dir.path,
    at: () => ({ vault, state }),
    read: async (one: SealedChunk) =>
      (await collect(vault.copies(space, node, [one.id]))).map(({ sealed }) => Buffer.from(sealed)),
    close,
    reopen: async () => {
      await close();
      ({ state, vault } = await open());
    },
    [Symbol.asyncDispose]: async () => {
      await close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

describe('withdrawn chunks', () => {
  it('are gone from the disk on return, in whatever pack; those beside them are not', async () => {
    await using v = await opened();
    const [a, b, c] = [chunk('a'), chunk('b'), chunk('c', 200_000)];
    await v.at().vault.put(space, node, [a, b, c]);
    expect(await v.at().vault.withdraw(space, node, [a.id, c.id, chunkId('absent')])).toBe(2);
    expect([await v.holds(a), await v.holds(b), await v.holds(c)]).toEqual([false, true, false]);
    await v.reopen();
    expect(await v.read(b)).toEqual([Buffer.from(b.sealed)]);
    expect([await v.read(a), await v.at().vault.missing(space, node, [a.id, b.id])]).toEqual([[], [a.id]]);
    expect(v.events).toEqual([]);
  });

  it('leave the copies of others, and may be put again', async () => {
    await using v = await opened();
    const [mine, theirs] = [chunk('a'), chunk('a')];
    await v.at().vault.put(space, node, [mine]);
    await v.at().vault.put(space, another, [theirs]);
    expect(await v.at().vault.withdraw(space, node, [mine.id])).toBe(1);
    expect([await v.holds(mine), await v.holds(theirs)]).toEqual([false, true]);
    expect(await v.read(mine)).toEqual([Buffer.from(theirs.sealed)]);
    await v.at().vault.put(space, node, [mine]);
    expect(await v.read(mine)).toEqual([Buffer.from(mine.sealed)]);
  });

  it('are moved out of no pack: what stays of a worn one is whole', async () => {
    await using v = await opened();
    const many = Array.from({ length: 40 }, (_, i) => chunk(`m${i}`, 200_000));
    await v.at().vault.put(space, node, many);
    const [kept, ...others] = many as [SealedChunk, ...SealedChunk[]];
    for (const one of others) await v.at().vault.withdraw(space, node, [one.id]);
    for (const one of others) expect(await v.holds(one)).toBe(false);
    expect(await v.read(kept)).toEqual([Buffer.from(kept.sealed)]);
    await v.reopen();
    expect(await v.read(kept)).toEqual([Buffer.from(kept.sealed)]);
  });

  it('are erased at the next start when a crash came before', async () => {
    await using v = await opened();
    const [a, b] = [chunk('a'), chunk('b')];
    await v.at().vault.put(space, node, [a, b]);
    const index = await VaultIndex.open(v.at().state.db);
    const [found] = await index.copies(space, [a.id], 1);
    await index.drop(found ?? []);
    expect(await v.holds(a)).toBe(true);
    await v.reopen();
    expect([await v.holds(a), await v.holds(b)]).toEqual([false, true]);
    expect(await (await VaultIndex.open(v.at().state.db)).erasures(10)).toEqual([]);
  });

  it('of a pack that went leave nothing to erase in one that gets its number', async () => {
    await using v = await opened();
    const index = await VaultIndex.open(v.at().state.db);
    const place = { pack: 1, offset: 0, length: 4000 };
    const key = `${space}${chunkId('x')}${'0'.repeat(32)}`;
    await index.put(1, 4000, [{ key: key as never, place }]);
    await index.drop([{ key: key as never, place }]);
    await index.dropPack(1);
    expect(await index.erasures(10)).toEqual([]);
  });

  it('that an agent has applied are erased as well', async () => {
    await using v = await opened();
    const [a, b] = [chunk('a'), chunk('b')];
    await v.at().vault.put(space, node, [a, b]);
    await v.at().vault.drop(space, [a.id]);
    expect([await v.holds(a), await v.holds(b)]).toEqual([false, true]);
  });
});

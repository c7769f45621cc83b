import { randomBytes } from 'node:crypto';
import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgentEvent } from '#agent/core/event.ts';
import { type ChunkId, type NodeId, parseNodeId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { pusherOf } from '#agent/feed/copy-key.ts';
import { State } from '#agent/feed/state.ts';
import { maxCopies, Vault } from '#agent/feed/vault.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { chunkId, collect, copyIn, node, space } from './fixtures.ts';

const chunk = (name: string, size = 1000): SealedChunk => ({
  id: chunkId(name),
  sealed: new Uint8Array(randomBytes(size)),
});
const other = 'f'.repeat(32) as typeof space;
const kib = 1024;

/** A vault that can be closed and opened again in place. */
async function opened() {
  const dir = await temporaryDir();
  const packs = join(dir.path, 'vault');
  const events: AgentEvent[] = [];
  const at = {
    dir: packs,
    events,
    state: await State.open(dir.path, { node }),
    vault: undefined as unknown as Vault,
  };
  const open = async () => {
    at.vault = await Vault.open(packs, at.state, (event) => events.push(event));
  };
  const close = async () => {
    await at.vault[Symbol.asyncDispose]();
    await at.state[Symbol.asyncDispose]();
  };
  const reopen = async (meanwhile: () => Promise<void> = async () => undefined) => {
    await close();
    await meanwhile();
    at.state = await State.open(dir.path, { node });
    await open();
  };
  await open();
  const dispose = async () => {
    await close();
    await dir[Symbol.asyncDispose]();
  };
  return Object.assign(at, { reopen, [Symbol.asyncDispose]: dispose });
}

/** What the copies of `author`, or those of others, hold. */
async function read({ vault }: { vault: Vault }, ids: readonly ChunkId[], author = node) {
  const copies = await collect(vault.copies(space, author, ids));
  return copies.map(({ id, sealed }): SealedChunk => ({ id, sealed }));
}

const packsOf = async (dir: string) => (await readdir(dir)).sort();

describe('the vault', () => {
  it('keeps chunks by space, over a restart, and takes each once', async () => {
    await using at = await opened();
    const [a, b, c] = [chunk('a'), chunk('b', 290_000), chunk('c', 1)];
    await at.vault.put(space, node, [a, b, a]);
    await at.vault.put(space, node, [a, c]);
    expect(at.vault.bytes()).toBe(a.sealed.length + b.sealed.length + c.sealed.length + 3 * 76);
    expect(await at.vault.missing(space, node, [a.id, chunkId('x'), b.id, chunkId('y')])).toEqual([
      chunkId('x'),
      chunkId('y'),
    ]);
    expect(await at.vault.missing(other, node, [a.id])).toEqual([a.id]);
    expect(await copyIn(at.vault, a.id, { of: other })).toBeUndefined();
    await at.reopen();
    expect(at.vault.bytes()).toBeGreaterThan(290_000);
    for (const one of [a, b, c]) expect(await copyIn(at.vault, one.id)).toEqual(one.sealed);
    await at.vault.put(space, node, [chunk('d')]);
    expect(await packsOf(at.dir)).toHaveLength(1);
    expect((await stat(at.dir)).mode & 0o777).toBe(0o700);
  });

  it('refuses what no reader would take for a chunk', async () => {
    await using at = await opened();
    await expect(at.vault.put(space, node, [chunk('a', 300_000)])).rejects.toMatchObject({
      code: 'INVARIANT',
    });
  });

  it('makes puts that come together durable together, each with its own outcome', async () => {
    await using at = await opened();
    const chunks = Array.from({ length: 200 }, (_, i) => chunk(`c${i}`, 500));
    await Promise.all(chunks.map((one) => at.vault.put(space, node, [one])));
    await at.reopen();
    expect(
      await at.vault.missing(
        space,
        node,
        chunks.map((c) => c.id),
      ),
    ).toEqual([]);
  });

  it('streams many in the order asked, without those it lacks', async () => {
    await using at = await opened();
    const chunks = Array.from({ length: 600 }, (_, i) => chunk(`c${i}`, 5 * kib));
    await at.vault.put(space, node, chunks);
    const wanted = [chunks[7], chunks[3], ...chunks.slice(100, 500), chunks[2]].filter(
      (c) => c !== undefined,
    );
    const ids = [chunkId('no'), ...wanted.map((c) => c.id), chunkId('nor')];
    expect(await read(at, ids)).toEqual(wanted);
  });

  it('begins a new pack after 64 MiB, and closes files that it has not read for long', async () => {
    await using at = await opened();
    const chunks = Array.from({ length: 300 }, (_, i) => chunk(`c${i}`, 256 * kib));
    for (let i = 0; i < 300; i += 30) await at.vault.put(space, node, chunks.slice(i, i + 30));
    const packs = await packsOf(at.dir);
    expect(packs).toHaveLength(2);
    for (const name of packs)
      expect((await stat(join(at.dir, name))).size).toBeLessThanOrEqual(64 * kib * kib);
    for (const one of [chunks[0], chunks[299]]) {
      expect(one && (await copyIn(at.vault, one.id))).toEqual(one?.sealed);
    }
  });
});

describe('copies of one chunk', () => {
  const nodes = Array.from({ length: 6 }, (_, i) => parseNodeId(`${i}`.repeat(64)));
  const [a, b] = nodes as [NodeId, NodeId];

  it('are kept for each node that pushed one, and the first of each stays', async () => {
    await using at = await opened();
    const [garbage, good, later] = [chunk('c'), chunk('c'), chunk('c')];
    await at.vault.put(space, b, [garbage]);
    expect(await at.vault.missing(space, a, [good.id])).toEqual([good.id]);
    await at.vault.put(space, a, [good]);
    await at.vault.put(space, a, [later]);
    expect(await at.vault.missing(space, a, [good.id])).toEqual([]);
    await at.reopen();
    expect([await read(at, [good.id], a), await read(at, [good.id], b)]).toEqual([[good], [garbage]]);
    expect(await read(at, [good.id], nodes[2])).toEqual([good, garbage]);
  });

  it('are given out up to a bound when the author has none, or has lost it', async () => {
    await using at = await opened();
    const alone = chunk('alone');
    const shared = nodes.map(() => chunk('shared'));
    for (const [i, one] of shared.entries()) await at.vault.put(space, nodes[i] ?? a, [one]);
    await at.vault.put(space, b, [alone]);
    expect(await read(at, [alone.id, alone.id, chunkId('no')], a)).toEqual([alone]);
    expect(await read(at, [chunkId('shared')], node)).toEqual(shared.slice(0, maxCopies));
    await at.vault.dropCopies(space, [{ id: chunkId('shared'), from: pusherOf(a) }]);
    expect(await read(at, [chunkId('shared')], a)).toEqual(shared.slice(1, 1 + maxCopies));
    expect(await at.vault.missing(space, b, [chunkId('shared')])).toEqual([]);
  });

  it('are dropped together, and moved apart', async () => {
    await using at = await opened();
    const big = Array.from({ length: 50 }, (_, i) => chunk(`c${i}`, 256 * kib));
    const small = nodes.map(() => chunk('kept', 10));
    for (const [i, one] of small.entries()) await at.vault.put(space, nodes[i] ?? a, [one]);
    for (const of of nodes) await at.vault.put(space, of, big);
    await at.vault.drop(
      space,
      big.map(({ id }) => id),
    );
    expect(at.vault.bytes()).toBe(6 * (10 + 76));
    expect(await packsOf(at.dir)).not.toContain('0000000001.pack');
    await at.reopen();
    for (const [i, one] of small.entries()) expect(await read(at, [one.id], nodes[i])).toEqual([one]);
    await at.vault.drop(space, [chunkId('kept')]);
    expect(at.vault.bytes()).toBe(0);
  });
});

describe('dropping', () => {
  it('removes packs without live chunks, and moves the rest out of worn ones', async () => {
    await using at = await opened();
    const chunks = Array.from({ length: 300 }, (_, i) => chunk(`c${i}`, 256 * kib));
    for (let i = 0; i < 300; i += 30) await at.vault.put(space, node, chunks.slice(i, i + 30));
    const kept = chunks.slice(0, 20);
    const reading = read(
      at,
      kept.map((c) => c.id),
    );
    await at.vault.drop(
      space,
      chunks.slice(20).map((c) => c.id),
    );
    expect(await reading).toEqual(kept);
    const [left, ...more] = await packsOf(at.dir);
    expect(more).toEqual([]);
    expect((await stat(join(at.dir, left ?? ''))).size).toBeLessThan(32 * kib * kib);
    expect(at.vault.bytes()).toBe(20 * (256 * kib + 76));
    await at.reopen();
    expect(
      await read(
        at,
        kept.map((c) => c.id),
      ),
    ).toEqual(kept);
    await at.vault.drop(
      space,
      kept.map((c) => c.id),
    );
    expect(at.vault.bytes()).toBe(0);
    await at.vault.drop(
      space,
      kept.map((c) => c.id),
    );
    expect(await packsOf(at.dir)).toEqual([]);
    await at.vault.put(space, node, kept);
    expect(
      await read(
        at,
        kept.map((c) => c.id),
      ),
    ).toEqual(kept);
  });

  it('of one space leaves the others alone', async () => {
    await using at = await opened();
    const one = chunk('one');
    await at.vault.put(space, node, [one]);
    await at.vault.put(other, node, [one]);
    await at.vault.drop(space, [one.id]);
    expect(await copyIn(at.vault, one.id)).toBeUndefined();
    expect(await copyIn(at.vault, one.id, { of: other })).toEqual(one.sealed);
  });
});

describe('damage', () => {
  it('of one byte is found on reading, noted, and the chunk is missing from then on', async () => {
    await using at = await opened();
    const chunks = ['a', 'b', 'c'].map((name) => chunk(name));
    await at.vault.put(space, node, chunks);
    await at.reopen(async () => {
      const file = join(at.dir, (await packsOf(at.dir))[0] ?? '');
      const bytes = await readFile(file);
      bytes[1076 + 500] = (bytes[1076 + 500] ?? 0) ^ 1;
      await writeFile(file, bytes);
    });
    const [a, b, c] = chunks;
    const found = await read(
      at,
      chunks.map((x) => x.id),
    );
    expect(found).toEqual([a, c]);
    expect(at.events).toEqual([{ type: 'note', code: 'VAULT_DAMAGED', details: { chunks: 1 } }]);
    expect(
      await at.vault.missing(
        space,
        node,
        chunks.map((x) => x.id),
      ),
    ).toEqual([b?.id]);
    if (b) await at.vault.put(space, node, [b]);
    expect(b && (await copyIn(at.vault, b.id))).toEqual(b?.sealed);
  });

  it('of a tail that was never acknowledged is cut off', async () => {
    await using at = await opened();
    const [a, b] = [chunk('a'), chunk('b')];
    await at.vault.put(space, node, [a]);
    await at.reopen(async () => {
      const [name] = await packsOf(at.dir);
      await appendFile(join(at.dir, name ?? ''), randomBytes(777));
      await writeFile(join(at.dir, '0000000099.pack'), 'never acknowledged');
    });
    expect(at.events).toEqual([]);
    const [name, ...more] = await packsOf(at.dir);
    expect(more).toEqual([]);
    expect((await stat(join(at.dir, name ?? ''))).size).toBe(at.vault.bytes());
    await at.vault.put(space, node, [b]);
    await at.reopen();
    expect(await copyIn(at.vault, a.id)).toEqual(a.sealed);
    expect(await copyIn(at.vault, b.id)).toEqual(b.sealed);
  });

  it('of packs cut short or gone is noted when opened; what was lost is missing', async () => {
    await using at = await opened();
    const chunks = ['a', 'b', 'c'].map((name) => chunk(name));
    await at.vault.put(space, node, chunks);
    const ids = chunks.map((c) => c.id);
    await at.reopen(async () => truncate(join(at.dir, (await packsOf(at.dir))[0] ?? ''), 2500));
    expect(at.events).toEqual([{ type: 'note', code: 'VAULT_DAMAGED', details: { chunks: 1 } }]);
    expect(await at.vault.missing(space, node, ids)).toEqual([chunkId('c')]);
    await at.vault.put(space, node, chunks);
    await at.reopen();
    expect(await read(at, ids)).toEqual(chunks);
    await at.reopen(() => rm(at.dir, { recursive: true }));
    expect(at.events.at(-1)).toMatchObject({ details: { chunks: 3 } });
    expect(await at.vault.missing(space, node, ids)).toEqual(ids);
    await at.vault.put(space, node, chunks);
    expect(await read(at, ids)).toEqual(chunks);
  });
});

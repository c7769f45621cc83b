import { randomBytes } from 'node:crypto';
import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgentEvent } from '#agent/core/event.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { State } from '#agent/feed/state.ts';
import { Vault } from '#agent/feed/vault.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { chunkId, collect, node, space } from './fixtures.ts';

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

const packsOf = async (dir: string) => (await readdir(dir)).sort();

describe('the vault', () => {
  it('keeps chunks by space, over a restart, and takes each once', async () => {
    await using at = await opened();
    const [a, b, c] = [chunk('a'), chunk('b', 290_000), chunk('c', 1)];
    await at.vault.put(space, [a, b, a]);
    await at.vault.put(space, [a, c]);
    expect(at.vault.bytes()).toBe(a.sealed.length + b.sealed.length + c.sealed.length + 3 * 60);
    expect(await at.vault.missing(space, [a.id, chunkId('x'), b.id, chunkId('y')])).toEqual([
      chunkId('x'),
      chunkId('y'),
    ]);
    expect(await at.vault.missing(other, [a.id])).toEqual([a.id]);
    expect(await at.vault.get(other, a.id)).toBeUndefined();
    await at.reopen();
    expect(at.vault.bytes()).toBeGreaterThan(290_000);
    for (const one of [a, b, c]) expect(await at.vault.get(space, one.id)).toEqual(one.sealed);
    await at.vault.put(space, [chunk('d')]);
    expect(await packsOf(at.dir)).toHaveLength(1);
    expect((await stat(at.dir)).mode & 0o777).toBe(0o700);
  });

  it('refuses what no reader would take for a chunk', async () => {
    await using at = await opened();
    await expect(at.vault.put(space, [chunk('a', 300_000)])).rejects.toMatchObject({ code: 'INVARIANT' });
  });

  it('makes puts that come together durable together, each with its own outcome', async () => {
    await using at = await opened();
    const chunks = Array.from({ length: 200 }, (_, i) => chunk(`c${i}`, 500));
    await Promise.all(chunks.map((one) => at.vault.put(space, [one])));
    await at.reopen();
    expect(
      await at.vault.missing(
        space,
        chunks.map((c) => c.id),
      ),
    ).toEqual([]);
  });

  it('streams many in the order asked, without those it lacks', async () => {
    await using at = await opened();
    const chunks = Array.from({ length: 600 }, (_, i) => chunk(`c${i}`, 5 * kib));
    await at.vault.put(space, chunks);
    const wanted = [chunks[7], chunks[3], ...chunks.slice(100, 500), chunks[2]].filter(
      (c) => c !== undefined,
    );
    const ids = [chunkId('no'), ...wanted.map((c) => c.id), chunkId('nor')];
    expect(await collect(at.vault.many(space, ids))).toEqual(wanted);
  });

  it('begins a new pack after 64 MiB, and closes files that it has not read for long', async () => {
    await using at = await opened();
    const chunks = Array.from({ length: 300 }, (_, i) => chunk(`c${i}`, 256 * kib));
    for (let i = 0; i < 300; i += 30) await at.vault.put(space, chunks.slice(i, i + 30));
    const packs = await packsOf(at.dir);
    expect(packs).toHaveLength(2);
    for (const name of packs)
      expect((await stat(join(at.dir, name))).size).toBeLessThanOrEqual(64 * kib * kib);
    for (const one of [chunks[0], chunks[299]]) {
      expect(one && (await at.vault.get(space, one.id))).toEqual(one?.sealed);
    }
  });
});

describe('dropping', () => {
  it('removes packs without live chunks, and moves the rest out of worn ones', async () => {
    await using at = await opened();
    const chunks = Array.from({ length: 300 }, (_, i) => chunk(`c${i}`, 256 * kib));
    for (let i = 0; i < 300; i += 30) await at.vault.put(space, chunks.slice(i, i + 30));
    const kept = chunks.slice(0, 20);
    const reading = collect(
      at.vault.many(
        space,
        kept.map((c) => c.id),
      ),
    );
    await at.vault.drop(
      space,
      chunks.slice(20).map((c) => c.id),
    );
    expect(await reading).toEqual(kept);
    const [left, ...more] = await packsOf(at.dir);
    expect(more).toEqual([]);
    expect((await stat(join(at.dir, left ?? ''))).size).toBeLessThan(32 * kib * kib);
    expect(at.vault.bytes()).toBe(20 * (256 * kib + 60));
    await at.reopen();
    expect(
      await collect(
        at.vault.many(
          space,
          kept.map((c) => c.id),
        ),
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
    await at.vault.put(space, kept);
    expect(
      await collect(
        at.vault.many(
          space,
          kept.map((c) => c.id),
        ),
      ),
    ).toEqual(kept);
  });

  it('of one space leaves the others alone', async () => {
    await using at = await opened();
    const one = chunk('one');
    await at.vault.put(space, [one]);
    await at.vault.put(other, [one]);
    await at.vault.drop(space, [one.id]);
    expect(await at.vault.get(space, one.id)).toBeUndefined();
    expect(await at.vault.get(other, one.id)).toEqual(one.sealed);
  });
});

describe('damage', () => {
  it('of one byte is found on reading, noted, and the chunk is missing from then on', async () => {
    await using at = await opened();
    const chunks = ['a', 'b', 'c'].map((name) => chunk(name));
    await at.vault.put(space, chunks);
    await at.reopen(async () => {
      const file = join(at.dir, (await packsOf(at.dir))[0] ?? '');
      const bytes = await readFile(file);
      bytes[1060 + 500] = (bytes[1060 + 500] ?? 0) ^ 1;
      await writeFile(file, bytes);
    });
    const [a, b, c] = chunks;
    const read = await collect(
      at.vault.many(
        space,
        chunks.map((x) => x.id),
      ),
    );
    expect(read).toEqual([a, c]);
    expect(at.events).toEqual([{ type: 'note', code: 'VAULT_DAMAGED', details: { chunks: 1 } }]);
    expect(
      await at.vault.missing(
        space,
        chunks.map((x) => x.id),
      ),
    ).toEqual([b?.id]);
    if (b) await at.vault.put(space, [b]);
    expect(b && (await at.vault.get(space, b.id))).toEqual(b?.sealed);
  });

  it('of a tail that was never acknowledged is cut off', async () => {
    await using at = await opened();
    const [a, b] = [chunk('a'), chunk('b')];
    await at.vault.put(space, [a]);
    await at.reopen(async () => {
      const [name] = await packsOf(at.dir);
      await appendFile(join(at.dir, name ?? ''), randomBytes(777));
      await writeFile(join(at.dir, '0000000099.pack'), 'never acknowledged');
    });
    expect(at.events).toEqual([]);
    const [name, ...more] = await packsOf(at.dir);
    expect(more).toEqual([]);
    expect((await stat(join(at.dir, name ?? ''))).size).toBe(at.vault.bytes());
    await at.vault.put(space, [b]);
    await at.reopen();
    expect(await at.vault.get(space, a.id)).toEqual(a.sealed);
    expect(await at.vault.get(space, b.id)).toEqual(b.sealed);
  });

  it('of packs cut short or gone is noted when opened; what was lost is missing', async () => {
    await using at = await opened();
    const chunks = ['a', 'b', 'c'].map((name) => chunk(name));
    await at.vault.put(space, chunks);
    const ids = chunks.map((c) => c.id);
    await at.reopen(async () => truncate(join(at.dir, (await packsOf(at.dir))[0] ?? ''), 2500));
    expect(at.events).toEqual([{ type: 'note', code: 'VAULT_DAMAGED', details: { chunks: 1 } }]);
    expect(await at.vault.missing(space, ids)).toEqual([chunkId('c')]);
    await at.vault.put(space, chunks);
    await at.reopen();
    expect(await collect(at.vault.many(space, ids))).toEqual(chunks);
    await at.reopen(() => rm(at.dir, { recursive: true }));
    expect(at.events.at(-1)).toMatchObject({ details: { chunks: 3 } });
    expect(await at.vault.missing(space, ids)).toEqual(ids);
    await at.vault.put(space, chunks);
    expect(await collect(at.vault.many(space, ids))).toEqual(chunks);
  });
});

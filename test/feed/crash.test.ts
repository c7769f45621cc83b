/** SIGKILL in the midst of writing: what was acknowledged is there, and steps are whole. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { State } from '#agent/feed/state.ts';
import { Vault } from '#agent/feed/vault.ts';
import { startScript } from '#test/sys/child.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { chunkId, collect, copyIn, node, origin, sealedOf, space } from './fixtures.ts';

/** Numbers acknowledged before the writer was killed, after about `enough` of them. */
async function killed(what: 'state' | 'vault', dir: string, enough: number): Promise<number[]> {
  const child = startScript('test/feed/feed-writer.ts', [what, dir]);
  const acknowledged: number[] = [];
  for (;;) {
    try {
      acknowledged.push(Number(await child.line()));
    } catch {
      break;
    }
    if (acknowledged.length === enough) child.kill('SIGKILL');
  }
  expect(await child.exit).toBe('SIGKILL');
  return acknowledged;
}

describe('killed while it writes', () => {
  it('the state has every acknowledged step, whole, and nothing of a step beyond', async () => {
    await using dir = await temporaryDir();
    for (const enough of [1, 20, 60]) {
      const acknowledged = await killed('state', dir.path, enough);
      await using state = await State.open(dir.path, { node });
      const index = state.space(space);
      const steps = await index.cursor('steps');
      expect(steps).toBeGreaterThanOrEqual(acknowledged.at(-1) ?? 0);
      expect(steps).toBeLessThanOrEqual((acknowledged.at(-1) ?? 0) + 1);
      expect(await index.position(origin)).toMatchObject({ seq: steps });
      expect(await index.head(origin)).toMatchObject({ seq: steps });
      expect(await collect(index.segments(origin, 1))).toHaveLength(steps);
      expect(index.pendingCount()).toBe(steps);
      expect(await collect(index.pending())).toHaveLength(steps);
      expect(index.counts()).toMatchObject({ items: steps * 20, bytes: 10 * steps * (steps + 1) });
      for (const n of [1, steps]) expect(await collect(index.children(`${n}`))).toHaveLength(20);
      expect(await collect(index.children(`${steps + 1}`))).toEqual([]);
    }
  });

  it('the vault has every acknowledged chunk, bit for bit', async () => {
    await using dir = await temporaryDir();
    const all = new Set<number>();
    for (const enough of [1, 40, 120]) {
      for (const n of await killed('vault', dir.path, enough)) all.add(n);
      await using state = await State.open(dir.path, { node });
      await using vault = await Vault.open(join(dir.path, 'vault'), state, () => {
        throw new Error('nothing is damaged');
      });
      // Every tenth drops the one five before it, which was put before.
      const idOf = (n: number) => chunkId(`${n}`);
      const dropped = [...all].filter((n) => n % 10 === 0).map((n) => idOf(n - 5));
      expect(await vault.missing(space, node, dropped)).toEqual(dropped);
      for (const n of all) if (n % 10 !== 5) expect(await copyIn(vault, idOf(n))).toEqual(sealedOf(n));
    }
  });
});

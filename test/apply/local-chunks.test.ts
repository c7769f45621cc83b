import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { LocalChunks } from '#agent/apply/local-chunks.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { Author, keysOf } from './author.ts';
import { noise } from './bytes.ts';
import { Reader } from './reader.ts';

const chunksOf = (b: Reader) =>
  new LocalChunks({ root: b.root, disk: nodeDisk, state: b.state, keysFor: async (o, e) => keysOf(o, e) });

describe('chunks out of this disk', () => {
  it('are sealed again exactly as their publisher sealed them, lists too', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.file('large', noise(9_000_000)), a.file('small', 'x')));
    await b.apply();
    const local = chunksOf(b);
    for (const [id, sealed] of a.chunks) {
      expect(await local.sealedById(a.origin.node, id)).toEqual({ id, sealed });
      expect(await local.sealedById(new Author(2).origin.node, id)).toBeUndefined();
      expect(await local.sealed(a.origin, 1, id)).toEqual({ id, sealed });
      expect(await local.holds(id)).toBe(true);
    }
  });

  it('are not given out once the file has changed, or is gone', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.file('f', 'first'), a.file('g', 'second')));
    await b.apply();
    const [first, second] = [...a.chunks.keys()];
    await writeFile(b.at('f'), 'FIRST');
    await rm(b.at('g'));
    const local = chunksOf(b);
    for (const id of [first, second]) {
      if (!id) throw new Error('two chunks');
      expect([await local.plain(a.origin, 1, id), await local.sealedById(a.origin.node, id)]).toEqual([
        undefined,
        undefined,
      ]);
    }
  });

  it('are found in another file that holds them', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.file('f', 'same'), a.file('g', 'same')));
    await b.apply();
    await writeFile(b.at('f'), 'SAME');
    const [id] = a.chunks.keys();
    if (!id) throw new Error('one chunk');
    expect(Buffer.from((await chunksOf(b).plain(a.origin, 1, id)) ?? []).toString()).toBe('same');
  });
});

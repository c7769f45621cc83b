import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ChunkGetter } from '#agent/apply/chunk-getter.ts';
import { LocalChunks } from '#agent/apply/local-chunks.ts';
import type { ChunkRequest } from '#agent/apply/ports.ts';
import type { ChunkId } from '#agent/core/ids.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { Author, keysOf, sha256, space } from './author.ts';
import { noise } from './bytes.ts';
import { diskWith } from './disk-with-faults.ts';
import { byteLength, never, Reader } from './reader.ts';

const flip = (sealed: Uint8Array): Uint8Array => {
  const copy = sealed.slice();
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1;
  return copy;
};

describe('content is believed only when it proves itself', () => {
  it.each([
    ['small', 5_000],
    ['large', 3_000_000],
  ])(
    'a tampered chunk of a %s file is refused before any write to the target; other items go on',
    async (_size, length) => {
      const touched: string[] = [];
      await using b = await Reader.open({
        disk: diskWith((call, path, to) => {
          if (call === 'renameNew') touched.push(to ?? path);
        }),
      });
      const a = new Author(1);
      await b.take(a, a.segment(a.file('good', 'good'), a.file('bad', noise(length))));
      const [first] = (await b.state.row('bad'))?.remote?.content?.refs ?? [];
      b.serve = (id, sealed) => (id === first?.id ? flip(sealed) : sealed);
      expect(await b.apply()).toMatchObject({ applied: 1, problems: 1 });
      expect([await b.tree(), await b.problems()]).toEqual([{ good: 'good' }, { bad: 'CHUNK_TAMPERED' }]);
      expect(touched).toEqual([b.at('good')]);
      b.serve = (_id, sealed) => sealed;
      expect(await b.apply()).toMatchObject({ applied: 1, problems: 0 });
      expect([await b.problems(), b.state.pendingCount()]).toEqual([{}, 0]);
    },
  );

  it('a chunk that answers for another is refused', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.file('x', 'xxxx'), a.file('y', 'yyyy')));
    const [x, y] = [...a.chunks];
    b.serve = (id, sealed) => (id === x?.[0] ? y?.[1] : sealed);
    await b.apply();
    expect([await b.tree(), await b.problems()]).toEqual([{ y: 'yyyy' }, { x: 'CHUNK_TAMPERED' }]);
  });

  it.each([
    ['small', 5_000],
    ['large', 3_000_000],
  ])(
    'a %s file that is not what its publisher signed is not written, and not fetched again and again',
    async (_size, length) => {
      await using b = await Reader.open();
      const a = new Author(1);
      await b.take(a, a.segment(a.file('f', noise(length), { sha256: sha256(noise(9)) })));
      expect(await b.apply()).toMatchObject({ applied: 0, problems: 1 });
      expect([await b.tree(), await b.problems(), await b.staged()]).toEqual([
        {},
        { f: 'CONTENT_MISMATCH' },
        [],
      ]);
      b.fetched.length = 0;
      expect(await b.apply()).toMatchObject({ problems: 1 });
      expect(b.fetched).toEqual([]);
      await b.take(a, a.segment(a.file('f', 'put right')));
      await b.apply();
      expect([await b.tree(), await b.problems()]).toEqual([{ f: 'put right' }, {}]);
    },
  );

  it('a list of chunks that leads elsewhere than the size says is refused', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const { content, ...rest } = a.file('f', noise(9_000_000));
    const shorter = { ...rest, state: { ...rest.state, size: 8_000_000 }, ...(content ? { content } : {}) };
    await b.take(a, a.segment(shorter as typeof rest));
    await b.apply();
    expect([await b.tree(), await b.problems()]).toEqual([{}, { f: 'CONTENT_MISMATCH' }]);
  });
});

describe('what is missing is waited for', () => {
  it('keeps the want-list, then goes on without fetching anything twice', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const bytes = noise(9_000_000);
    await b.take(a, a.segment(a.file('lớn', bytes)));
    let left = 60;
    b.serve = (_id, sealed) => (left-- > 0 ? sealed : undefined);
    expect(await b.apply()).toMatchObject({ applied: 0, waiting: 1, problems: 0 });
    expect(b.state.pendingCount()).toBe(1);
    b.serve = (_id, sealed) => sealed;
    const before = new Set(b.fetched.slice(0, 60));
    b.fetched.length = 0;
    expect(await b.apply()).toMatchObject({ applied: 1, waiting: 0 });
    // What the window held beyond the first missing chunk is all that may come twice.
    const twice = b.fetched.filter((id) => before.has(id));
    expect(byteLength(new Map(twice.map((id) => [id, a.chunks.get(id) ?? new Uint8Array()])))).toBeLessThan(
      3_000_000,
    );
  });

  it('after a restart the staged prefix is verified and not fetched again', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    const bytes = noise(9_000_000);
    await b.take(a, a.segment(a.file('lớn', bytes)));
    const stop = new AbortController();
    b.serve = (_id, sealed) => {
      if (b.fetched.length === 120) stop.abort(new Error('killed'));
      return sealed;
    };
    await expect(b.apply(stop.signal)).rejects.toThrow('killed');
    const [stage] = await b.staged();
    const staged = (await readFile(join(b.at('.dongbo/stage'), stage ?? ''))).length;
    expect(staged).toBeGreaterThan(1_000_000);
    b.fetched.length = 0;
    b.newApplier();
    await b.apply();
    const again = byteLength(new Map(b.fetched.map((id) => [id, a.chunks.get(id) ?? new Uint8Array()])));
    expect(again).toBeLessThan((bytes.length - staged) * 1.15 + 100_000);
    expect(Buffer.compare(await readFile(b.at('lớn')), bytes)).toBe(0);
  });

  it.each([true, false])(
    'a damaged stage file is kept only as far as it holds (restarted: %s)',
    async (restarts) => {
      await using b = await Reader.open();
      const a = new Author(1);
      const bytes = noise(9_000_000);
      await b.take(a, a.segment(a.file('lớn', bytes)));
      let left = 100;
      b.serve = (_id, sealed) => (left-- > 0 ? sealed : undefined);
      await b.apply();
      const stage = join(b.at('.dongbo/stage'), (await b.staged())[0] ?? '');
      const held = await readFile(stage);
      held[1_000_000] = (held[1_000_000] ?? 0) ^ 1;
      await writeFile(stage, held);
      b.serve = (_id, sealed) => sealed;
      if (restarts) b.newApplier();
      expect(await b.apply()).toMatchObject({ applied: 1, problems: 0 });
      expect(Buffer.compare(await readFile(b.at('lớn')), bytes)).toBe(0);
    },
  );

  it('a half-fetched version is never spliced with the next one', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.file('lớn', noise(9_000_000, 1))));
    let left = 100;
    b.serve = (_id, sealed) => (left-- > 0 ? sealed : undefined);
    await b.apply();
    b.serve = (_id, sealed) => sealed;
    const next = noise(9_000_000, 2);
    await b.take(a, a.segment(a.file('lớn', next)));
    expect(await b.apply()).toMatchObject({ applied: 1 });
    expect(Buffer.compare(await readFile(b.at('lớn')), next)).toBe(0);
    expect(await b.staged()).toEqual([]);
  });

  it('a delete waits while an item of the same publisher waits for content, and no other delete does', async () => {
    await using b = await Reader.open();
    const [a, c] = [new Author(1), new Author(2)];
    await b.take(a, a.segment(a.file('cũ', noise(400_000)), a.file('ở lại', 'x')));
    await b.take(c, c.segment(c.file('của c', 'c')));
    await b.apply();
    const edited = Buffer.concat([noise(400_000), noise(300_000, 7)]);
    await b.take(a, a.segment(a.file('mới', edited), a.gone('cũ')));
    await b.take(c, c.segment(c.gone('của c')));
    b.serve = () => undefined;
    expect(await b.apply()).toMatchObject({ applied: 1, waiting: 2 });
    expect(Object.keys(await b.tree()).sort()).toEqual(['cũ', 'ở lại']);
    b.serve = (_id, sealed) => sealed;
    b.fetched.length = 0;
    expect(await b.apply()).toMatchObject({ applied: 2, waiting: 0 });
    expect(Object.keys(await b.tree()).sort()).toEqual(['mới', 'ở lại']);
    const again = byteLength(new Map(b.fetched.map((id) => [id, a.chunks.get(id) ?? new Uint8Array()])));
    expect(again).toBeLessThan(650_000);
  });
});

it('an author whose chunks are nowhere does not keep those of another from being asked for', async () => {
  await using b = await Reader.open();
  const [hostile, honest] = [new Author(1), new Author(2)];
  const names = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'];
  await b.take(hostile, hostile.segment(...names.map((name, i) => hostile.file(name, noise(2_000_000, i)))));
  hostile.chunks.clear();
  await b.take(honest, honest.segment(honest.file('z', noise(2_000_000, 99)), honest.file('z2', 'small')));
  expect(await b.apply()).toMatchObject({ applied: 2, waiting: 6, problems: 0 });
  expect(Object.keys(await b.tree())).toEqual(['z', 'z2']);
  // Their own turn has ended for this run: the fifth and sixth were not asked for.
  const asked = new Set(b.fetched);
  const wants = async (path: string) => (await b.state.row(path))?.remote?.content?.refs[0]?.id;
  expect(await Promise.all(names.map(async (name) => asked.has((await wants(name)) as never)))).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
});

it('refs of one byte do not bring the largest chunks into memory, from here or from elsewhere', async () => {
  await using b = await Reader.open();
  const a = new Author(1);
  await b.take(a, a.segment(a.file('f', noise(500_000))));
  const ids = [...a.chunks.keys()];
  const keysFor = async () => keysOf(a.origin);
  const local = new LocalChunks({ root: b.root, disk: nodeDisk, state: b.state, keysFor });
  const source = {
    async fetch(_ids: readonly ChunkId[], { take }: ChunkRequest) {
      for (const [id, sealed] of a.chunks) take({ id, sealed });
    },
  };
  const held = async () => {
    const getter = new ChunkGetter({ space, keys: { keysFor }, local, source });
    const refs = ids.map((id) => ({ id, length: 1 }));
    const { plain } = await getter.get(refs, { author: a.origin, epoch: 1 }, { signal: never });
    return [...plain.values()].map(({ buffer }) => buffer.byteLength);
  };
  expect(await held()).toEqual(ids.map(() => 2));
  await b.apply();
  expect(Object.keys(await b.tree())).toEqual(['f']);
  expect(await held()).toEqual(ids.map(() => 2));
});

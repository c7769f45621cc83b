import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Row } from '#agent/core/item.ts';
import type { Receipt } from '#agent/core/segment.ts';
import { State } from '#agent/feed/state.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { chunkId, collect, digest, fileRow, node, origin, space } from './fixtures.ts';

const dirRow: Row = { local: { state: { kind: 'dir', mode: 0o755 } } };

describe('the index of a space', () => {
  it('lists the direct children of a directory together, sorted by bytes', async () => {
    await using dir = await temporaryDir();
    await using state = await State.open(dir.path, { node });
    const index = state.space(space);
    const batch = index.batch();
    const paths = ['b', 'a', 'a/x', 'a/x/deep', 'a/é', 'a/Z', 'ab', 'a b/y', 'ả', 'a-/q'];
    for (const path of paths) batch.putRow(path, fileRow(path));
    await batch.commit();
    const names = async (of: string) => (await collect(index.children(of))).map(([name]) => name);
    expect(await names('')).toEqual(['a', 'ab', 'b', 'ả']);
    expect(await names('a')).toEqual(['Z', 'x', 'é']);
    expect(await names('a/x')).toEqual(['deep']);
    expect(await names('a b')).toEqual(['y']);
    expect(await names('none')).toEqual([]);
    expect(await index.row('a/é')).toEqual(fileRow('a/é'));
    expect(await index.row('a/ê')).toBeUndefined();
  });

  it('shows one moment to whoever iterates', async () => {
    await using dir = await temporaryDir();
    await using state = await State.open(dir.path, { node });
    const index = state.space(space);
    const first = index.batch();
    for (let i = 0; i < 300; i++) first.putRow(`d/${String(i).padStart(3, '0')}`, dirRow);
    await first.commit();
    let seen = 0;
    for await (const [name] of index.children('d')) {
      if (seen === 0) {
        const batch = index.batch();
        for (let i = 0; i < 300; i++) batch.putRow(`d/${String(i).padStart(3, '0')}`, {});
        batch.putRow('d/999', dirRow);
        await batch.commit();
      }
      expect(name).toBe(String(seen).padStart(3, '0'));
      seen += 1;
    }
    expect(seen).toBe(300);
    expect((await collect(index.children('d'))).map(([name]) => name)).toEqual(['999']);
  });

  it('keeps counts exact, whatever is written and however often', async () => {
    const path = fc.constantFrom('a', 'b', 'c/d', 'e');
    const op = fc.oneof(
      fc.record({ do: fc.constant('file' as const), path, size: fc.nat({ max: 5000 }) }),
      fc.record({ do: fc.constantFrom('dir', 'gone', 'drop', 'pend', 'done', 'bad', 'good'), path }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(op, { maxLength: 6 }), { maxLength: 6 }), async (batches) => {
        await using dir = await temporaryDir();
        const open = () => State.open(dir.path, { node });
        const before = await open();
        const index = before.space(space);
        await Promise.all(
          batches.map((ops) => {
            const batch = index.batch();
            for (const o of ops) {
              if (o.do === 'file') batch.putRow(o.path, fileRow(o.path, 'size' in o ? o.size : 0));
              else if (o.do === 'dir') batch.putRow(o.path, dirRow);
              else if (o.do === 'gone') batch.putRow(o.path, { local: { state: { kind: 'gone' } } });
              else if (o.do === 'drop') batch.putRow(o.path, {});
              else if (o.do === 'pend') batch.markPending(o.path);
              else if (o.do === 'done') batch.clearPending(o.path);
              else if (o.do === 'bad') batch.putProblem({ code: 'X', path: o.path, details: {} });
              else batch.clearProblem(o.path);
            }
            return batch.commit();
          }),
        );
        const counts = index.counts();
        await before[Symbol.asyncDispose]();
        await using after = await open();
        const again = after.space(space);
        expect(again.counts()).toEqual(counts);
        const rows = (await collect(again.children(''))).concat(await collect(again.children('c')));
        const states = rows.flatMap(([, r]) =>
          r.local && r.local.state.kind !== 'gone' ? [r.local.state] : [],
        );
        const files = states.filter((s) => s.kind === 'file');
        expect(counts).toEqual({
          items: states.length,
          files: files.length,
          bytes: files.reduce((sum, s) => sum + s.size, 0),
          pending: (await collect(again.pending())).length,
          problems: (await collect(again.problems())).length,
        });
      }),
      { numRuns: 15 },
    );
  });

  it('keeps the want-list over a restart and hands it out in pages', async () => {
    await using dir = await temporaryDir();
    {
      await using state = await State.open(dir.path, { node });
      const batch = state.space(space).batch();
      for (const path of ['b/c', 'b', 'a', 'b!']) batch.markPending(path);
      await batch.commit();
    }
    await using state = await State.open(dir.path, { node });
    const index = state.space(space);
    expect(index.pendingCount()).toBe(4);
    expect(await collect(index.pending())).toEqual(['a', 'b', 'b!', 'b/c']);
    expect(await collect(index.pending(2))).toEqual(['a', 'b']);
    expect(await collect(index.pending(2, 'b'))).toEqual(['b!', 'b/c']);
  });

  it('is all or nothing: a batch that fails leaves no trace, and a batch is used once', async () => {
    await using dir = await temporaryDir();
    await using state = await State.open(dir.path, { node });
    const index = state.space(space);
    const batch = index.batch();
    batch.putRow('a', dirRow);
    await batch.commit();
    await expect(batch.commit()).rejects.toThrow('INVARIANT');
    expect(index.counts().items).toBe(1);
  });

  it('runs decisions one at a time, commits inside them', async () => {
    await using dir = await temporaryDir();
    await using state = await State.open(dir.path, { node });
    const index = state.space(space);
    const bump = () =>
      index.exclusive(async () => {
        const n = await index.cursor('n');
        const batch = index.batch();
        batch.setCursor('n', n + 1);
        await batch.commit();
      });
    await Promise.all(Array.from({ length: 20 }, bump));
    expect(await index.cursor('n')).toBe(20);
    await expect(index.exclusive(async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await bump();
    expect(await index.cursor('n')).toBe(21);
  });

  it('keeps one problem per path and the furthest receipt per reader and origin', async () => {
    await using dir = await temporaryDir();
    await using state = await State.open(dir.path, { node });
    const index = state.space(space);
    const receipt = (seq: number): Receipt => ({
      space,
      reader: node,
      origin,
      seq,
      digest: digest(String(seq)),
      time: 1,
      signature: new Uint8Array(64),
    });
    const put = async (r: Receipt, code: string) => {
      const batch = index.batch();
      batch.putReceipt(r);
      batch.putProblem({ code, path: 'a/ệ', details: { n: 1.5, name: 'x', yes: true } });
      await batch.commit();
    };
    await put(receipt(5), 'FIRST');
    await put(receipt(3), 'SECOND');
    expect(await index.receipts()).toEqual([receipt(5)]);
    expect(await collect(index.problems())).toEqual([
      { code: 'SECOND', path: 'a/ệ', details: { n: 1.5, name: 'x', yes: true } },
    ]);
    expect(await index.cursor('unknown')).toBe(0);
  });

  it('keeps spaces apart', async () => {
    await using dir = await temporaryDir();
    await using state = await State.open(dir.path, { node });
    const other = state.space('f'.repeat(32) as typeof space);
    const batch = state.space(space).batch();
    batch.putRow('a', dirRow);
    batch.addLocation(chunkId('c'), { path: 'a', offset: 0, length: 1 });
    await batch.commit();
    expect(await other.row('a')).toBeUndefined();
    expect(await other.locations(chunkId('c'))).toEqual([]);
    expect(other.counts().items).toBe(0);
  });
});

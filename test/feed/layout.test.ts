/** The formats on disk, pinned by bytes: a state that an older version wrote must open. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseChunkId, parseNodeId, parseSpaceId } from '#agent/core/ids.ts';
import { copyKey, pusherOf } from '#agent/feed/copy-key.ts';
import { recordHeader, sealedIn } from '#agent/feed/pack-record.ts';
import { State } from '#agent/feed/state.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { chunkId, collect, fileRow, node, origin, space } from './fixtures.ts';
import { entriesOf, writeOneOfEverything } from './layout.ts';

interface Vectors {
  readonly database: [string, string][];
  readonly pack: {
    readonly space: string;
    readonly id: string;
    readonly from: string;
    readonly sealed: string;
    readonly record: string;
  };
}

const vectors: Vectors = JSON.parse(
  await readFile(new URL('../vectors/feed-layout.json', import.meta.url), 'utf8'),
);

describe('the layout of the database', () => {
  it('is what it was', async () => {
    await using dir = await temporaryDir();
    await using state = await State.open(dir.path, { node });
    await writeOneOfEverything(state);
    expect(await entriesOf(state)).toEqual(vectors.database);
  });

  it('of an older state is understood', async () => {
    await using dir = await temporaryDir();
    {
      await using old = await State.open(dir.path, { node });
      const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
      await old.db.write(vectors.database.map(([key, value]) => ({ key: bytes(key), value: bytes(value) })));
    }
    await using state = await State.open(dir.path, { node });
    const index = state.space(space);
    expect(index.counts()).toEqual({ items: 2, files: 1, bytes: 77, pending: 1, problems: 1 });
    expect(await index.row('thư mục/tệp.txt')).toEqual(fileRow('tệp', 77));
    expect((await collect(index.children(''))).map(([name]) => name)).toEqual(['liên kết', 'thư mục', 'xoá']);
    expect(await collect(index.pending())).toEqual(['liên kết']);
    expect(await index.locations(chunkId('tệp'))).toHaveLength(1);
    expect(await index.locations(chunkId('list'))).toEqual([]);
    const segments = await collect(index.segments(origin, 1));
    expect(segments.map((s) => s.bodies.map((b) => b && Buffer.from(b).toString()))).toEqual([
      [undefined, undefined, 'body 3'],
      ['body 4'],
    ]);
    expect(await index.owed(origin)).toBe(2);
    expect(await index.head(origin)).toMatchObject({ seq: 4 });
    expect(await index.receipts()).toMatchObject([{ seq: 4 }]);
    expect(await index.cursor('scan')).toBe(12_345);
    expect(await collect(index.problems())).toMatchObject([{ code: 'NAME_CLASH', path: 'A' }]);
    expect(await state.getMeta('incarnation')).toBe('một');
    expect(await state.secrets.get('epoch/1')).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe('a record of a pack', () => {
  const { pack } = vectors;
  const key = copyKey(parseSpaceId(pack.space), parseChunkId(pack.id), pusherOf(parseNodeId(pack.from)));
  const record = new Uint8Array(Buffer.from(pack.record, 'hex'));

  it('is what it was', () => {
    const sealed = Buffer.from(pack.sealed, 'hex');
    const made = Buffer.concat([recordHeader(key, sealed), sealed]);
    expect(made.toString('hex')).toBe(pack.record);
    expect(Buffer.from(sealedIn(record, key) ?? []).toString('hex')).toBe(pack.sealed);
  });

  it('is refused with any bit changed, cut off, longer, or as another copy', () => {
    for (let bit = 0; bit < record.length * 8; bit++) {
      const bad = Uint8Array.from(record);
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(sealedIn(bad, key), `bit ${bit}`).toBeUndefined();
    }
    for (let size = 0; size < record.length; size++) {
      expect(sealedIn(record.subarray(0, size), key)).toBeUndefined();
    }
    expect(sealedIn(Uint8Array.from([...record, 0]), key)).toBeUndefined();
    expect(sealedIn(record, copyKey(space, chunkId('another'), pusherOf(node)))).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseActor, parseChunkId, parseDigest, parseIncarnation, parseNodeId } from '#agent/core/ids.ts';
import type { Row } from '#agent/core/item.ts';
import { decodeRow, encodeRow, measureOf } from '#agent/feed/row-codec.ts';
import { fileRow } from './fixtures.ts';

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b) => Buffer.from(b).toString('hex'));
const time = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const mode = fc.nat({ max: 0o777 });
const origin = fc.record({ node: hex(32).map(parseNodeId), incarnation: hex(8).map(parseIncarnation) });
const text = fc.string({ minLength: 1, unit: 'grapheme' });
const state = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    mode,
    mtimeNs: time,
    size: count,
    sha256: hex(32).map(parseDigest),
  }),
  fc.record({ kind: fc.constant('dir' as const), mode }),
  fc.record({ kind: fc.constant('link' as const), target: text, mtimeNs: time }),
  fc.record({ kind: fc.constant('gone' as const) }),
);
const ref = fc.record({ id: hex(32).map(parseChunkId), length: fc.integer({ min: 1, max: 256 * 1024 }) });
const content = fc.record({ levels: fc.nat({ max: 3 }), refs: fc.array(ref, { maxLength: 5 }) });
const version = fc.array(fc.tuple(hex(8).map(parseActor), fc.integer({ min: 1, max: 1000 })), {
  maxLength: 4,
});
const facts = fc.record({
  size: count,
  mtimeNs: time,
  ctimeNs: time,
  ino: time,
  mode: fc.nat({ max: 0o177777 }),
});
const local = fc.record(
  { state, facts, content, sealedBy: origin, epoch: fc.nat({ max: 99 }), held: facts },
  { requiredKeys: ['state'] },
);
const agreed = fc.record(
  { state, version, author: origin, interim: fc.constant(true as const) },
  { requiredKeys: ['state', 'version', 'author'] },
);
const rival = fc.record(
  { state, content, version, author: origin, epoch: fc.nat({ max: 99 }), seq: count },
  { requiredKeys: ['state', 'version', 'author', 'epoch', 'seq'] },
);
const rivals = fc.array(rival, { minLength: 1, maxLength: 3 });
const remote = fc.record(
  { state, content, version, seen: version, author: origin, epoch: fc.nat({ max: 99 }), seq: count, rivals },
  { requiredKeys: ['state', 'version', 'seen', 'author', 'epoch', 'seq'] },
);
const mark = fc.record({ author: origin, seq: count, contents: fc.array(text, { maxLength: 3 }) });
const withdrawn = fc.array(mark, { minLength: 1, maxLength: 2 });
const anyRow = fc.record({ local, agreed, remote, withdrawn }, { requiredKeys: [] });
/** Rows whose trees are the same, as most are. */
const inStep = anyRow.map((row): Row => {
  if (!row.local || !row.agreed || !row.remote) return row;
  const { state, content } = row.local;
  const { content: _, ...rest } = row.remote;
  return {
    ...row,
    agreed: { ...row.agreed, state },
    remote: { ...rest, state, seen: rest.version, ...(content && { content }) },
  };
});

describe('rows as bytes', () => {
  it('come back as they were, in step or not', () => {
    fc.assert(
      fc.property(fc.oneof(anyRow, inStep), (row) => {
        expect(decodeRow(encodeRow(row))).toEqual(row);
      }),
    );
  });

  it('tell what they add to the counts', () => {
    expect(measureOf(encodeRow(fileRow('abc', 1234)))).toEqual({ items: 1, files: 1, bytes: 1234 });
    expect(measureOf(encodeRow({ local: { state: { kind: 'dir', mode: 0o755 } } }))).toEqual({
      items: 1,
      files: 0,
      bytes: 0,
    });
    expect(measureOf(encodeRow({ local: { state: { kind: 'gone' } } })).items).toBe(0);
    expect(measureOf(undefined).items).toBe(0);
    const { remote } = fileRow('not here yet');
    expect(measureOf(encodeRow({ ...(remote && { remote }) })).items).toBe(0);
  });

  it('are small when the trees are in step', () => {
    const row = fileRow('x');
    const apart: Row = { ...row, remote: { ...(row.remote ?? fail()), state: { kind: 'gone' } } };
    expect(encodeRow(row).length).toBeLessThan(400);
    expect(decodeRow(encodeRow(apart))).toEqual(apart);
  });

  it('are damage when something else stands there', () => {
    const bytes = encodeRow(fileRow('x'));
    expect(() => decodeRow(bytes.subarray(0, 40))).toThrow();
    expect(() => decodeRow(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80))).toThrow('STATE_DAMAGED');
  });
});

function fail(): never {
  throw new Error('the fixture has no remote');
}

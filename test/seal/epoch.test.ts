import { createHmac, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gearTable } from '#agent/core/chunker.ts';
import { isCode } from '#agent/core/errors.ts';
import { parseChunkId, parseIncarnation, parseNodeId, parseSpaceId } from '#agent/core/ids.ts';
import { maxSealedChunk } from '#agent/core/sealed-chunk.ts';
import { sealOnce } from '#agent/seal/aead.ts';
import { EpochKeys, type EpochParts, originBytes, u32 } from '#agent/seal/epoch.ts';
import { chunkKey, epochSecret, recordKey } from '#agent/seal/key-types.ts';
import { sha256 } from '#agent/seal/verify.ts';
import vectors from '#test/vectors/seal-epoch.json' with { type: 'json' };

const parts: EpochParts = {
  space: parseSpaceId(vectors.space),
  origin: { node: parseNodeId(vectors.node), incarnation: parseIncarnation(vectors.incarnation) },
  epoch: vectors.epoch,
  labelClass: vectors.labelClass,
  suite: 'nacl-pq',
  secret: epochSecret(Uint8Array.fromHex(vectors.secret)),
};
const keys = new EpochKeys(parts);
const text = (s: string) => new TextEncoder().encode(s);
const other = <K extends keyof EpochParts>(key: K, value: EpochParts[K]) =>
  new EpochKeys({ ...parts, [key]: value });
const civilKeys = other('suite', 'vn-civil');
const civil = vectors['vn-civil'];
const others: Record<string, EpochKeys> = {
  secret: other('secret', epochSecret(new Uint8Array(32))),
  suite: civilKeys,
  space: other('space', parseSpaceId('ff'.repeat(16))),
  node: other('origin', { ...parts.origin, node: parseNodeId('ee'.repeat(32)) }),
  incarnation: other('origin', { ...parts.origin, incarnation: parseIncarnation('dd'.repeat(8)) }),
  epoch: other('epoch', parts.epoch + 1),
};

function flipped(source: Uint8Array, bit: number): Uint8Array {
  const copy = source.slice();
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

describe('golden vectors', () => {
  it('derives the table of cut points', () => {
    const salt = Uint8Array.fromHex(vectors.space);
    const cut = new Uint8Array(hkdfSync('sha256', parts.secret, salt, 'dongbo/v1/cut', 1024));
    expect(sha256(cut)).toBe(vectors.cut);
    expect(keys.gear).toEqual(gearTable(cut));
    const civilCut = new Uint8Array(hkdfSync('sha384', parts.secret, salt, 'dongbo/v1/cut', 1024));
    expect(sha256(civilCut)).toBe(civil.cut);
    expect(civilKeys.gear).toEqual(gearTable(civilCut));
  });

  const cases = [
    ...vectors.chunks.map((vector) => ({ ...vector, suite: 'nacl-pq', keys })),
    ...civil.chunks.map((vector) => ({ ...vector, suite: 'vn-civil', keys: civilKeys })),
  ];

  it.each(cases)('chunk of $length bytes, $suite', ({ length, fill, id, size, sha256: digest, keys }) => {
    const plain = new Uint8Array(length).fill(fill);
    const sealed = keys.sealChunk(parseChunkId(id), plain);
    expect({ size: sealed.length, digest: sha256(sealed) }).toEqual({ size, digest });
    expect(keys.openChunk(parseChunkId(id), sealed)).toEqual(plain);
  });

  it('record', () => {
    expect(keys.sealRecord(text(vectors.record.plain)).toHex()).toBe(vectors.record.sealed);
    expect(keys.openRecord(Uint8Array.fromHex(vectors.record.sealed))).toEqual(text(vectors.record.plain));
    expect(civilKeys.sealRecord(text(civil.record.plain)).toHex()).toBe(civil.record.sealed);
  });
});

describe('chunks', () => {
  it('open to what was sealed, and seal the same way every time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (plain) => {
        const { id, sealed } = keys.seal(plain);
        expect(keys.openChunk(id, sealed)).toEqual(plain);
        expect(keys.sealChunk(id, plain)).toEqual(sealed);
      }),
    );
  });

  it('open for nothing with any one bit flipped, in body or id', () => {
    const { id, sealed } = keys.seal(text('một khối'));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      expect(keys.openChunk(id, flipped(sealed, bit)), `bit ${bit}`).toBeUndefined();
    }
    for (let bit = 0; bit < 256; bit++) {
      const wrong = parseChunkId(flipped(Uint8Array.fromHex(id), bit).toHex());
      expect(keys.openChunk(wrong, sealed), `id bit ${bit}`).toBeUndefined();
    }
  });

  it('do not open under swapped ids, cut short, longer, empty or oversized', () => {
    const [a, b] = [keys.seal(text('a')), keys.seal(text('b'))];
    expect(keys.openChunk(a.id, b.sealed)).toBeUndefined();
    expect(keys.openChunk(b.id, a.sealed)).toBeUndefined();
    for (const bad of [a.sealed.slice(1), a.sealed.slice(0, -1), Uint8Array.from([...a.sealed, 0])]) {
      expect(keys.openChunk(a.id, bad)).toBeUndefined();
    }
    expect(keys.openChunk(a.id, new Uint8Array(0))).toBeUndefined();
    expect(keys.openChunk(a.id, new Uint8Array(maxSealedChunk + 1))).toBeUndefined();
  });

  it.each(['secret', 'space', 'suite'])('do not open under another %s', (what) => {
    const { id, sealed } = keys.seal(text('a'));
    expect(others[what]?.openChunk(id, sealed)).toBeUndefined();
    expect(others[what]?.idOf(text('a'))).not.toBe(id);
  });

  it('are not sealed under a name that is not theirs: that would reuse a nonce', () => {
    const { id } = keys.seal(text('before'));
    let thrown: unknown;
    try {
      keys.sealChunk(id, text('after'));
    } catch (error) {
      thrown = error;
    }
    expect(isCode(thrown, 'CHUNK_CHANGED')).toBe(true);
  });
});

describe('a reader that holds the secret', () => {
  const derive = (purpose: string) =>
    new Uint8Array(
      hkdfSync('sha256', parts.secret, Uint8Array.fromHex(vectors.space), `dongbo/v1/${purpose}`, 32),
    );
  const hmac = (key: Uint8Array, ...texts: (string | Uint8Array)[]) => {
    const made = createHmac('sha256', key);
    for (const part of texts) made.update(part);
    return new Uint8Array(made.digest());
  };
  const space = Uint8Array.fromHex(vectors.space);

  it('cannot pass other bytes off under the id of a chunk', () => {
    const id = keys.idOf(text('thật'));
    const key = chunkKey(hmac(derive('chunk-key'), Uint8Array.fromHex(id)));
    const aad = Uint8Array.from([...text('dongbo/v1/chunk'), ...space]);
    expect(keys.openChunk(id, sealOnce(key, aad, text('thật')))).toEqual(text('thật'));
    expect(keys.openChunk(id, sealOnce(key, aad, text('giả')))).toBeUndefined();
  });

  it('cannot pass other bytes off under the id of a record', () => {
    const rid = keys.sealRecord(text('thật')).slice(0, 32);
    const key = recordKey(hmac(derive('record'), 'key', rid));
    const aad = Uint8Array.from([
      ...text('dongbo/v1/record'),
      ...space,
      ...originBytes(parts.origin),
      ...u32(parts.epoch),
    ]);
    expect(keys.openRecord(sealOnce(key, aad, text('thật'), { prefix: rid }))).toEqual(text('thật'));
    expect(keys.openRecord(sealOnce(key, aad, text('giả'), { prefix: rid }))).toBeUndefined();
  });

  it('cannot make us open more than a chunk may hold', () => {
    const { id, sealed } = keys.seal(new Uint8Array(maxSealedChunk));
    expect(keys.openChunk(id, sealed)).toBeUndefined();
  });
});

describe('records', () => {
  it('open to what was sealed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (plain) => {
        expect(keys.openRecord(keys.sealRecord(plain))).toEqual(plain);
      }),
    );
  });

  it('open for nothing with any one bit flipped', () => {
    const sealed = keys.sealRecord(text('Công văn số 12'));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      expect(keys.openRecord(flipped(sealed, bit)), `bit ${bit}`).toBeUndefined();
    }
  });

  it.each(Object.keys(others))('do not open under another %s', (what) => {
    expect(others[what]?.openRecord(keys.sealRecord(text('a')))).toBeUndefined();
  });

  it('do not open with the id of another, cut short, or as a chunk', () => {
    const [a, b] = [keys.sealRecord(text('a')), keys.sealRecord(text('b'))];
    expect(keys.openRecord(Uint8Array.from([...a.subarray(0, 32), ...b.subarray(32)]))).toBeUndefined();
    for (const length of [0, 16, 32, 33, a.length - 1]) {
      expect(keys.openRecord(a.subarray(0, length)), `${length} bytes`).toBeUndefined();
    }
    expect(keys.openChunk(keys.idOf(text('a')), a.subarray(32))).toBeUndefined();
  });

  it('hide their length among their neighbours', () => {
    expect(keys.sealRecord(new Uint8Array(10)).length).toBe(keys.sealRecord(new Uint8Array(200)).length);
  });
});

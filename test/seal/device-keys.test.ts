/** Who holds the key of the device, as every reader does, can pass nothing off under a name that was given. */
import { expect, it } from 'vitest';
import { parseIncarnation, parseNodeId, parseSpaceId } from '#agent/core/ids.ts';
import { maxSealedChunk } from '#agent/core/sealed-chunk.ts';
import { DeviceKeys } from '#agent/seal/device-keys.ts';
import { formSizes, paddingFor } from '#agent/seal/padding.ts';
import type { KeyPlace } from '#agent/seal/state-cipher.ts';
import { sampleKey, sampleLabel } from '#test/contract/state-cipher.ts';
import { hexOf } from '#test/core/sample.ts';
import { MemoryCipher } from './memory-cipher.ts';

const text = (words: string) => new TextEncoder().encode(words);

/** Remembers for what the device was asked last, as its holder can compute it. */
class SeenCipher extends MemoryCipher {
  last: readonly [KeyPlace, Uint8Array, Uint8Array] | undefined;

  override open(place: KeyPlace, id: Uint8Array, aad: Uint8Array, sealed: Uint8Array) {
    this.last = [place, id, aad];
    return super.open(place, id, aad, sealed);
  }

  /** Other bytes in the place of what was opened last. */
  instead(plain: Uint8Array, sizeOf: (length: number) => number): Uint8Array {
    if (!this.last) throw new Error('nothing was opened');
    return this.seal(...this.last, Buffer.concat([plain, paddingFor(plain.length, sizeOf)]));
  }
}

const cipher = new SeenCipher(sampleLabel, sampleKey);
const parts = {
  space: parseSpaceId(hexOf(1, 16)),
  origin: { node: parseNodeId(hexOf(2, 32)), incarnation: parseIncarnation(hexOf(3, 8)) },
  epoch: 7,
  labelClass: 'INTERNAL+MAT',
  suite: 'nacl-pq',
  device: cipher.key,
} as const;
const keys = new DeviceKeys({ ...parts, use: (_key, work) => work(cipher) });
const sizes = formSizes[keys.form];

it('no other bytes under the id of a chunk', () => {
  const { id, sealed } = keys.seal(text('thật'));
  expect(keys.openChunk(id, sealed)).toEqual(Buffer.from('thật'));
  expect(keys.openChunk(id, cipher.instead(text('thật'), sizes.chunk))).toEqual(Buffer.from('thật'));
  expect(keys.openChunk(id, cipher.instead(text('giả'), sizes.chunk))).toBeUndefined();
});

it('no other bytes under the id of a record', () => {
  const sealed = keys.sealRecord(text('thật'));
  const rid = sealed.subarray(0, 32);
  expect(keys.openRecord(sealed)).toEqual(Buffer.from('thật'));
  const other = cipher.instead(text('giả'), sizes.record);
  expect(keys.openRecord(Buffer.concat([rid, other]))).toBeUndefined();
});

it('no more than a chunk may hold', () => {
  const { id, sealed } = keys.seal(new Uint8Array(maxSealedChunk));
  expect(keys.openChunk(id, sealed)).toBeUndefined();
});

it('nothing of another space, feed, epoch or class', () => {
  const record = keys.sealRecord(text('thật'));
  const { id } = keys.seal(text('thật'));
  const others = [
    { space: parseSpaceId(hexOf(9, 16)) },
    { origin: { ...parts.origin, incarnation: parseIncarnation(hexOf(9, 8)) } },
    { epoch: 8 },
    { labelClass: 'INTERNAL+TOI_MAT' },
    { form: 'cells' as const },
  ];
  for (const other of others) {
    const theirs = new DeviceKeys({ ...parts, ...other, use: (_key, work) => work(cipher) });
    expect(theirs.openRecord(record)).toBeUndefined();
    expect(theirs.idOf(text('thật'))).not.toBe(id);
  }
});

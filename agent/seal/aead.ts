/**
 * AES-256-GCM over padded plaintext, under a key that is used for one plaintext only. The nonce is therefore a
 * constant; every caller derives the key from a keyed hash of the plaintext itself.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { ChunkKey, RecordKey } from './key-types.ts';
import { type PaddedSize, paddedSize, paddingFor, unpad } from './padding.ts';

const cipher = 'aes-256-gcm';
const nonce = new Uint8Array(12);
export const tagLength = 16;

type OnceKey = ChunkKey | RecordKey;

interface SealOptions {
  /** Stands before what is sealed, in the clear. */
  readonly prefix?: Uint8Array;
  readonly sizeOf?: PaddedSize;
}

/** Writes the sealed form (ciphertext, then tag) into a new buffer. `plain` is never longer than `sizeOf` pads. */
export function sealOnce(
  key: OnceKey,
  aad: Uint8Array,
  plain: Uint8Array,
  { prefix, sizeOf = paddedSize }: SealOptions = {},
): Uint8Array {
  const gcm = createCipheriv(cipher, key, nonce, { authTagLength: tagLength });
  gcm.setAAD(aad);
  const start = prefix?.length ?? 0;
  const size = start + sizeOf(plain.length) + tagLength;
  const out = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
  if (prefix) out.set(prefix, 0);
  out.set(gcm.update(plain), start);
  out.set(gcm.update(paddingFor(plain.length, sizeOf)), start + plain.length);
  gcm.final();
  out.set(gcm.getAuthTag(), out.length - tagLength);
  return out;
}

/** Opens what `sealOnce` made (without prefix); undefined when a bit, the key or the associated data differ. */
export function openOnce(
  key: OnceKey,
  aad: Uint8Array,
  sealed: Uint8Array,
  sizeOf: PaddedSize = paddedSize,
): Uint8Array | undefined {
  if (sealed.length < tagLength + sizeOf(0)) return undefined;
  const gcm = createDecipheriv(cipher, key, nonce, { authTagLength: tagLength });
  gcm.setAAD(aad);
  gcm.setAuthTag(sealed.subarray(sealed.length - tagLength));
  const padded = gcm.update(sealed.subarray(0, sealed.length - tagLength));
  try {
    gcm.final();
  } catch {
    return undefined;
  }
  return unpad(new Uint8Array(padded.buffer, padded.byteOffset, padded.length), sizeOf);
}

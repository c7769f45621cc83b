/**
 * Keys as types: one key, one purpose (R19). Whoever passes a key where one of another purpose belongs does not get
 * past the compiler (`test/seal/key-types.test.ts`). A type is made here only, out of bytes that have its length.
 */
import type { KeyObject } from 'node:crypto';
import { DongboError } from '#agent/core/errors.ts';

declare const purpose: unique symbol;
type Key<T, P extends string> = T & { readonly [purpose]: P };

/** Ed25519 seed (RFC 8032), 32 bytes: signs for the node. */
export type SignSeed = Key<Uint8Array, 'Ed25519 signatures'>;
/** ECDSA P-384 private key: signs feeds of `vn-civil` spaces. */
export type P384SignKey = Key<KeyObject, 'ECDSA P-384 signatures'>;
/** HPKE private key of one suite, as the suite writes it: opens grants. */
export type WrapPrivate = Key<Uint8Array, 'unwrapping of epoch secrets'>;
/** HPKE public key of one suite: what epochs are granted to. */
export type WrapPublic = Key<Uint8Array, 'wrapping of epoch secrets'>;
/** 32 random bytes: who holds them reads everything of one epoch. */
export type EpochSecret = Key<Uint8Array, 'derivation of the keys of an epoch'>;
/** HMAC keys of an epoch, derived from its secret. */
export type ChunkIdKey = Key<KeyObject, 'names of chunks'>;
export type CellSaltKey = Key<KeyObject, 'salts of cells'>;
export type ChunkKeyKey = Key<KeyObject, 'keys of chunks'>;
export type RecordMacKey = Key<KeyObject, 'names and keys of records'>;
/** AES-256 key of one chunk, one record. Each seals one plaintext. */
export type ChunkKey = Key<Uint8Array, 'sealing of one chunk'>;
export type RecordKey = Key<Uint8Array, 'sealing of one record'>;
/** 32 random bytes that never leave the node: the names of items in its feeds. */
export type TagKey = Key<Uint8Array, 'names of items'>;

export const keyLength = 32;

function sized<K>(what: string, bytes: Uint8Array): K {
  if (bytes.length !== keyLength) throw new DongboError('INVARIANT', { what: `${what} length` });
  return bytes as K;
}

/** These throw INVARIANT when `bytes` are not 32. */
export const signSeed = (bytes: Uint8Array): SignSeed => sized('signing seed', bytes);
export const epochSecret = (bytes: Uint8Array): EpochSecret => sized('epoch secret', bytes);
export const tagKey = (bytes: Uint8Array): TagKey => sized('tag key', bytes);
export const chunkKey = (bytes: Uint8Array): ChunkKey => sized('chunk key', bytes);
export const recordKey = (bytes: Uint8Array): RecordKey => sized('record key', bytes);

/** Their lengths differ between suites, which check them. */
export const wrapPublic = (bytes: Uint8Array): WrapPublic => bytes as WrapPublic;
export const wrapPrivate = (bytes: Uint8Array): WrapPrivate => bytes as WrapPrivate;

export const p384SignKey = (key: KeyObject): P384SignKey => key as P384SignKey;
export const macKey = <K extends ChunkIdKey | CellSaltKey | ChunkKeyKey | RecordMacKey>(key: KeyObject): K =>
  key as K;

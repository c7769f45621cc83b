/**
 * Suites: with what a space wraps epochs, signs its feeds and derives its keys. A space names its suite in its
 * agreement; each passes `test/contract/suite.ts`. Algorithms come from libraries only.
 */
import {
  AEAD_AES_256_GCM,
  CipherSuite,
  KDF_HKDF_SHA256,
  KDF_HKDF_SHA384,
  KEM_DHKEM_P384_HKDF_SHA384,
  KEM_MLKEM768_X25519,
} from 'hpke';
import type { Card } from '#agent/core/card.ts';
import { bytesOf } from '#agent/core/ids.ts';
import { signingBytes } from '#agent/core/signing.ts';
import type { SuiteName } from '#agent/core/suite-name.ts';
import {
  type EpochSecret,
  epochSecret,
  keyLength,
  type WrapPrivate,
  type WrapPublic,
  wrapPrivate,
  wrapPublic,
} from './key-types.ts';
import { verifyP384 } from './p384.ts';
import { type Verify, verifySignature } from './verify.ts';

/** Encapsulated key and ciphertext, as they travel in a grant. */
export interface Wrapped {
  readonly enc: Uint8Array;
  readonly sealed: Uint8Array;
}

export interface WrapPair {
  readonly wrapPublic: WrapPublic;
  readonly wrapPrivate: WrapPrivate;
}

export interface Suite {
  readonly name: SuiteName;
  /** Of HKDF and HMAC. HMACs are cut to 32 bytes. */
  readonly hash: 'sha256' | 'sha384';
  /** Random bytes that a key pair is made of. */
  readonly seedLength: number;
  /** Bytes of a private key. */
  readonly wrapPrivateLength: number;
  /** Makes a reader's key pair. */
  keyPair(seed: Uint8Array): Promise<WrapPair>;
  /** Whether a secret can be wrapped to this public key. Never throws. */
  accepts(key: WrapPublic): Promise<boolean>;
  /** Wraps a secret to a reader; bound to `info`. Throws when the public key is malformed. */
  wrap(reader: WrapPublic, secret: EpochSecret, info: Uint8Array): Promise<Wrapped>;
  /** The secret; undefined when it is not for this key, not for this `info`, or tampered with. */
  unwrap(key: WrapPrivate, wrapped: Wrapped, info: Uint8Array): Promise<EpochSecret | undefined>;
  /** The key on a card that epochs of this suite are granted to. */
  wrapKeyOf(card: Card): WrapPublic;
  /** Whether the node of `card` signed segments, heads or receipts so. Never throws. */
  verify(card: Card, ...signed: SignedBytes): boolean;
}

type SignedBytes = Parameters<Verify> extends [unknown, ...infer Rest] ? Rest : never;

type SuiteParts = Pick<Suite, 'name' | 'hash' | 'seedLength' | 'wrapPrivateLength' | 'wrapKeyOf' | 'verify'>;

/** HPKE (RFC 9180) in base mode. */
function hpkeSuite(parts: SuiteParts, hpke: CipherSuite): Suite {
  return {
    ...parts,
    async keyPair(seed) {
      const { publicKey, privateKey } = await hpke.DeriveKeyPair(seed, true);
      return {
        wrapPublic: wrapPublic(await hpke.SerializePublicKey(publicKey)),
        wrapPrivate: wrapPrivate(await hpke.SerializePrivateKey(privateKey)),
      };
    },
    async accepts(key) {
      try {
        await hpke.Seal(await hpke.DeserializePublicKey(key), new Uint8Array(0));
        return true;
      } catch {
        return false;
      }
    },
    async wrap(reader, secret, info) {
      const key = await hpke.DeserializePublicKey(reader);
      const { encapsulatedSecret, ciphertext } = await hpke.Seal(key, secret, { info });
      return { enc: encapsulatedSecret, sealed: ciphertext };
    },
    async unwrap(ours, { enc, sealed }, info) {
      try {
        const key = await hpke.DeserializePrivateKey(ours);
        const secret = await hpke.Open(key, enc, sealed, { info });
        return secret.length === keyLength ? epochSecret(secret) : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

/** X-Wing (X25519 + ML-KEM-768), Ed25519, SHA-256. */
const naclPq = hpkeSuite(
  {
    name: 'nacl-pq',
    hash: 'sha256',
    seedLength: 32,
    wrapPrivateLength: 32,
    wrapKeyOf: (card) => wrapPublic(bytesOf(card.wrapKey)),
    verify: (card, domain, bytes, signature) => verifySignature(card.node, domain, bytes, signature),
  },
  new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA256, AEAD_AES_256_GCM),
);

/**
 * ECDH P-384, ECDSA P-384, SHA-384. Not post-quantum: the library has no hybrid of P-384 with ML-KEM-768 (it has one
 * with ML-KEM-1024, of a draft).
 */
const vnCivil = hpkeSuite(
  {
    name: 'vn-civil',
    hash: 'sha384',
    seedLength: 48,
    wrapPrivateLength: 48,
    wrapKeyOf: (card) => wrapPublic(bytesOf(card.p384WrapKey)),
    verify: (card, domain, bytes, signature) =>
      verifyP384(card.p384SignKey, signingBytes(domain, bytes), signature),
  },
  new CipherSuite(KEM_DHKEM_P384_HKDF_SHA384, KDF_HKDF_SHA384, AEAD_AES_256_GCM),
);

export const suites: Readonly<Record<SuiteName, Suite>> = { 'nacl-pq': naclPq, 'vn-civil': vnCivil };

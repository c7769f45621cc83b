/**
 * Suites: how an epoch's secret is wrapped to one reader. A space names its suite in its agreement; each passes
 * `test/contract/suite.ts`. Algorithms come from the library only.
 */

import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_MLKEM768_X25519 } from 'hpke';
import type { Agreement } from '#agent/core/agreement.ts';

/** Encapsulated key and ciphertext, as they travel in a grant. */
export interface Wrapped {
  readonly enc: Uint8Array;
  readonly sealed: Uint8Array;
}

export interface Suite {
  readonly name: string;
  /** Makes a reader's key pair out of 32 random bytes. */
  keyPair(seed: Uint8Array): Promise<{ readonly wrapPublic: Uint8Array; readonly wrapPrivate: Uint8Array }>;
  /** Whether a secret can be wrapped to this public key. Never throws. */
  accepts(wrapPublic: Uint8Array): Promise<boolean>;
  /** Wraps a secret to a reader; bound to `info`. Throws when the public key is malformed. */
  wrap(readerWrapPublic: Uint8Array, secret: Uint8Array, info: Uint8Array): Promise<Wrapped>;
  /** The secret; undefined when it is not for this key, not for this `info`, or tampered with. */
  unwrap(wrapPrivate: Uint8Array, wrapped: Wrapped, info: Uint8Array): Promise<Uint8Array | undefined>;
}

export type SuiteName = Agreement['suite'];

/** HPKE (RFC 9180, base mode) with X-Wing (X25519 + ML-KEM-768), HKDF-SHA-256 and AES-256-GCM. */
function hpkeSuite(name: SuiteName): Suite {
  const hpke = new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
  return {
    name,
    async keyPair(seed) {
      const { publicKey, privateKey } = await hpke.DeriveKeyPair(seed, true);
      const wrapPublic = await hpke.SerializePublicKey(publicKey);
      return { wrapPublic, wrapPrivate: await hpke.SerializePrivateKey(privateKey) };
    },
    async accepts(wrapPublic) {
      try {
        await hpke.Seal(await hpke.DeserializePublicKey(wrapPublic), new Uint8Array(0));
        return true;
      } catch {
        return false;
      }
    },
    async wrap(readerWrapPublic, secret, info) {
      const reader = await hpke.DeserializePublicKey(readerWrapPublic);
      const { encapsulatedSecret, ciphertext } = await hpke.Seal(reader, secret, { info });
      return { enc: encapsulatedSecret, sealed: ciphertext };
    },
    async unwrap(wrapPrivate, { enc, sealed }, info) {
      const key = await hpke.DeserializePrivateKey(wrapPrivate);
      try {
        return await hpke.Open(key, enc, sealed, { info });
      } catch {
        return undefined;
      }
    },
  };
}

export const suites: Readonly<Record<SuiteName, Suite>> = { 'nacl-pq': hpkeSuite('nacl-pq') };

/** The suite of that name, if this version knows it. */
export const suiteNamed = (name: string): Suite | undefined =>
  Object.hasOwn(suites, name) ? suites[name as SuiteName] : undefined;

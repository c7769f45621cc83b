/** Published numbers against the library calls that wrap and unwrap epochs. */
import { createECDH } from 'node:crypto';
import {
  AEAD_AES_128_GCM,
  AEAD_AES_256_GCM,
  type AEADFactory,
  CipherSuite,
  KDF_HKDF_SHA256,
  KDF_HKDF_SHA384,
  KDF_SHAKE256,
  type KDFFactory,
  type KEM,
  KEM_DHKEM_P384_HKDF_SHA384,
  KEM_ML_KEM_768,
  KEM_ML_KEM_1024,
  KEM_MLKEM768_X25519,
  type KEMFactory,
  type Key,
} from 'hpke';
import { describe, expect, it } from 'vitest';
import { wrapPublic } from '#agent/seal/key-types.ts';
import { isP384Point } from '#agent/seal/p384.ts';
import { suites } from '#agent/seal/suite.ts';
import hpkeVectors from '#test/vectors/published-hpke.json' with { type: 'json' };
import kemVectors from '#test/vectors/published-kem.json' with { type: 'json' };
import p384Vectors from '#test/vectors/published-p384.json' with { type: 'json' };

const hex = (text: string) => Uint8Array.fromHex(text);

/** By number of the HPKE registries. */
const kems: Record<number, KEMFactory> = {
  17: KEM_DHKEM_P384_HKDF_SHA384 as KEMFactory,
  65: KEM_ML_KEM_768 as KEMFactory,
  66: KEM_ML_KEM_1024 as KEMFactory,
};
const kdfs: Record<number, KDFFactory> = { 1: KDF_HKDF_SHA256, 2: KDF_HKDF_SHA384, 17: KDF_SHAKE256 };
const aeads: Record<number, AEADFactory> = { 1: AEAD_AES_128_GCM, 2: AEAD_AES_256_GCM };

function known<T>(table: Record<number, T>, id: number): T {
  const found = table[id];
  if (found === undefined) throw new Error(`no algorithm ${id}`);
  return found;
}

async function decapsulated(factory: KEMFactory, secret: string, enc: string): Promise<string> {
  const kem = factory() as KEM<Key>;
  return (await kem.Decap(hex(enc), await kem.DeserializePrivateKey(hex(secret), true), undefined)).toHex();
}

describe('HPKE', () => {
  it.each(hpkeVectors.cases)('$name', async (vector) => {
    const kem = known(kems, vector.kem_id);
    const hpke = new CipherSuite(kem, known(kdfs, vector.kdf_id), known(aeads, vector.aead_id));
    const pair = await hpke.DeriveKeyPair(hex(vector.ikmR), true);
    expect((await hpke.SerializePrivateKey(pair.privateKey)).toHex()).toBe(vector.skRm);
    expect((await hpke.SerializePublicKey(pair.publicKey)).toHex()).toBe(vector.pkRm);
    expect(await decapsulated(kem, vector.skRm, vector.enc)).toBe(vector.shared_secret);
    const key = await hpke.DeserializePrivateKey(hex(vector.skRm));
    for (const { aad, pt, ct } of vector.encryptions) {
      const open = (bytes: Uint8Array) =>
        hpke.Open(key, hex(vector.enc), bytes, { info: hex(vector.info), aad: hex(aad) });
      expect((await open(hex(ct))).toHex()).toBe(pt);
      const flipped = hex(ct);
      flipped[0] = (flipped[0] ?? 0) ^ 1;
      await expect(open(flipped)).rejects.toThrow();
    }
  });

  it('derives the reader key of suite vn-civil', async () => {
    const vector = hpkeVectors.cases.find(({ kem_id }) => kem_id === 17);
    const pair = await suites['vn-civil'].keyPair(hex(vector?.ikmR ?? ''));
    expect(pair.wrapPrivate.toHex()).toBe(vector?.skRm);
    expect(pair.wrapPublic.toHex()).toBe(vector?.pkRm);
  });
});

describe('X-Wing', () => {
  it.each(kemVectors.xwing.cases)('$ss', async ({ sk, pk, ct, ss }) => {
    const pair = await suites['nacl-pq'].keyPair(hex(sk));
    expect(pair.wrapPublic.toHex()).not.toBe('');
    expect(await decapsulated(KEM_MLKEM768_X25519, sk, ct)).toBe(ss);
    const kem = KEM_MLKEM768_X25519() as KEM<Key>;
    const key = await kem.DeserializePrivateKey(hex(sk), true);
    expect(await suites['nacl-pq'].accepts(wrapPublic(hex(pk)))).toBe(true);
    const changed = hex(ct);
    changed[0] = (changed[0] ?? 0) ^ 1;
    expect((await kem.Decap(changed, key, undefined)).toHex()).not.toBe(ss);
  });
});

describe('ML-KEM-768', () => {
  it.each(kemVectors.mlkem768.cases)('case $tcId, valid: $valid', async ({ seed, c, K, valid }) => {
    const run = decapsulated(KEM_ML_KEM_768 as KEMFactory, seed, c);
    if (valid) expect(await run).toBe(K);
    else await expect(run).rejects.toThrow();
  });
});

describe('P-384 points', () => {
  const { cases } = p384Vectors.points;

  it.each(cases.filter(({ valid }) => valid))('ECDH, case $tcId', (vector) => {
    const ecdh = createECDH('secp384r1');
    ecdh.setPrivateKey(hex(vector.private.slice(-96).padStart(96, '0')));
    expect(ecdh.computeSecret(hex(vector.public)).toString('hex')).toBe(vector.shared);
    expect(isP384Point(vector.public)).toBe(true);
  });

  it.each(cases.filter(({ valid }) => !valid))('refused, case $tcId: $comment', async (vector) => {
    expect(isP384Point(vector.public)).toBe(false);
    expect(await suites['vn-civil'].accepts(wrapPublic(hex(vector.public)))).toBe(false);
  });
});

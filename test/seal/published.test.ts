/** Published numbers, false ones among them, against the calls that sign, name and seal. */
import { createCipheriv, createDecipheriv, createHmac, createPublicKey, hkdfSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyP384 } from '#agent/seal/p384.ts';
import gcmVectors from '#test/vectors/published-aes-gcm.json' with { type: 'json' };
import ed25519Vectors from '#test/vectors/published-ed25519.json' with { type: 'json' };
import macVectors from '#test/vectors/published-mac.json' with { type: 'json' };
import p384Vectors from '#test/vectors/published-p384.json' with { type: 'json' };

const hex = (text: string) => Uint8Array.fromHex(text);
const base64url = (text: string) => Buffer.from(text, 'hex').toString('base64url');

describe('ECDSA P-384 with SHA-384', () => {
  const { rfc6979, ecdsa } = p384Vectors;

  it.each(rfc6979.cases)('RFC 6979, $message', ({ message, signature }) => {
    expect(verifyP384(rfc6979.public, hex(message), hex(signature))).toBe(true);
    expect(verifyP384(rfc6979.public, hex(`${message}00`), hex(signature))).toBe(false);
  });

  it.each(ecdsa.cases)('case $tcId: $comment, $valid', (vector) => {
    expect(verifyP384(vector.public, hex(vector.message), hex(vector.signature))).toBe(vector.valid);
  });
});

describe('Ed25519', () => {
  it.each(ed25519Vectors.cases)('case $tcId: $comment, $valid', (vector) => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: base64url(vector.public) };
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    expect(verify(null, hex(vector.message), key, hex(vector.signature))).toBe(vector.valid);
  });
});

describe('AES-256-GCM', () => {
  const open = (vector: (typeof cases)[number]): string => {
    const sealed = hex(vector.sealed);
    const gcm = createDecipheriv('aes-256-gcm', hex(vector.key), hex(vector.nonce), { authTagLength: 16 });
    gcm.setAAD(hex(vector.aad)).setAuthTag(sealed.subarray(-16));
    return Buffer.concat([gcm.update(sealed.subarray(0, -16)), gcm.final()]).toString('hex');
  };
  const cases = [...gcmVectors.cavp.cases, ...gcmVectors.wycheproof.cases];

  it.each(cases.filter(({ valid }) => valid))('$name, $sealed', (vector) => {
    expect(open(vector)).toBe(vector.plain);
    const gcm = createCipheriv('aes-256-gcm', hex(vector.key), hex(vector.nonce)).setAAD(hex(vector.aad));
    const sealed = Buffer.concat([gcm.update(hex(vector.plain)), gcm.final(), gcm.getAuthTag()]);
    expect(sealed.toString('hex')).toBe(vector.sealed);
  });

  it.each(cases.filter(({ valid }) => !valid))('refused: $name, $sealed', (vector) => {
    expect(() => open(vector)).toThrow();
  });
});

describe('HMAC', () => {
  it.each(macVectors.rfc4231.cases)('RFC 4231, $message', ({ key, message, tag }) => {
    expect(createHmac('sha384', hex(key)).update(hex(message)).digest('hex')).toBe(tag);
  });

  it.each(macVectors.hmac.cases)('$hash, case $tcId: $comment, $valid', (vector) => {
    const tag = createHmac(vector.hash, hex(vector.key)).update(hex(vector.message)).digest('hex');
    expect(tag === vector.tag).toBe(vector.valid);
  });
});

describe('HKDF', () => {
  it.each(macVectors.hkdf.cases)('$hash, case $tcId, $valid', (vector) => {
    const { hash, ikm, salt, info, size } = vector;
    const derive = () => Buffer.from(hkdfSync(hash, hex(ikm), hex(salt), hex(info), size)).toString('hex');
    if (vector.valid) expect(derive()).toBe(vector.okm);
    else expect(derive).toThrow();
  });
});

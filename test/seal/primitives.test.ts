/** The algorithms under us, by published vectors: a library that changes its mind is noticed here. */
import { createCipheriv, hkdfSync } from 'node:crypto';
import nacl from 'tweetnacl';
import { describe, expect, it } from 'vitest';
import { signingBytes } from '#agent/core/signing.ts';
import { signSeed } from '#agent/seal/key-types.ts';
import { nodeOfSeed } from '#agent/seal/node-identity.ts';
import { verifySignature } from '#agent/seal/verify.ts';
import vectors from '#test/vectors/seal-primitives.json' with { type: 'json' };

const hex = (text: string) => Uint8Array.fromHex(text);

describe('Ed25519 (RFC 8032)', () => {
  it.each(vectors.ed25519.cases)('public key $public', ({ seed, public: node, message, signature }) => {
    const { secretKey } = nacl.sign.keyPair.fromSeed(hex(seed));
    expect(nodeOfSeed(signSeed(hex(seed)))).toBe(node);
    expect(nacl.sign.detached(hex(message), secretKey).toHex()).toBe(signature);
    expect(nacl.sign.detached.verify(hex(message), hex(signature), hex(node))).toBe(true);
  });

  it('tweetnacl and node:crypto agree, in one domain only', () => {
    const seed = hex(vectors.ed25519.cases[0]?.seed ?? '');
    const node = nodeOfSeed(signSeed(seed));
    const bytes = hex('0102');
    const signature = nacl.sign.detached(
      signingBytes('card', bytes),
      nacl.sign.keyPair.fromSeed(seed).secretKey,
    );
    expect(verifySignature(node, 'card', bytes, signature)).toBe(true);
    expect(verifySignature(node, 'agreement', bytes, signature)).toBe(false);
    expect(verifySignature(node, 'card', hex('0103'), signature)).toBe(false);
    expect(verifySignature(node, 'card', bytes, signature.subarray(1))).toBe(false);
    for (let at = 0; at < signature.length; at++) {
      const flipped = signature.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      expect(verifySignature(node, 'card', bytes, flipped), `byte ${at}`).toBe(false);
    }
  });
});

describe('HKDF-SHA-256 (RFC 5869)', () => {
  it.each(vectors.hkdf.cases)('$okm', ({ ikm, salt, info, length, okm }) => {
    expect(new Uint8Array(hkdfSync('sha256', hex(ikm), hex(salt), hex(info), length)).toHex()).toBe(okm);
  });
});

describe('AES-256-GCM', () => {
  it.each(vectors.aes256gcm.cases)('$sealed', ({ key, nonce, aad, plain, sealed }) => {
    const gcm = createCipheriv('aes-256-gcm', hex(key), hex(nonce)).setAAD(hex(aad));
    const text = Buffer.concat([gcm.update(hex(plain)), gcm.final(), gcm.getAuthTag()]);
    expect(text.toString('hex')).toBe(sealed);
  });
});

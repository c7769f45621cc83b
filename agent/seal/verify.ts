/** Checking signatures and hashing, at the speed of the feed (node:crypto). */
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { bytesOf, type Digest, type NodeId, parseDigest } from '#agent/core/ids.ts';
import { type SigningDomain, signingBytes } from '#agent/core/signing.ts';
import { BoundedMap } from './bounded-map.ts';

const cachedKeys = 4096;
const keys = new BoundedMap<NodeId, KeyObject>(cachedKeys);

export type Verify = (
  node: NodeId,
  domain: SigningDomain,
  bytes: Uint8Array,
  signature: Uint8Array,
) => boolean;

/** Whether `signature` is the node's Ed25519 signature (RFC 8032) over `bytes` in `domain`. Never throws. */
export function verifySignature(
  node: NodeId,
  domain: SigningDomain,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64) return false;
  return verify(null, signingBytes(domain, bytes), publicKeyOf(node), signature);
}

function publicKeyOf(node: NodeId): KeyObject {
  const known = keys.get(node);
  if (known) return known;
  const x = bytesOf(node).toBase64({ alphabet: 'base64url', omitPadding: true });
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  keys.set(node, key);
  return key;
}

export const sha256 = (bytes: Uint8Array): Digest => parseDigest(hash('sha256', bytes, 'hex'));

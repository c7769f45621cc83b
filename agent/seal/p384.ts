/** ECDSA P-384 with SHA-384, by node:crypto. Public keys are uncompressed points (SEC 1) in hex, 97 bytes. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { bytesOf } from '#agent/core/ids.ts';
import { BoundedMap } from './bounded-map.ts';
import { type P384SignKey, p384SignKey } from './key-types.ts';

const curve = 'P-384';
const coordinate = 48;
const signatureLength = 2 * coordinate;
/** r ‖ s, 48 bytes each. */
const dsaEncoding = 'ieee-p1363';

const cachedKeys = 4096;
const keys = new BoundedMap<string, KeyObject>(cachedKeys);

export const makeP384SignKey = (): P384SignKey =>
  p384SignKey(generateKeyPairSync('ec', { namedCurve: curve }).privateKey);

/** PKCS#8 PEM. */
export const p384Pem = (key: P384SignKey): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();

/** Undefined when the text is no private key of this curve. */
export function parseP384Pem(pem: string): P384SignKey | undefined {
  try {
    const key = createPrivateKey(pem);
    // One spelling: whatever else stands in the file was not written by us.
    const ours = key.asymmetricKeyDetails?.namedCurve === 'secp384r1' && p384Pem(p384SignKey(key)) === pem;
    return ours ? p384SignKey(key) : undefined;
  } catch {
    return undefined;
  }
}

/** The public point of a private key. */
export function p384PublicOf(key: P384SignKey): string {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' });
  return `04${[x, y].map((part) => Buffer.from(part, 'base64url').toString('hex')).join('')}`;
}

export const signP384 = (key: P384SignKey, bytes: Uint8Array): Uint8Array =>
  new Uint8Array(sign('sha384', bytes, { key, dsaEncoding }));

/** Whether `signature` is one of `point` over `bytes`. Never throws. */
export function verifyP384(point: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  const key = signature.length === signatureLength && publicKeyOf(point);
  return key ? verify('sha384', bytes, { key, dsaEncoding }, signature) : false;
}

/** Whether it is a point of the curve. Never throws. */
export const isP384Point = (point: string): boolean => publicKeyOf(point) !== undefined;

function publicKeyOf(point: string): KeyObject | undefined {
  const known = keys.get(point);
  if (known) return known;
  const bytes = bytesOf(point);
  if (bytes.length !== 1 + 2 * coordinate || bytes[0] !== 4) return undefined;
  const text = (from: number) =>
    bytes.subarray(from, from + coordinate).toBase64({ alphabet: 'base64url', omitPadding: true });
  try {
    const jwk = { kty: 'EC', crv: curve, x: text(1), y: text(1 + coordinate) };
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    keys.set(point, key);
    return key;
  } catch {
    return undefined;
  }
}

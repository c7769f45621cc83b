/** How an origin is written within a map. */
import type { Fields } from './fields.ts';
import { bytesOf, type Origin, parseIncarnation, parseNodeId } from './ids.ts';

export const originFields = (o: Origin) => ({
  node: bytesOf(o.node),
  incarnation: bytesOf(o.incarnation),
});

export const readOrigin = (fields: Fields): Origin => ({
  node: fields.id('node', 32, parseNodeId),
  incarnation: fields.id('incarnation', 8, parseIncarnation),
});

/** Bytes of a signature: Ed25519, ECDSA P-384. Which of them a space takes, its suite says. */
const signatureLengths = [64, 96];

export function readSignature(fields: Fields): Uint8Array {
  const signature = fields.bytes('signature');
  return signatureLengths.includes(signature.length) ? signature : fields.fail('signature', '64 or 96 bytes');
}

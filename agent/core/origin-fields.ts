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

/** Bytes of an Ed25519 signature. */
export const signatureBytes = 64;

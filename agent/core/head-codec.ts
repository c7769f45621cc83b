/** Bytes of heads: what a node claims to have written. */
import { maxSeq, maxTimeMs } from './bounds.ts';
import { decode, encode } from './codec.ts';
import { Fields } from './fields.ts';
import { bytesOf, parseDigest, parseSpaceId } from './ids.ts';
import { originFields, readOrigin, readSignature } from './origin-fields.ts';
import type { Head } from './segment.ts';

type UnsignedHead = Omit<Head, 'signature'>;

const headFields = (h: UnsignedHead) => ({
  v: 1,
  space: bytesOf(h.space),
  ...originFields(h.origin),
  seq: h.seq,
  digest: bytesOf(h.digest),
  time: h.time,
});

/** The canonical bytes that the origin signs. */
export const headSigned = (h: UnsignedHead): Uint8Array => encode(headFields(h));

export const encodeHead = (h: Head): Uint8Array => encode({ ...headFields(h), signature: h.signature });

export function decodeHead(bytes: Uint8Array): Head {
  const fields = new Fields('head', decode(bytes, 1024));
  fields.int('v', 1, 1);
  const head = {
    space: fields.id('space', 16, parseSpaceId),
    origin: readOrigin(fields),
    seq: fields.int('seq', 1, maxSeq),
    digest: fields.id('digest', 32, parseDigest),
    time: fields.int('time', 0, maxTimeMs),
    signature: readSignature(fields),
  };
  fields.end();
  return head;
}

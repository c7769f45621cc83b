/** Bytes of receipts: a reader's signed word. */
import { maxSeq, maxTimeMs } from './bounds.ts';
import { decode, encode } from './codec.ts';
import { Fields } from './fields.ts';
import { bytesOf, parseDigest, parseNodeId, parseSpaceId } from './ids.ts';
import { originFields, readOrigin, readSignature } from './origin-fields.ts';
import type { Receipt } from './segment.ts';

type UnsignedReceipt = Omit<Receipt, 'signature'>;

const receiptFields = (r: UnsignedReceipt) => ({
  v: 1,
  space: bytesOf(r.space),
  reader: bytesOf(r.reader),
  ...originFields(r.origin),
  seq: r.seq,
  digest: bytesOf(r.digest),
  time: r.time,
});

/** The canonical bytes that the reader signs. */
export const receiptSigned = (r: UnsignedReceipt): Uint8Array => encode(receiptFields(r));

export const encodeReceipt = (r: Receipt): Uint8Array =>
  encode({ ...receiptFields(r), signature: r.signature });

export function decodeReceipt(bytes: Uint8Array): Receipt {
  const fields = new Fields('receipt', decode(bytes, 1024));
  fields.int('v', 1, 1);
  const receipt = {
    space: fields.id('space', 16, parseSpaceId),
    reader: fields.id('reader', 32, parseNodeId),
    origin: readOrigin(fields),
    seq: fields.int('seq', 1, maxSeq),
    digest: fields.id('digest', 32, parseDigest),
    time: fields.int('time', 0, maxTimeMs),
    signature: readSignature(fields),
  };
  fields.end();
  return receipt;
}

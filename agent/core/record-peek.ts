/** What kind of record some bytes are, and of which epoch; of items, which are many, without decoding the whole. */
import { decode } from './codec.ts';
import { isCode } from './errors.ts';
import { recordShape } from './record-codec.ts';
import { maxSegmentBytes } from './segment.ts';

const at = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** A map of `fields` entries begins with `type`, then `epoch`: deterministic CBOR sorts keys by their length. */
const prefix = (fields: number, type: string): Uint8Array =>
  Buffer.concat([
    Buffer.of(0xa0 + fields, 0x60 + 4),
    at('type'),
    Buffer.of(0x60 + type.length),
    at(type),
    Buffer.of(0x60 + 5),
    at('epoch'),
  ]);

const itemPrefix = prefix(4, 'item');

export interface Peeked {
  readonly type: 'item' | 'grant';
  readonly epoch: number;
}

/** Undefined for what is no record. Of an item it says nothing of what comes after: it may be malformed all the same. */
export function peekRecord(body: Uint8Array): Peeked | undefined {
  if (Buffer.compare(body.subarray(0, itemPrefix.length), itemPrefix) !== 0) return peekGrant(body);
  const epoch = unsigned(body.subarray(itemPrefix.length, itemPrefix.length + 5));
  return epoch === undefined ? undefined : { type: 'item', epoch };
}

/** Grants are few, and their fields have grown. */
function peekGrant(body: Uint8Array): Peeked | undefined {
  try {
    const value = decode(body, maxSegmentBytes, recordShape);
    if (typeof value !== 'object' || value === null) return undefined;
    const { type, epoch } = value as { readonly type?: unknown; readonly epoch?: unknown };
    return type === 'grant' && typeof epoch === 'number' ? { type, epoch } : undefined;
  } catch (error) {
    if (!isCode(error, 'CODEC_MALFORMED')) throw error;
    return undefined;
  }
}

/** A CBOR unsigned integer of at most four bytes. */
function unsigned(bytes: Uint8Array): number | undefined {
  const [first] = bytes;
  if (first === undefined) return undefined;
  if (first < 24) return first;
  const length = { 24: 1, 25: 2, 26: 4 }[first];
  if (length === undefined || bytes.length <= length) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readUIntBE(1, length);
}

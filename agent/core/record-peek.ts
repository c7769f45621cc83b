/** What kind of record some bytes are, and of which epoch, without decoding the whole: a feed holds many of them. */

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

const prefixes = [
  ['item', prefix(4, 'item')],
  ['grant', prefix(5, 'grant')],
] as const;

export interface Peeked {
  readonly type: 'item' | 'grant';
  readonly epoch: number;
}

/** Undefined for what is no record. Says nothing of what comes after: it may be malformed all the same. */
export function peekRecord(body: Uint8Array): Peeked | undefined {
  for (const [type, begins] of prefixes) {
    if (Buffer.compare(body.subarray(0, begins.length), begins) !== 0) continue;
    const epoch = unsigned(body.subarray(begins.length, begins.length + 5));
    return epoch === undefined ? undefined : { type, epoch };
  }
  return undefined;
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

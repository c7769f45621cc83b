/** Bytes of segments and their headers. Signatures and hashes are checked elsewhere; here only the form. */
import { maxSeq, maxTimeMs } from './bounds.ts';
import { decode, encode } from './codec.ts';
import { Fields } from './fields.ts';
import { bytesOf, hexText, parseDigest, parseSpaceId, parseTag } from './ids.ts';
import { originFields, readOrigin, readSignature } from './origin-fields.ts';
import {
  lastSeq,
  maxSegmentBytes,
  maxSegmentRecords,
  type Segment,
  type SegmentEntry,
  type SegmentHeader,
} from './segment.ts';

export { decodeHead, encodeHead, headSigned } from './head-codec.ts';
export { decodeReceipt, encodeReceipt, receiptSigned } from './receipt-codec.ts';

const tagBytes = 16;
const digestBytes = 32;
const entryBytes = tagBytes + digestBytes;
/** Beside its bodies a segment holds at most its header and the frame of each body. */
const maxEncodedSegment = maxSegmentBytes + 128 * 1024;

const headerShape = { values: 32, depth: 1 };
/** Header, signature, and a body or null for each record. */
const segmentShape = { values: maxSegmentRecords + 16, depth: 2 };

/** The canonical bytes that an origin signs. */
export function encodeHeader(h: SegmentHeader): Uint8Array {
  return encode({
    v: 1,
    space: bytesOf(h.space),
    ...originFields(h.origin),
    first: h.first,
    prev: h.prev === undefined ? null : bytesOf(h.prev),
    agreement: bytesOf(h.agreement),
    time: h.time,
    entries: encodeEntries(h.entries),
  });
}

/** `latest`: what was kept before there was a bound may name any time. */
export function decodeHeader(bytes: Uint8Array, latest: number = maxTimeMs): SegmentHeader {
  const fields = new Fields('segment header', decode(bytes, maxEncodedSegment, headerShape));
  fields.int('v', 1, 1);
  const first = fields.int('first', 1, maxSeq);
  const prev = fields.optionalId('prev', digestBytes, parseDigest);
  if ((first === 1) !== (prev === undefined)) fields.fail('prev', 'null exactly when first is 1');
  const header = {
    space: fields.id('space', 16, parseSpaceId),
    origin: readOrigin(fields),
    first,
    prev,
    agreement: fields.id('agreement', digestBytes, parseDigest),
    time: fields.int('time', 0, latest),
    entries: decodeEntries(fields),
  };
  if (lastSeq(header) > maxSeq) fields.fail('first', `a last sequence number up to ${maxSeq}`);
  fields.end();
  return header;
}

/** Tag (16 bytes), then hash (32 bytes), for each record. */
function encodeEntries(entries: readonly SegmentEntry[]): Uint8Array {
  const bytes = new Uint8Array(entries.length * entryBytes);
  entries.forEach(({ tag, hash }, i) => {
    bytes.set(bytesOf(tag), i * entryBytes);
    bytes.set(bytesOf(hash), i * entryBytes + tagBytes);
  });
  return bytes;
}

function decodeEntries(fields: Fields): SegmentEntry[] {
  const bytes = fields.bytes('entries');
  const count = bytes.length / entryBytes;
  if (!Number.isInteger(count) || count < 1 || count > maxSegmentRecords) {
    fields.fail('entries', `1 to ${maxSegmentRecords} entries of ${entryBytes} bytes`);
  }
  const text = hexText(bytes);
  return Array.from({ length: count }, (_, i) => {
    const at = i * entryBytes * 2;
    const middle = at + tagBytes * 2;
    return {
      tag: parseTag(text.slice(at, middle)),
      hash: parseDigest(text.slice(middle, at + entryBytes * 2)),
    };
  });
}

/** One CBOR item: the header's bytes, the signature, and a body or null for each entry. */
export function encodeSegment(s: Segment): Uint8Array {
  return encode({
    header: s.headerBytes,
    signature: s.signature,
    bodies: s.bodies.map((body) => body ?? null),
  });
}

export function decodeSegment(bytes: Uint8Array): Segment {
  const fields = new Fields('segment', decode(bytes, maxEncodedSegment, segmentShape));
  const headerBytes = fields.bytes('header');
  const header = decodeHeader(headerBytes);
  const signature = readSignature(fields);
  const count = header.entries.length;
  const bodies = fields.list('bodies', count, count).map((body) => readBody(fields, body));
  if (bodies.reduce((sum, body) => sum + (body?.length ?? 0), 0) > maxSegmentBytes) {
    fields.fail('bodies', `at most ${maxSegmentBytes} bytes`);
  }
  fields.end();
  return { header, headerBytes, signature, bodies };
}

function readBody(fields: Fields, body: unknown): Uint8Array | undefined {
  if (body === null) return undefined;
  if (body instanceof Uint8Array && body.length > 0) return body;
  return fields.fail('bodies', 'bytes or null');
}

/**
 * A sealed chunk in a pack: magic (4 bytes), space (16), id (32), who pushed it (16), length of the sealed bytes (u32),
 * CRC-32 over all that and the sealed bytes (u32), then the sealed bytes. Integers have their most significant byte
 * first.
 */
import { crc32 } from 'node:zlib';
import { bytesOf } from '#agent/core/ids.ts';
import { maxSealedChunk } from '#agent/core/sealed-chunk.ts';
import { type CopyKey, copyKeyBytes } from './copy-key.ts';

const magic = 0x64_62_63_31;
const keyAt = 4;
const lengthAt = keyAt + copyKeyBytes;
const crcAt = lengthAt + 4;
export const recordHeaderBytes = crcAt + 4;

export const recordBytes = (sealed: Uint8Array): number => recordHeaderBytes + sealed.length;

export function recordHeader(key: CopyKey, sealed: Uint8Array): Uint8Array {
  const header = Buffer.alloc(recordHeaderBytes);
  header.writeUInt32BE(magic, 0);
  header.set(bytesOf(key), keyAt);
  header.writeUInt32BE(sealed.length, lengthAt);
  header.writeUInt32BE(crcOf(header, sealed), crcAt);
  return header;
}

const crcOf = (header: Uint8Array, sealed: Uint8Array): number =>
  crc32(sealed, crc32(header.subarray(0, crcAt)));

/** The sealed bytes of a whole record, a view of `record`; undefined when it is not this copy, bit for bit as written. */
export function sealedIn(record: Uint8Array, key: CopyKey): Uint8Array | undefined {
  const header = parseHeader(record);
  if (!header || header.key !== key || record.length !== recordHeaderBytes + header.length) return undefined;
  const sealed = record.subarray(recordHeaderBytes);
  const { buffer, byteOffset } = record;
  const crc = new DataView(buffer, byteOffset, recordHeaderBytes).getUint32(crcAt);
  return crc === crcOf(record, sealed) ? sealed : undefined;
}

export interface RecordHeader {
  readonly key: CopyKey;
  /** Bytes of the sealed chunk. */
  readonly length: number;
}

/** Undefined when no record begins here. */
export function parseHeader(bytes: Uint8Array): RecordHeader | undefined {
  if (bytes.length < recordHeaderBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, recordHeaderBytes);
  const length = view.getUint32(lengthAt);
  if (view.getUint32(0) !== magic || length > maxSealedChunk) return undefined;
  return { key: bytes.subarray(keyAt, lengthAt).toHex(), length };
}

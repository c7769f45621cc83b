/** References to chunks as bytes: 32 bytes of id, then the plaintext length as u32, most significant byte first. */
import { DongboError } from './errors.ts';
import { bytesOf, hexText, parseChunkId } from './ids.ts';
import type { ChunkRef } from './item.ts';
import { maxChunk } from './sealed-chunk.ts';

export const refBytes = 36;
const idBytes = 32;

export function encodeRefs(refs: readonly ChunkRef[]): Uint8Array {
  const bytes = new Uint8Array(refs.length * refBytes);
  const view = new DataView(bytes.buffer);
  refs.forEach(({ id, length }, i) => {
    bytes.set(bytesOf(id), i * refBytes);
    view.setUint32(i * refBytes + idBytes, length);
  });
  return bytes;
}

/** Throws CODEC_MALFORMED unless `bytes` are whole refs, each of 1 byte to `maxChunk`. */
export function decodeRefs(bytes: Uint8Array): ChunkRef[] {
  if (bytes.length % refBytes !== 0) throw malformed(`a multiple of ${refBytes} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const refs: ChunkRef[] = [];
  for (let at = 0; at < bytes.length; at += refBytes) {
    const length = view.getUint32(at + idBytes);
    if (length < 1 || length > maxChunk) throw malformed(`lengths of 1 to ${maxChunk}`);
    refs.push({ id: parseChunkId(hexText(bytes.subarray(at, at + idBytes))), length });
  }
  return refs;
}

const malformed = (rule: string): DongboError =>
  new DongboError('CODEC_MALFORMED', { what: 'refs', field: 'refs', rule });

/** Frames: a length (u32, big endian) and that many bytes. A chunk's frame has its id before the length. */
import { DongboError } from '#agent/core/errors.ts';
import { bytesOf, type ChunkId, hexText, parseChunkId } from '#agent/core/ids.ts';
import { maxSealedChunk, type SealedChunk } from '#agent/core/sealed-chunk.ts';
import { ByteReader } from './byte-reader.ts';

export const lengthBytes = 4;
export const idBytes = 32;
export const chunkHeadBytes = idBytes + lengthBytes;
/** AES-GCM's tag and one byte: nothing sealed is shorter. */
const minSealedChunk = 17;

const u32At = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);

export function frame(body: Uint8Array): Uint8Array {
  const whole = new Uint8Array(lengthBytes + body.length);
  new DataView(whole.buffer).setUint32(0, body.length);
  whole.set(body, lengthBytes);
  return whole;
}

/** A count of the ids of one request (u32, big endian). */
export function packCount(count: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  new DataView(bytes.buffer).setUint32(0, count);
  return bytes;
}

/** Throws BODY_MALFORMED unless it is a count of at most `most`. */
export function unpackCount(bytes: Uint8Array, most: number): number {
  const count = bytes.length === lengthBytes ? u32At(bytes, 0) : most + 1;
  if (count > most) throw new DongboError('BODY_MALFORMED', { rule: 'a count of what was named' });
  return count;
}

/** Frames of at most `most.frame` bytes each; throws BODY_TOO_LARGE and BODY_MALFORMED. */
export async function* readFrames(
  source: AsyncIterable<Uint8Array>,
  most: { readonly frame: number; readonly total: number },
): AsyncGenerator<Uint8Array> {
  await using reader = new ByteReader(source, most.total);
  for (;;) {
    const head = await reader.take(lengthBytes);
    if (!head) return;
    const length = u32At(head, 0);
    if (length > most.frame) throw new DongboError('BODY_TOO_LARGE', { limit: most.frame });
    yield length === 0 ? new Uint8Array(0) : await reader.need(length);
  }
}

export const chunkFrameBytes = ({ sealed }: SealedChunk): number => chunkHeadBytes + sealed.length;

/** Head and sealed bytes apart, so that the sealed bytes are not copied. */
export function chunkFrame({ id, sealed }: SealedChunk): [Uint8Array, Uint8Array] {
  const head = new Uint8Array(chunkHeadBytes);
  head.set(bytesOf(id));
  new DataView(head.buffer).setUint32(idBytes, sealed.length);
  return [head, sealed];
}

export async function* chunkFrames(chunks: AsyncIterable<SealedChunk>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield* chunkFrame(chunk);
}

/** Throws BODY_TOO_LARGE beyond `total` bytes, BODY_MALFORMED for a length that no chunk has. */
export async function* readChunks(
  source: AsyncIterable<Uint8Array>,
  total: number,
): AsyncGenerator<SealedChunk> {
  await using reader = new ByteReader(source, total);
  for (;;) {
    const head = await reader.take(chunkHeadBytes);
    if (!head) return;
    const length = u32At(head, idBytes);
    if (length < minSealedChunk || length > maxSealedChunk) {
      throw new DongboError('BODY_MALFORMED', { rule: 'length of a sealed chunk' });
    }
    const id = parseChunkId(hexText(head.subarray(0, idBytes)));
    yield { id, sealed: await reader.need(length) };
  }
}

export function packIds(ids: readonly ChunkId[]): Uint8Array {
  const bytes = new Uint8Array(ids.length * idBytes);
  ids.forEach((id, i) => {
    bytes.set(bytesOf(id), i * idBytes);
  });
  return bytes;
}

/** At most `most` ids, no two alike. Throws BODY_MALFORMED. */
export function unpackIds(bytes: Uint8Array, most: number): ChunkId[] {
  if (bytes.length % idBytes !== 0) throw new DongboError('BODY_MALFORMED', { rule: 'ids of 32 bytes' });
  if (bytes.length > most * idBytes) throw new DongboError('BODY_TOO_LARGE', { limit: most * idBytes });
  const ids = new Set<ChunkId>();
  for (let at = 0; at < bytes.length; at += idBytes) {
    ids.add(parseChunkId(hexText(bytes.subarray(at, at + idBytes))));
  }
  if (ids.size * idBytes !== bytes.length) throw new DongboError('BODY_MALFORMED', { rule: 'each id once' });
  return [...ids];
}

/** A body that is held whole. Throws BODY_TOO_LARGE. */
export async function readWhole(source: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of source) {
    size += part.length;
    if (size > limit) throw new DongboError('BODY_TOO_LARGE', { limit });
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts, size));
}

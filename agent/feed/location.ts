/** Where this node's own disk holds a chunk's plaintext: a piece of a file, or, for a list of pieces, its bytes. */
export type Location =
  | { readonly path: string; readonly offset: number; readonly length: number }
  | { readonly path: string; readonly list: Uint8Array };

/** Kind, then offset and length, or the list. */
const kinds = { piece: 0, list: 1 } as const;
const pieceBytes = 1 + 6 + 4;

export function encodePlace(location: Location): Uint8Array {
  if ('list' in location) return Buffer.concat([Buffer.of(kinds.list), location.list]);
  const bytes = Buffer.alloc(pieceBytes);
  bytes.writeUIntBE(location.offset, 1, 6);
  bytes.writeUInt32BE(location.length, 7);
  return bytes;
}

export function decodePlace(path: string, bytes: Uint8Array): Location {
  if (bytes[0] === kinds.list) return { path, list: bytes.slice(1) };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return { path, offset: buffer.readUIntBE(1, 6), length: buffer.readUInt32BE(7) };
}

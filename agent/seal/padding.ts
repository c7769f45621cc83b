/**
 * Padding of plaintext (ISO/IEC 7816-4: 0x80, then zeros) up to a Padmé size, so that sealed sizes are no
 * fingerprint (ARCHITECTURE invariant 10). There is exactly one padded form of each plaintext.
 */
import { padmeSize } from '#agent/core/padme.ts';

const marker = 0x80;

/** Bytes that `length` bytes of plaintext take when padded. */
export const paddedSize = (length: number): number => padmeSize(length + 1);

/** The padding that follows `length` bytes of plaintext. A view that is shared: never write into it. */
export function paddingFor(length: number): Uint8Array {
  const size = paddedSize(length) - length;
  return size <= common.length ? common.subarray(0, size) : padding(size);
}

function padding(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes[0] = marker;
  return bytes;
}

/** Enough for a chunk of the largest size. */
const common = padding(32 * 1024);

/** The plaintext in `padded` (a view, no copy); undefined unless it is padded exactly as `paddingFor` does. */
export function unpad(padded: Uint8Array): Uint8Array | undefined {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end--;
  if (end < 0 || padded[end] !== marker) return undefined;
  return paddedSize(end) === padded.length ? padded.subarray(0, end) : undefined;
}

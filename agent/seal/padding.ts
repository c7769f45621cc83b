/**
 * Padding of plaintext (ISO/IEC 7816-4: 0x80, then zeros) up to a Padmé size, or that of a cell, so that sealed sizes are no
 * fingerprint (ARCHITECTURE invariant 10). There is exactly one padded form of each plaintext.
 */
import { cellBytes, cellData, cellSaltBytes } from '#agent/core/cells.ts';
import { nextPower, padmeSize, stepSize } from '#agent/core/padme.ts';
import type { SealForm } from '#agent/core/seal-form.ts';
import { maxSealedChunk } from '#agent/core/sealed-chunk.ts';

const marker = 0x80;

/** Bytes that so many bytes of plaintext take when padded: always more. */
export type PaddedSize = (length: number) => number;

/** Bytes that `length` bytes of plaintext take when padded. */
export const paddedSize = (length: number): number => padmeSize(length + 1);

interface FormSizes {
  readonly chunk: PaddedSize;
  readonly record: PaddedSize;
  readonly maxSealed: number;
}

/** Nearly all records fit into `least`; what does not (a long path, many authors) takes the next powers of two. */
const powers =
  (least: number): PaddedSize =>
  (length) =>
    Math.max(least, nextPower(length + 1));

/** The padding of each form. */
export const formSizes: Readonly<Record<SealForm, FormSizes>> = {
  padme: { chunk: paddedSize, record: paddedSize, maxSealed: maxSealedChunk },
  steps: { chunk: (length) => stepSize(length + 1), record: powers(512), maxSealed: maxSealedChunk },
  cells: {
    chunk: () => cellSaltBytes + cellData + 1,
    record: powers(1024),
    maxSealed: cellBytes,
  },
};

/** The padding that follows `length` bytes of plaintext. A view that is shared: never write into it. */
export function paddingFor(length: number, sizeOf: PaddedSize = paddedSize): Uint8Array {
  const size = sizeOf(length) - length;
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
export function unpad(padded: Uint8Array, sizeOf: PaddedSize = paddedSize): Uint8Array | undefined {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end--;
  if (end < 0 || padded[end] !== marker) return undefined;
  return sizeOf(end) === padded.length ? padded.subarray(0, end) : undefined;
}

/** Buffers that are written one behind the other. */

/** IOV_MAX, Linux: so many go into one call. */
export const maxVectors = 1024;

/** What is left of `pieces` without their first `count` bytes; no empty ones, which no call would ever write. */
export function after(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let skip = count;
  for (const piece of pieces) {
    if (skip >= piece.length) skip -= piece.length;
    else {
      left.push(skip === 0 ? piece : piece.subarray(skip));
      skip = 0;
    }
  }
  return left;
}

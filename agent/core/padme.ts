/** Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019). */

/** Smaller things are all padded alike. */
export const minPadded = 256;

/**
 * The padded size of `n` bytes: keeps only the leading bits of the length, so at most 12 % is added (beyond 256
 * bytes) and O(log log n) bits of the length leak.
 */
export function padmeSize(n: number): number {
  if (n <= minPadded) return minPadded;
  const exponent = floorLog2(n);
  const kept = floorLog2(exponent) + 1;
  const step = 2 ** (exponent - kept);
  return Math.ceil(n / step) * step;
}

/** Up to here `stepSize` goes by powers of two: chunks of larger files are longer, but for one in sixteen. */
const powersUpTo = 32 * 1024;

/** As `padmeSize`, coarser where most files are: a small file has one of eight sizes. */
export const stepSize = (n: number): number =>
  n <= powersUpTo ? Math.max(minPadded, nextPower(n)) : padmeSize(n);

export function nextPower(n: number): number {
  let power = 1;
  while (power < n) power *= 2;
  return power;
}

/** Exact for every safe integer, where Math.log2 may round up to the next whole number. */
function floorLog2(n: number): number {
  const high = Math.floor(n / 2 ** 31);
  return high > 0 ? 31 + floorLog2(high) : 31 - Math.clz32(n);
}

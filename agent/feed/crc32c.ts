/** CRC-32C (Castagnoli, RFC 3720 appendix B.4), as LevelDB's log files carry it. */
const polynomial = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let crc = n;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  return crc;
});

/** Checksum of `bytes` from `from` up to and without `end`, unsigned. */
export function crc32c(bytes: Uint8Array, from: number, end: number): number {
  let crc = 0xffff_ffff;
  for (let i = from; i < end; i++) crc = (table[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

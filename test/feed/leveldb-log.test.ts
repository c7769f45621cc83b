import { describe, expect, it } from 'vitest';
import { crc32c } from '#agent/feed/crc32c.ts';
import { readLog } from '#agent/feed/leveldb-log.ts';

const block = 32 * 1024;

/** Writes records as LevelDB does. */
function logOf(records: readonly Uint8Array[]): Buffer {
  const out: Uint8Array[] = [];
  let at = 0;
  for (const record of records) {
    for (let from = 0, first = true; ; first = false) {
      const left = block - (at % block);
      if (left < 7) {
        out.push(new Uint8Array(left));
        at += left;
        continue;
      }
      const data = record.subarray(from, from + left - 7);
      const last = from + data.length === record.length;
      const type = first ? (last ? 1 : 2) : last ? 4 : 3;
      const typed = Buffer.concat([Buffer.of(type), data]);
      const crc = crc32c(typed, 0, typed.length);
      const header = Buffer.alloc(6);
      header.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0, 0);
      header.writeUInt16LE(data.length, 4);
      out.push(header, typed);
      at += 7 + data.length;
      from += data.length;
      if (last) break;
    }
  }
  return Buffer.concat(out);
}

const record = (size: number, seed: number) =>
  Uint8Array.from({ length: size }, (_, i) => (i * seed + (i >> 8)) & 0xff);
const records = [record(10, 3), record(40_000, 5), record(block - 7, 7), record(100_000, 11), record(50, 13)];

describe('reading the log format', () => {
  it('has the checksum of RFC 3720', () => {
    const bytes = Buffer.from('123456789');
    expect(crc32c(bytes, 0, bytes.length)).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32), 0, 32)).toBe(0x8a9136aa);
  });

  it('gives the records back', () => {
    const read = readLog(logOf(records));
    expect(read.end).toBe('clean');
    expect(read.records.map((r) => Buffer.from(r))).toEqual(records.map((r) => Buffer.from(r)));
    expect(readLog(new Uint8Array())).toEqual({ records: [], end: 'clean' });
  });

  it('knows a cut-off end at whatever byte, and zeros behind it', () => {
    const whole = logOf(records);
    const end = logOf(records.slice(0, 4)).length;
    for (let size = end + 1; size < whole.length; size++) {
      expect(readLog(whole.subarray(0, size))).toMatchObject({ end: 'torn', records: { length: 4 } });
    }
    const zeros = Buffer.concat([whole.subarray(0, end + 20), Buffer.alloc(500)]);
    expect(readLog(zeros)).toMatchObject({ end: 'torn', records: { length: 4 } });
    expect(readLog(whole.subarray(0, end - 1000))).toMatchObject({ end: 'torn', records: { length: 3 } });
  });

  it('knows damage with good records behind it, wherever it lies', () => {
    const whole = logOf(records);
    const last = logOf(records.slice(0, 4)).length;
    for (const at of [0, 4, 6, 8, 20, 5000, block + 3, 90_000, last - 1]) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x40;
      expect(readLog(bytes).end, `byte ${at}`).toBe('damaged');
    }
  });
});

/**
 * Content-defined cut points: a gear hash with normalised chunking (Xia et al., "FastCDC", USENIX ATC 2016). The
 * table is keyed per epoch, so that cut points tell nothing to who does not hold the key (eprint 2025/532).
 */
import { DongboError } from './errors.ts';
import { maxChunk, minChunk } from './sealed-chunk.ts';

/** Up to here the strict mask holds, then the loose one: the mean comes out at 64 KiB (measured in the tests). */
const normalPoint = 52 * 1024;
/** The hash's upper bits hear the last 32 bytes. 18 of them: one cut in 256 KiB. */
const strictMask = 0xffffc000 | 0;
/** 14 of them: one cut in 16 KiB. */
const looseMask = 0xfffc0000 | 0;
/** Bytes that one hash hears; it is warmed up on them, so that a cut depends on nothing before. */
const hashWindow = 32;

export const gearTableBytes = 1024;

/** 256 unsigned 32-bit numbers, most significant byte first. */
export function gearTable(bytes: Uint8Array): Uint32Array {
  if (bytes.length !== gearTableBytes) throw new DongboError('INVARIANT', { what: 'gear table length' });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: 256 }, (_, i) => view.getUint32(i * 4));
}

export class Cutter {
  readonly #gear: Int32Array;

  constructor(gear: Uint32Array) {
    if (gear.length !== 256) throw new DongboError('INVARIANT', { what: 'gear table length' });
    this.#gear = Int32Array.from(gear, (n) => n | 0);
  }

  /**
   * The end of the chunk that starts at `from`, looking at bytes up to `end`; -1 when the bytes at hand do not decide
   * it (never when `last`, nor when `maxChunk` bytes are at hand). Cuts do not depend on how the bytes come in.
   */
  cut(buffer: Uint8Array, from: number, end: number, last: boolean): number {
    const limit = Math.min(end, from + maxChunk);
    const start = from + minChunk;
    if (start < limit) {
      const found = scan(this.#gear, buffer, start, Math.min(limit, from + normalPoint), limit);
      if (found >= 0) return found;
    }
    return last || limit - from === maxChunk ? limit : -1;
  }
}

/** The first cut at or after `start`; -1 when there is none before `limit`. */
function scan(gear: Int32Array, buffer: Uint8Array, start: number, normal: number, limit: number): number {
  let hash = 0;
  let i = start - hashWindow;
  // An index from a byte is always within the table; the `as` spares a check per byte of every file.
  for (; i < start; i++) hash = ((hash << 1) + (gear[buffer[i] as number] as number)) | 0;
  for (; i < normal; i++) {
    hash = ((hash << 1) + (gear[buffer[i] as number] as number)) | 0;
    if ((hash & strictMask) === 0) return i + 1;
  }
  for (; i < limit; i++) {
    hash = ((hash << 1) + (gear[buffer[i] as number] as number)) | 0;
    if ((hash & looseMask) === 0) return i + 1;
  }
  return -1;
}

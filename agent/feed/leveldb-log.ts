/**
 * Reads LevelDB's log format (its `doc/log_format.md`): LevelDB itself passes over damaged records in silence, which
 * would lose what was acknowledged. Logs and manifests are a few MiB at most, so a whole file is held.
 */
import { crc32c } from './crc32c.ts';

const blockBytes = 32 * 1024;
const headerBytes = 7;
const types = { full: 1, first: 2, middle: 3, last: 4 } as const;

/** One physical record: where its data lies, and where the next header may start. */
interface Fragment {
  readonly type: number;
  readonly from: number;
  readonly end: number;
}

export interface LogContents {
  /** Whole records, in order, up to the first that cannot be read. */
  readonly records: readonly Uint8Array[];
  /**
   * `torn`: it ends in a write that was cut off, as a crash leaves it. `damaged`: there are good records after bad
   * bytes, which no crash can leave.
   */
  readonly end: 'clean' | 'torn' | 'damaged';
}

export function readLog(file: Uint8Array): LogContents {
  const records: Uint8Array[] = [];
  let parts: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    at = skipBlockTail(at);
    if (at >= file.length) return { records, end: parts.length > 0 ? 'torn' : 'clean' };
    const fragment = fragmentAt(file, at);
    if (!fragment || !follows(fragment.type, parts.length > 0)) break;
    parts.push(file.subarray(fragment.from, fragment.end));
    at = fragment.end;
    if (fragment.type !== types.full && fragment.type !== types.last) continue;
    records.push(parts.length === 1 ? (parts[0] ?? file) : Buffer.concat(parts));
    parts = [];
  }
  return { records, end: anythingAfter(file, at) ? 'damaged' : 'torn' };
}

/** A block ends in up to six zeros where no header fits. */
function skipBlockTail(at: number): number {
  const left = blockBytes - (at % blockBytes);
  return left < headerBytes ? at + left : at;
}

const follows = (type: number, inside: boolean): boolean =>
  inside ? type === types.middle || type === types.last : type === types.full || type === types.first;

function fragmentAt(file: Uint8Array, at: number): Fragment | undefined {
  const from = at + headerBytes;
  if (from > file.length) return undefined;
  const view = new DataView(file.buffer, file.byteOffset + at, headerBytes);
  const end = from + view.getUint16(4, true);
  const type = view.getUint8(6);
  const blockEnd = at - (at % blockBytes) + blockBytes;
  if (type < types.full || type > types.last || end > Math.min(blockEnd, file.length)) return undefined;
  return unmask(view.getUint32(0, true)) === crc32c(file, from - 1, end) ? { type, from, end } : undefined;
}

/** LevelDB stores checksums rotated and shifted, so that a checksum of data that holds checksums stays strong. */
function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

/** Only walked when something is wrong: is there a whole record anywhere behind the bad one? */
function anythingAfter(file: Uint8Array, bad: number): boolean {
  for (let at = bad + 1; at + headerBytes <= file.length; at++) {
    const found = fragmentAt(file, at);
    // The checksum of no data at all is easily met by chance.
    if (found && found.end > found.from) return true;
  }
  return false;
}

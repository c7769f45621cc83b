/**
 * How much there is in some bytes of CBOR, before anything is made of it: every value of a message costs memory and time
 * far beyond its bytes, so a message has no more of them, and no deeper, than its form has.
 */

export interface Shape {
  /** Values in all: of a map its keys and values, and the map itself. */
  readonly values: number;
  readonly depth: number;
}

/** What nothing that this project writes goes beyond. */
export const anyShape: Shape = { values: 4 * 1024 * 1024, depth: 32 };

const headBytes: Readonly<Record<number, number>> = { 24: 1, 25: 2, 26: 4, 27: 8 };
const [byteString, textString, array, map, tag] = [2, 3, 4, 5, 6];

/** False beyond `shape`, and for what is cut off or of indefinite length. Values are walked, bytes of strings are not. */
export function isWithinShape(bytes: Uint8Array, shape: Shape): boolean {
  /** Values that are still to come at each depth. */
  const open: number[] = [1];
  let at = 0;
  let values = 0;
  while (open.length > 0) {
    const left = open[open.length - 1] ?? 0;
    if (left === 0) {
      open.pop();
      continue;
    }
    open[open.length - 1] = left - 1;
    values += 1;
    const head = headAt(bytes, at);
    if (!head || values > shape.values) return false;
    at = head.end;
    const { major, argument } = head;
    if (major === byteString || major === textString) at += argument;
    const inner = major === array || major === tag ? argument : major === map ? 2 * argument : 0;
    if (at > bytes.length || inner > bytes.length - at) return false;
    if (inner > 0) open.push(major === tag ? 1 : inner);
    if (open.length > shape.depth + 1) return false;
  }
  return true;
}

function headAt(
  bytes: Uint8Array,
  at: number,
): { readonly major: number; readonly argument: number; readonly end: number } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  const [major, info] = [first >> 5, first & 31];
  if (info < 24) return { major, argument: info, end: at + 1 };
  const more = headBytes[info];
  if (more === undefined || at + 1 + more > bytes.length) return undefined;
  let argument = 0;
  for (let i = 1; i <= more; i++) argument = argument * 256 + (bytes[at + i] ?? 0);
  return { major, argument, end: at + 1 + more };
}

/** What a space holds on this node, kept up with every commit. */
import { decode, encode } from '#agent/core/codec.ts';
import type { Measure } from './row-codec.ts';
import { Tuple } from './tuple.ts';

export interface SpaceCounts {
  /** Files, directories and links in the local tree. */
  readonly items: number;
  readonly files: number;
  /** Sum of the sizes of the files. */
  readonly bytes: number;
  /** Paths waiting for the apply step. */
  readonly pending: number;
  readonly problems: number;
}

export const noCounts: SpaceCounts = { items: 0, files: 0, bytes: 0, pending: 0, problems: 0 };

export const encodeCounts = (c: SpaceCounts): Uint8Array =>
  encode([c.items, c.files, c.bytes, c.pending, c.problems]);

export function decodeCounts(bytes: Uint8Array): SpaceCounts {
  const t = new Tuple('counts', decode(bytes), 5);
  return { items: t.int(), files: t.int(), bytes: t.int(), pending: t.int(), problems: t.int() };
}

/** `sign` is 1 for a row that comes and -1 for one that goes. */
export function withMeasure(c: SpaceCounts, m: Measure, sign: 1 | -1): SpaceCounts {
  return {
    ...c,
    items: c.items + sign * m.items,
    files: c.files + sign * m.files,
    bytes: c.bytes + sign * m.bytes,
  };
}

/**
 * Cells: content cut at fixed places into pieces that are all sealed to one size, and their number rounded up with empty
 * cells, so that the size of a file is no fingerprint. One file has exactly one form; readers refuse any other.
 */
import { refBytes } from './chunk-refs.ts';
import { type ContentRules, variableRules } from './content-rules.ts';
import { DongboError } from './errors.ts';
import type { ChunkId } from './ids.ts';
import type { ChunkRef } from './item.ts';
import { padmeSize } from './padme.ts';
import type { SealForm } from './seal-form.ts';
import { type ChunkPlace, maxChunk } from './sealed-chunk.ts';

/** Bytes of a sealed cell, tag included. What other sizes cost and tell is in docs/bench.md. */
export const cellBytes = 16 * 1024;
/** Starts every cell's plaintext: bound to path and offset, so that equal bytes elsewhere are another cell. */
export const cellSaltBytes = 16;
const tagBytes = 16;
/** Plaintext of a cell; at least the marker of the padding follows it. */
export const cellData = cellBytes - tagBytes - cellSaltBytes - 1;

/** The plaintext of a cell with its salt before it; a list has none. Throws INVARIANT for more than a cell holds. */
export function saltedCell(data: Uint8Array, salt?: Uint8Array): Uint8Array {
  if (data.length > cellData) throw new DongboError('INVARIANT', { what: 'cell length' });
  const whole = new Uint8Array(cellSaltBytes + data.length);
  if (salt) whole.set(salt);
  whole.set(data, cellSaltBytes);
  return whole;
}

/** Plaintext that one piece of a form holds. What a publisher names longer than this is no piece of that form. */
export const maxPlainOf = (form: SealForm): number => (form === 'cells' ? cellData : maxChunk);

export const cellListRefs = Math.floor(cellData / refBytes);
/** Refs that a record holds itself: few, so that all records have one size. */
export const cellInlineRefs = 8;
/**
 * The numbers of cells that a file may have: 16 KiB, 128 KiB, 1 MiB, 8 MiB, … Few steps, since each that a tree of files
 * touches tells its finder about half a percent. Beyond 64 MiB, where that is too dear, Padmé sizes: at most 12 % more.
 */
const cellSteps = [1, 8, 64, 512, 1024, 2048, 4096];

interface Shape {
  readonly levels: number;
  /** Refs of each level, the data first. */
  readonly counts: readonly number[];
}

/** How a file of `size` bytes is cut. */
function shapeOf(size: number): Shape {
  const counts = [Math.ceil(size / cellData)];
  for (let last = counts[0] ?? 0; last > cellInlineRefs; ) {
    last = Math.ceil(last / cellListRefs);
    counts.push(last);
  }
  return { levels: counts.length - 1, counts };
}

/** Data and list cells of a file, without the empty ones. */
function usedCells(size: number): number {
  const { counts, levels } = shapeOf(size);
  const lists = counts.slice(1, levels + 1).reduce((sum, n) => sum + n, 0);
  return (counts[0] ?? 0) + lists;
}

/** Cells that a file of `size` bytes takes on the wire, at least one. */
export const cellsOf = (size: number): number => roundUp(usedCells(size));

const roundUp = (n: number): number => cellSteps.find((step) => n <= step) ?? padmeSize(n);

/** What `EmptyCells` needs of an epoch's keys. */
interface CellNames {
  readonly form: SealForm;
  idOf(plain: Uint8Array, place: ChunkPlace): ChunkId;
}

interface EmptyCell extends ChunkRef {
  readonly offset: number;
}

const nothing = new Uint8Array(0);

/** The cells that round a file's number up: sealed like any other, without a byte, at offsets beyond its end. */
export class EmptyCells {
  readonly #keys: CellNames;
  readonly #path: string;
  readonly #size: number;
  /** 0 in every other form. */
  readonly count: number;

  constructor(keys: CellNames, path: string, size: number) {
    this.#keys = keys;
    this.#path = path;
    this.#size = size;
    this.count = keys.form === 'cells' ? cellsOf(size) - usedCells(size) : 0;
  }

  *[Symbol.iterator](): Generator<EmptyCell> {
    const data = Math.ceil(this.#size / cellData);
    for (let n = data; n < data + this.count; n++) {
      const offset = n * cellData;
      yield { id: this.#keys.idOf(nothing, { path: this.#path, offset }), offset, length: 0 };
    }
  }
}

/** Cuts where `Cutter` would cut by content. */
export class FixedCutter {
  cut(_buffer: Uint8Array, from: number, end: number, last: boolean): number {
    if (end - from >= cellData) return from + cellData;
    return last ? end : -1;
  }
}

/** Exactly as `shapeOf` says. */
const cellRules: ContentRules = {
  inline: cellInlineRefs,
  brokenLevels(levels, size, refs) {
    const shape = shapeOf(size);
    const fits = levels === shape.levels && refs === shape.counts[levels];
    return fits ? undefined : `cells as a file of ${size} bytes has them`;
  },
  brokenRef(ref: ChunkRef, level: number, last: boolean, size: number) {
    const length = last ? lastLength(level, size) : fullLength(level);
    return ref.length === length ? undefined : `cells of ${length} bytes`;
  },
  endsList: (waiting) => waiting.length === cellListRefs,
};

/** What a reader checks in content of a form. */
export const rulesOf = (form: SealForm): ContentRules => (form === 'cells' ? cellRules : variableRules);

const fullLength = (level: number): number => (level === 0 ? cellData : cellListRefs * refBytes);

function lastLength(level: number, size: number): number {
  const { counts } = shapeOf(size);
  const [own = 0, below = 0] = [counts[level], counts[level - 1]];
  if (level === 0) return size - (own - 1) * cellData;
  return (below - (own - 1) * cellListRefs) * refBytes;
}

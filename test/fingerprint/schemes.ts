/** The sizes that one file has on the relay's disk, under our form of each class and under others that we do not use. */
import { cellBytes, cellsOf } from '#agent/core/cells.ts';
import { Cutter, gearTable, gearTableBytes } from '#agent/core/chunker.ts';
import { nextPower, padmeSize, stepSize } from '#agent/core/padme.ts';
import { noise } from '#test/apply/bytes.ts';
import type { Sizes } from './attack.ts';

const tagBytes = 16;

export type Scheme = (file: Uint8Array, cutter: Cutter) => Sizes;

export const cutterOf = (seed: number): Cutter => new Cutter(gearTable(noise(gearTableBytes, seed)));

/** Known to everybody: what a store without keyed cut points has. */
export const publicCutter = cutterOf(4711);

function lengths(file: Uint8Array, cutter: Cutter): number[] {
  const all: number[] = [];
  for (let from = 0; from < file.length; ) {
    const end = cutter.cut(file, from, file.length, true);
    all.push(end - from);
    from = end;
  }
  return all;
}

const padded =
  (size: (n: number) => number): Scheme =>
  (file, cutter) =>
    lengths(file, cutter).map((n) => size(n + 1) + tagBytes);

/** `steps` and `cells` are what we use; `unpadded` has no secret in it at all. */
export const schemes = {
  unpadded: (file) => lengths(file, publicCutter).map((n) => n + 1 + tagBytes),
  padme: padded(padmeSize),
  steps: padded(stepSize),
  powers: padded((n) => Math.max(256, nextPower(n))),
  cells: (file) => new Array<number>(cellsOf(file.length)).fill(cellBytes),
} as const satisfies Readonly<Record<string, Scheme>>;

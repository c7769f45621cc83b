/**
 * The known files: 200, of sizes as a tree of documents has them (log-normal, median 8 KiB, a few of some MiB). One in
 * five is an edition of the file before it, with the same first half, so that sharing of pieces could tell them too.
 */
import { noise } from '#test/apply/bytes.ts';
import { seeded } from './random.ts';

export const corpusFiles = 200;
export const heldFiles = 20;

const medianBytes = 8 * 1024;
const spread = 1.8;
const largest = 4 * 1024 * 1024;

/** A normal deviate (Box and Muller). */
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

export function makeCorpus(seed: number): Uint8Array[] {
  const random = seeded(seed);
  const files: Uint8Array[] = [];
  for (let i = 0; i < corpusFiles; i += 1) {
    const size = Math.min(largest, Math.max(1, Math.round(medianBytes * Math.exp(spread * normal(random)))));
    const bytes = noise(size, seed * 1000 + i);
    const before = files.at(-1);
    if (i % 5 === 4 && before) bytes.set(before.subarray(0, Math.min(before.length, size) >> 1));
    files.push(bytes);
  }
  return files;
}

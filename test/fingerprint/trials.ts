/** Many trials of the attack: in each other files are held, and as many are named. */
import type { Cutter } from '#agent/core/chunker.ts';
import { Attacker, hitRate, type Sizes } from './attack.ts';
import { corpusFiles, heldFiles } from './corpus.ts';
import { pick, seeded } from './random.ts';
import type { RelayDisk } from './relay-store.ts';
import { cutterOf, type Scheme } from './schemes.ts';

const attackersKeys = [101, 102, 103, 104];
const publishersKey = 201;

const sizesUnder = (scheme: Scheme, corpus: readonly Uint8Array[], cutters: readonly Cutter[]): Sizes[][] =>
  corpus.map((file) => cutters.map((cutter) => scheme(file, cutter)));

const attackerOf = (scheme: Scheme, corpus: readonly Uint8Array[]): Attacker =>
  new Attacker(sizesUnder(scheme, corpus, attackersKeys.map(cutterOf)));

/** Which of the files are held in a trial. */
export const heldIn = (trial: number): number[] => pick(heldFiles, corpusFiles, seeded(trial));

/** One file as it lies at the relay. */
export interface Item {
  readonly file: number;
  readonly sizes: Sizes;
}

/** In the order of the feed. The sizes are read off the disk; which chunks are of one item is given. */
export function itemsOn({ chunks, items }: RelayDisk): Item[] {
  const sizes = new Map(chunks.map(({ id, size }) => [id, size]));
  return items.map(({ file, chunks: ids }) => ({ file, sizes: ids.map((id) => sizes.get(id) ?? 0) }));
}

/** The items that a relay would hold under a scheme, in the order of names. */
export const modelItems = (scheme: Scheme, corpus: readonly Uint8Array[]): Item[] =>
  sizesUnder(scheme, corpus, [cutterOf(publishersKey)]).map(([sizes = []], file) => ({ file, sizes }));

export interface Rates {
  /** Share of the files named that are there, over all trials. Chance is a tenth. */
  readonly rate: number;
  /** The same for an attacker that knows the names, and takes the order of arrival for theirs. */
  readonly inOrder: number;
  /** Sealed bytes over plain bytes, of the whole corpus. */
  readonly cost: number;
}

const sum = (sizes: Sizes): number => sizes.reduce((a, b) => a + b, 0);

/** `items`: all files of the corpus; what a relay has of a file hangs on no other. */
export function ratesOf(
  scheme: Scheme,
  corpus: readonly Uint8Array[],
  items: readonly Item[],
  trials: number,
): Rates {
  const attacker = attackerOf(scheme, corpus);
  let [rate, inOrder] = [0, 0];
  for (let trial = 1; trial <= trials; trial += 1) {
    const held = heldIn(trial);
    const seen = items.filter(({ file }) => held.includes(file)).map(({ sizes }) => sizes);
    rate += hitRate(attacker.guess(seen, { inOrder: false, seed: trial }), held) / trials;
    inOrder += hitRate(attacker.guess(seen, { inOrder: true, seed: trial }), held) / trials;
  }
  const sealed = sum(items.map(({ sizes }) => sum(sizes)));
  return { rate, inOrder, cost: sealed / sum(corpus.map(({ length }) => length)) };
}

/**
 * The attack: who has the relay's disk, the texts of 200 known files and our algorithm, but no key, says which of them
 * are here (the idea of eprint 2025/532). Of each candidate it works out the sizes that it would have under keys of its
 * own, and weighs every item of the store against every candidate. It is given what it could only learn in part: which
 * chunks belong to one item.
 */
import { seeded } from './random.ts';

/** Sealed sizes of the chunks of one item, as they came. */
export type Sizes = readonly number[];

interface Feature {
  readonly mean: number;
  readonly deviation: number;
}

/** What it expects of one candidate. */
interface Expected {
  /** Of the sizes as they are, when they hang on no key. */
  readonly exact?: string;
  readonly count: Feature;
  readonly total: Feature;
}

const sum = (sizes: Sizes): number => sizes.reduce((a, b) => a + b, 0);

function featureOf(values: readonly number[]): Feature {
  const mean = sum(values) / values.length;
  const variance = sum(values.map((v) => (v - mean) ** 2)) / values.length;
  return { mean, deviation: Math.max(Math.sqrt(variance), 0.5) };
}

/** `samples`: the sizes of one candidate under several keys. */
function expectation(samples: readonly Sizes[]): Expected {
  const [first = '', ...others] = samples.map((s) => s.join());
  return {
    ...(others.every((other) => other === first) ? { exact: first } : {}),
    count: featureOf(samples.map((s) => s.length)),
    total: featureOf(samples.map(sum)),
  };
}

const density = (value: number, { mean, deviation }: Feature): number =>
  Math.exp(-((value - mean) ** 2) / (2 * deviation ** 2)) / deviation;

const unlikely = 1e-12;

function likelihood(seen: Sizes, candidate: Expected): number {
  if (candidate.exact !== undefined) return candidate.exact === seen.join() ? 1 : unlikely;
  return unlikely + density(sum(seen), candidate.total) * density(seen.length, candidate.count);
}

/** How likely each candidate is to be here, when nothing is known of the order. */
function unordered(table: readonly (readonly number[])[]): number[] {
  const scores = (table[0] ?? []).map(() => 0);
  for (const row of table) {
    const all = sum(row);
    row.forEach((value, j) => {
      scores[j] = (scores[j] ?? 0) + value / all;
    });
  }
  return scores;
}

/** As `unordered`, when items come in the order of the candidates: over all ways of laying them into it. */
function ordered(table: readonly (readonly number[])[]): number[] {
  const files = table[0]?.length ?? 0;
  const before = ways(table, files);
  const turned = table.map((row) => row.toReversed()).reverse();
  const after = ways(turned, files);
  return Array.from({ length: files }, (_, j) =>
    sum(
      table.map(
        (row, i) =>
          (before[i]?.[j] ?? 0) * (row[j] ?? 0) * (after[table.length - 1 - i]?.[files - 1 - j] ?? 0),
      ),
    ),
  );
}

/** `[i][j]`: the weight of laying the first i items into the first j candidates. */
function ways(table: readonly (readonly number[])[], files: number): number[][] {
  const all = [new Array<number>(files + 1).fill(1)];
  for (const [i, row] of table.entries()) {
    const next = new Array<number>(files + 1).fill(0);
    for (let j = 1; j <= files; j += 1)
      next[j] = (next[j - 1] ?? 0) + (all[i]?.[j - 1] ?? 0) * (row[j - 1] ?? 0);
    all.push(next);
  }
  return all;
}

export class Attacker {
  readonly #expected: readonly Expected[];

  /** `samples`: of each candidate, its sizes under several keys of the attacker's own. */
  constructor(samples: readonly (readonly Sizes[])[]) {
    this.#expected = samples.map(expectation);
  }

  /** As many candidates as there are items. `inOrder`: it knows the order that candidates would come in. */
  guess(items: readonly Sizes[], { inOrder, seed }: { inOrder: boolean; seed: number }): number[] {
    const table = items.map((seen) => this.#expected.map((candidate) => likelihood(seen, candidate)));
    const random = seeded(seed);
    const scored = (inOrder ? ordered(table) : unordered(table)).map((score, j) => ({
      score,
      j,
      tie: random(),
    }));
    scored.sort((a, b) => b.score - a.score || a.tie - b.tie);
    return scored.slice(0, items.length).map(({ j }) => j);
  }
}

export const hitRate = (guesses: readonly number[], held: readonly number[]): number =>
  guesses.filter((j) => held.includes(j)).length / held.length;

/**
 * Random input with a budget of time: `npm test -- fuzz`. Each round has a seed of its own, which a failure names:
 * DONGBO_FUZZ_SEED=<seed> runs that round again. DONGBO_FUZZ_SECONDS: for each target, 6 when absent.
 */
import { randomInt } from 'node:crypto';
import { expect } from 'vitest';
import { DongboError, isOwnFault } from '#agent/core/errors.ts';
import { catalogue } from '#agent/core/messages/index.ts';
import { seededRandom } from '#test/process/seeded.ts';

const seconds = Number(process.env.DONGBO_FUZZ_SECONDS ?? 6);
const only = process.env.DONGBO_FUZZ_SEED;

/** The limit of the test around it, ms. */
export const fuzzLimit = { timeout: seconds * 1000 + 120_000 };

/** Chances of one round. */
export class Chance {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  /** From 0 up to `n`, a whole number. */
  below(n: number): number {
    return Math.floor(this.#next() * n);
  }

  /** True once in `n`. */
  once(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(all: readonly T[]): T {
    return all[this.below(all.length)] as T;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

/** Runs rounds until the time is over; says how many there were. */
export async function fuzz(
  target: string,
  round: (chance: Chance, seed: number) => Promise<void> | void,
): Promise<void> {
  const first = only === undefined ? randomInt(2 ** 31) : Number(only);
  const end = performance.now() + seconds * 1000;
  let rounds = 0;
  do {
    const seed = first + rounds;
    try {
      await round(new Chance(seed), seed);
    } catch (error) {
      throw new Error(`${target}: DONGBO_FUZZ_SEED=${seed} npm test -- fuzz`, { cause: error });
    }
    rounds += 1;
  } while (only === undefined && performance.now() < end);
  process.stdout.write(`fuzz ${target}: ${rounds} rounds in ${seconds} s from seed ${first}\n`);
  expect(rounds).toBeGreaterThan(0);
}

/** Of `work` only a refusal by name may come: a code with texts in both languages, and no fault of our own. */
export async function refusedAtMost<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isOwnFault(error) || !(error instanceof DongboError)) throw error;
    if (!Object.hasOwn(catalogue, error.code)) throw new Error(`no text of ${error.code}`, { cause: error });
    return undefined;
  }
}

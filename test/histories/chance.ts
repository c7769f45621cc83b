/** Choices that are the same for the same seed. */
import { seededRandom } from '#test/process/seeded.ts';

export class Chance {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
    // Neighbouring seeds begin alike.
    for (let i = 0; i < 4; i += 1) this.#next();
  }

  /** From 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor(this.#next() * below);
  }

  one<T>(of: readonly T[]): T {
    return of[this.int(of.length)] as T;
  }

  /** Undefined when there is none. */
  any<T>(of: readonly T[]): T | undefined {
    return of[this.int(of.length)];
  }

  happens(share: number): boolean {
    return this.#next() < share;
  }

  weighed<T>(of: readonly (readonly [T, number])[]): T {
    let at = this.#next() * of.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [one, weight] of of) {
      at -= weight;
      if (at < 0) return one;
    }
    return (of.at(-1) as readonly [T, number])[0];
  }
}

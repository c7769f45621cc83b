/** The codes of problems are counted when something changed, not at every look at the status. */
import { describe, expect, it } from 'vitest';
import type { Problem } from '#agent/core/errors.ts';
import { type CountedProblems, maxCounted, ProblemCodes } from '#agent/cycle/problem-codes.ts';
import { SetClock } from '#test/trust/parties.ts';

class Problems implements CountedProblems {
  read = 0;
  #codes: string[] = [];
  #counts = { problems: 0 };

  set(...codes: string[]): void {
    this.#codes = codes;
    this.#counts = { problems: codes.length };
  }

  counts() {
    return this.#counts;
  }

  async *problems(): AsyncGenerator<Problem> {
    for (const code of this.#codes) {
      this.read += 1;
      yield { code, path: 'x', details: {} };
    }
  }
}

function counted() {
  const [state, clock] = [new Problems(), new SetClock()];
  const codes = new ProblemCodes(clock);
  return { state, clock, codes: () => codes.of(state) };
}

describe('problem codes', () => {
  it('are counted once while nothing changes', async () => {
    const { state, clock, codes } = counted();
    state.set('A', 'B', 'A');
    for (let i = 0; i < 10; i++) {
      clock.ms += 60_000;
      expect(await codes()).toEqual({ A: 2, B: 1 });
    }
    expect(state.read).toBe(3);
  });

  it('are counted again at once when their number changes', async () => {
    const { state, codes } = counted();
    state.set('A');
    expect(await codes()).toEqual({ A: 1 });
    state.set('A', 'B');
    expect(await codes()).toEqual({ A: 1, B: 1 });
    state.set();
    expect(await codes()).toEqual({});
  });

  it('are counted again before long when a code took the place of another', async () => {
    const { state, clock, codes } = counted();
    state.set('A');
    expect(await codes()).toEqual({ A: 1 });
    state.set('B');
    expect(await codes()).toEqual({ A: 1 });
    clock.ms += 5_000;
    expect(await codes()).toEqual({ B: 1 });
  });

  it('are counted up to a bound', async () => {
    const { state, codes } = counted();
    state.set(...Array.from({ length: maxCounted + 5 }, () => 'A'));
    expect(await codes()).toEqual({ A: maxCounted });
    expect(state.read).toBe(maxCounted);
  });
});

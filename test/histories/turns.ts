/** The turns of a space, each let go by the history. */
import { TurnWatch } from '#agent/cycle/turn-watch.ts';
import type { Clock } from '#agent/sys/clock.ts';

export class LetTurns extends TurnWatch {
  #over = Promise.withResolvers<void>();
  #free = false;
  #allowed = 0;
  #let = Promise.withResolvers<void>();

  constructor(clock: Clock) {
    super(clock);
  }

  /** One turn may begin; resolves when it is over. */
  one(): Promise<void> {
    this.#allowed = 1;
    this.#over = Promise.withResolvers<void>();
    this.#go();
    return this.#over.promise;
  }

  /** All may begin, or none but those that are allowed. */
  set free(free: boolean) {
    this.#free = free;
    this.#go();
  }

  #go(): void {
    this.#let.resolve();
    this.#let = Promise.withResolvers<void>();
  }

  override async turn<T>(work: () => Promise<T>): Promise<T> {
    while (!this.#free && this.#allowed === 0) await this.#let.promise;
    this.#allowed = 0;
    try {
      return await super.turn(work);
    } finally {
      this.#over.resolve();
    }
  }
}

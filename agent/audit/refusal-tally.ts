/** Refusals of one caller within a minute are counted in one record: a caller that hammers must not fill the log. */
import type { Details } from '#agent/core/errors.ts';
import type { Clock } from '#agent/sys/clock.ts';

interface Counted {
  readonly fields: Details;
  readonly since: number;
  times: number;
}

const windowMs = 60_000;
/** Beyond these, the callers of a minute are counted together: strangers must not be able to fill the log. */
const maxCallers = 12;

export class RefusalTally {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #counts = new Map<string, Counted>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** The record to write now, when the refusal is the first of its kind from `caller`. */
  note(caller: string, fields: Details): Details | undefined {
    const full = this.#counts.size >= maxCallers;
    const key = `${fields.code} ${caller}`;
    const known = this.#counts.get(key) ?? (full ? this.#others() : undefined);
    if (known) {
      known.times += 1;
      return undefined;
    }
    this.#counts.set(key, { fields, since: this.#clock.monotonic(), times: 0 });
    return { ...fields, times: 1 };
  }

  #others(): Counted {
    const fields = { code: 'several', peer: 'others' };
    const others = this.#counts.get('others') ?? { fields, since: this.#clock.monotonic(), times: 0 };
    this.#counts.set('others', others);
    return others;
  }

  /** The counts of the minutes that are over; of all, when `all`. */
  due(all = false): Details[] {
    const now = this.#clock.monotonic();
    const over = [...this.#counts].filter(([, { since }]) => all || now - since >= windowMs);
    return over.flatMap(([key]) => this.#close(key));
  }

  #close(key: string): Details[] {
    const { fields, times } = this.#counts.get(key) ?? { fields: {}, times: 0 };
    this.#counts.delete(key);
    return times > 0 ? [{ ...fields, times }] : [];
  }
}

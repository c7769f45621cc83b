/**
 * Before a node writes to its feed, it hears what its peers hold: after a start, and under each new revision. It may have
 * been put back to an old image, and what it writes before it knows of its later life nobody else has: its index would
 * have to be made anew (`NodeSpace.#beginLife`), and with it what it knew of deletes. Or it has no index, as one that lost
 * its state: then it knows neither what others have published of the files that lie in its folder, nor under which class.
 */
import { agreementDigest } from '#agent/core/agreement.ts';
import { originKey } from '#agent/core/ids.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { NodeSpace } from './node-space.ts';

/** Peers may not be there, or not answer under another revision: then what is written stays here anyhow. */
const longestMs = 10_000;
/** Who is called by others alone is not told when they have brought everything: so long after they began. */
const broughtMs = 3_000;
/** What some peer has and does not give holds up nothing for longer. */
const stillMs = 20_000;

export interface FirstWordParts {
  readonly own: NodeSpace;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Whether this node calls others. */
  readonly dials: boolean;
  /** Whether peers are there, and nothing that they hold is missing here. */
  readonly caughtUp: () => Promise<boolean>;
}

export class FirstWord {
  readonly #parts: FirstWordParts;
  #heard: string | undefined;
  #under: string | undefined;
  #since = 0;
  /** How much is held, and since when (monotonic ms). */
  #held = { records: -1, since: 0 };

  constructor(parts: FirstWordParts) {
    this.#parts = parts;
  }

  /** Until then nothing is to be published. Throws a refusal when there is no agreement in force. */
  async has(): Promise<boolean> {
    const { own, clock } = this.#parts;
    // A new life begins where news came of one that this index may know nothing of.
    const under = `${originKey(own.origin)} ${agreementDigest(own.agreement())}`;
    if (this.#heard === under) return true;
    if (this.#under !== under) this.#since = clock.monotonic();
    this.#under = under;
    const wrote = (await own.state.position(own.origin)) !== undefined;
    if (!(wrote ? this.#follows() : await this.#knows())) return false;
    this.#heard = under;
    return true;
  }

  #waited = (): number => this.#parts.clock.monotonic() - this.#since;

  #follows(): boolean {
    return !this.#parts.dials || this.#parts.own.wasHeard() || this.#waited() >= longestMs;
  }

  /** Whose index is empty, and who can ask, waits for an answer: what it published before that would reach nobody. */
  async #knows(): Promise<boolean> {
    const { own, dials, caughtUp } = this.#parts;
    if (!dials && this.#waited() >= longestMs) return true;
    if (dials && !own.wasHeard()) return false;
    const still = await this.#stillMs();
    return (await caughtUp()) ? dials || still >= broughtMs : dials && still >= stillMs;
  }

  /** For how long nothing has come. */
  async #stillMs(): Promise<number> {
    const { own, clock } = this.#parts;
    const records = (await own.state.origins()).reduce((sum, { seq }) => sum + seq, 0);
    const now = clock.monotonic();
    if (records !== this.#held.records) this.#held = { records, since: now };
    return now - this.#held.since;
  }
}

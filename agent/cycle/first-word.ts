/**
 * Before a node writes to its feed, it hears what its peers hold of it: after a start, and under each new revision. It
 * may have been put back to an old image, and what it writes before it knows of its later life nobody else has: its
 * index would have to be made anew (`NodeSpace.#beginLife`), and with it what it knew of deletes.
 */
import { agreementDigest } from '#agent/core/agreement.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { NodeSpace } from './node-space.ts';

/** Peers may not be there, or not answer under another revision: then what is written stays here anyhow. */
const longestMs = 10_000;
const stepMs = 50;

export class FirstWord {
  readonly #own: NodeSpace;
  readonly #clock: Clock;
  #asked: string | undefined;

  constructor(own: NodeSpace, clock: Clock) {
    this.#own = own;
    this.#clock = clock;
  }

  /** A node that has written nothing yet has nothing to hear of. */
  async wait(signal: AbortSignal): Promise<void> {
    const [own, clock] = [this.#own, this.#clock];
    const under = agreementDigest(own.agreement());
    if (this.#asked === under) return;
    const until = clock.monotonic() + longestMs;
    const wrote = (await own.state.position(own.origin)) !== undefined;
    while (wrote && !own.wasHeard() && clock.monotonic() < until) await clock.sleep(stepMs, signal);
    this.#asked = under;
  }
}

/** A link under way between a near end and a peer, with everything that it told. */
import type { AgentEvent } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import { runLink } from '#agent/exchange/link.ts';
import type { Peer } from '#agent/exchange/peer.ts';
import { Pokes } from '#agent/exchange/pokes.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { systemRandom } from '#agent/sys/random.ts';
import type { MemoryLocal } from './memory-local.ts';

export class LinkFixture implements AsyncDisposable {
  readonly events: AgentEvent[] = [];
  readonly pokes = new Pokes();
  spaces: SpaceId[];
  readonly #stop = new AbortController();
  readonly ended: Promise<void>;

  constructor(peer: Peer, local: MemoryLocal, spaces: readonly SpaceId[]) {
    this.spaces = [...spaces];
    const options = {
      peer,
      url: 'https://peer.example',
      spaces: () => this.spaces,
      local,
      clock: systemClock,
      random: systemRandom,
      emit: (event: AgentEvent) => this.events.push(event),
      pokes: this.pokes,
      times: { leastMs: 20, mostMs: 100, lookMs: 60_000, steadyMs: 0 },
    };
    this.ended = runLink(options, this.#stop.signal);
  }

  count(type: AgentEvent['type'], code?: string): number {
    return this.events.filter((e) => e.type === type && (!code || ('code' in e && e.code === code))).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('test over'));
    await this.ended;
  }
}

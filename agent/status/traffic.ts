/** Bytes to and from each peer since the start, and why the exchange with it last failed. One entry per member. */
import type { AgentEvent } from '#agent/core/event.ts';

export interface PeerTraffic {
  readonly in: number;
  readonly out: number;
  readonly lastFault?: string;
}

const none: PeerTraffic = { in: 0, out: 0 };

export class Traffic {
  readonly #peers = new Map<string, PeerTraffic>();

  note(event: AgentEvent): void {
    if (event.type === 'wire') {
      const before = this.of(event.peer);
      this.#peers.set(event.peer, { ...before, [event.direction]: before[event.direction] + event.bytes });
    } else if (event.type === 'peer.down') {
      this.#peers.set(event.peer, { ...this.of(event.peer), lastFault: event.code });
    } else if (event.type === 'error' && typeof event.details.peer === 'string') {
      this.#peers.set(event.details.peer, { ...this.of(event.details.peer), lastFault: event.code });
    } else if (event.type === 'peer.up') {
      const { lastFault: _, ...rest } = this.of(event.peer);
      this.#peers.set(event.peer, rest);
    }
  }

  of(node: string): PeerTraffic {
    return this.#peers.get(node) ?? none;
  }
}

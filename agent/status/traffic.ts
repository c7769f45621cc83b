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
  /** Of the exchange about one space; those of a link concern all. */
  readonly #spaces = new Map<string, string>();

  note(event: AgentEvent): void {
    if (event.type === 'wire') {
      const before = this.of(event.peer);
      this.#peers.set(event.peer, { ...before, [event.direction]: before[event.direction] + event.bytes });
    } else if (event.type === 'peer.down') {
      this.#peers.set(event.peer, { ...this.of(event.peer), lastFault: event.code });
    } else if (event.type === 'error' && typeof event.details.peer === 'string') {
      this.#noteError(event.code, event.details.peer, event.details.space);
    } else if (event.type === 'exchange.well') {
      this.#spaces.delete(`${event.peer} ${event.space}`);
    } else if (event.type === 'peer.up') {
      const { lastFault: _, ...rest } = this.of(event.peer);
      this.#peers.set(event.peer, rest);
    }
  }

  #noteError(code: string, peer: string, space: unknown): void {
    if (typeof space === 'string') this.#spaces.set(`${peer} ${space}`, code);
    else this.#peers.set(peer, { ...this.of(peer), lastFault: code });
  }

  /** With `space`, what failed there counts before what failed of the link. */
  of(node: string, space?: string): PeerTraffic {
    const known = this.#peers.get(node) ?? none;
    const lastFault = space === undefined ? undefined : this.#spaces.get(`${node} ${space}`);
    return lastFault === undefined ? known : { ...known, lastFault };
  }
}

/** When something last moved, per space and per peer: what tells a slow transfer from a stalled one. */
import type { AgentEvent } from '#agent/core/event.ts';
import { meanChunk } from '#agent/core/sealed-chunk.ts';
import type { SpaceFacts } from './facts.ts';
import { stallMs } from './space-state.ts';

interface Window {
  start: number;
  bytes: number;
}

/** Times are monotonic milliseconds. Its maps hold one entry per space and per member, never per item. */
export class Progress {
  readonly #start: number;
  readonly #spaces = new Map<string, number>();
  readonly #peers = new Map<string, number>();
  readonly #windows = new Map<string, Window>();

  constructor(now: number) {
    this.#start = now;
  }

  note(event: AgentEvent, now: number): void {
    switch (event.type) {
      case 'published':
      case 'received':
      case 'applied':
      case 'released':
      case 'halt.ended':
        this.#spaces.set(event.space, now);
        break;
      case 'peer.up':
        this.#peers.set(event.peer, now);
        break;
      case 'wire':
        this.#noteWire(event.peer, event.bytes, now);
        break;
    }
  }

  /** Polling costs some bytes for ever; only a chunk's worth within the time of a stall is progress. */
  #noteWire(peer: string, bytes: number, now: number): void {
    const known = this.#windows.get(peer);
    const window = known && now - known.start < stallMs ? known : { start: now, bytes: 0 };
    window.bytes += bytes;
    if (window.bytes >= meanChunk) {
      this.#peers.set(peer, now);
      window.start = now;
      window.bytes = 0;
    }
    this.#windows.set(peer, window);
  }

  /** How long nothing has moved in a space, milliseconds. */
  quietMs({ space, peers }: Pick<SpaceFacts, 'space' | 'peers'>, now: number): number {
    const times = peers.map(({ node }) => this.#peers.get(node) ?? this.#start);
    return now - Math.max(this.#spaces.get(space) ?? this.#start, ...times);
  }
}

/** How much is served at once. What is beyond is told to come back, so that a crowd does not sink the node. */
import type { NodeId } from '#agent/core/ids.ts';
import { maxEventStreams, maxEventStreamsPerPeer, maxStreams, maxStreamsPerPeer } from './limits.ts';

export interface AdmissionLimits {
  readonly streams: number;
  readonly streamsPerPeer: number;
  readonly eventStreams: number;
  readonly eventStreamsPerPeer: number;
}

export const admissionLimits: AdmissionLimits = {
  streams: maxStreams,
  streamsPerPeer: maxStreamsPerPeer,
  eventStreams: maxEventStreams,
  eventStreamsPerPeer: maxEventStreamsPerPeer,
};

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #busy = new Map<NodeId, number>();
  readonly #held = new Map<NodeId, Set<AbortController>>();
  #streams = 0;
  #eventStreams = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Lets a request in and returns how it leaves, or undefined when the house is full. */
  enter(node: NodeId): (() => void) | undefined {
    const own = this.#busy.get(node) ?? 0;
    if (this.#streams >= this.#limits.streams || own >= this.#limits.streamsPerPeer) return undefined;
    this.#streams += 1;
    this.#busy.set(node, own + 1);
    return () => {
      this.#streams -= 1;
      const left = (this.#busy.get(node) ?? 1) - 1;
      if (left > 0) this.#busy.set(node, left);
      else this.#busy.delete(node);
    };
  }

  /**
   * As `enter`, for a held-open stream that `stop` ends. One node's oldest stream makes room for its newest: after a
   * broken link the old one may look alive for a quarter of an hour.
   */
  hold(node: NodeId, stop: AbortController): (() => void) | undefined {
    const held = this.#held.get(node) ?? new Set();
    const oldest = held.size >= this.#limits.eventStreamsPerPeer ? [...held][0] : undefined;
    if (!oldest && this.#eventStreams >= this.#limits.eventStreams) return undefined;
    oldest?.abort(new Error('replaced by a newer stream'));
    held.add(stop);
    this.#held.set(node, held);
    this.#eventStreams += 1;
    return () => {
      this.#eventStreams -= 1;
      held.delete(stop);
      if (held.size === 0) this.#held.delete(node);
    };
  }
}

/** What this node knows of the others right now: who is linked, and what each says it holds. Nothing here is durable. */
import type { NodeId, Origin, SpaceId } from '#agent/core/ids.ts';
import { originKey } from '#agent/core/ids.ts';
import type { Head } from '#agent/core/segment.ts';
import type { Clock } from '#agent/sys/clock.ts';

interface Known {
  up: boolean;
  inbound: number;
  lastSeen: number | undefined;
  /** Per space: feed → last sequence that the peer holds. */
  readonly holds: Map<SpaceId, Map<string, number>>;
}

export class PeerBook {
  readonly #clock: Clock;
  readonly #peers = new Map<NodeId, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  #of(node: NodeId): Known {
    const known = this.#peers.get(node) ?? { up: false, inbound: 0, lastSeen: undefined, holds: new Map() };
    this.#peers.set(node, known);
    return known;
  }

  linkUp(node: NodeId, up: boolean): void {
    const known = this.#of(node);
    known.up = up;
    if (up) known.lastSeen = this.#clock.now();
  }

  /** Whether our own link to it stands. */
  dials(node: NodeId): boolean {
    return this.#peers.get(node)?.up ?? false;
  }

  inbound(node: NodeId, change: 1 | -1): void {
    const known = this.#of(node);
    known.inbound += change;
    known.lastSeen = this.#clock.now();
  }

  connected(node: NodeId): boolean {
    const known = this.#peers.get(node);
    return known !== undefined && (known.up || known.inbound > 0);
  }

  lastSeen(node: NodeId): number | undefined {
    return this.#peers.get(node)?.lastSeen;
  }

  noteHeads(node: NodeId, space: SpaceId, heads: readonly Head[]): void {
    const known = this.#of(node);
    known.lastSeen = this.#clock.now();
    known.holds.set(space, new Map(heads.map((h) => [originKey(h.origin), h.seq])));
  }

  noteHolds(node: NodeId, space: SpaceId, origin: Origin, seq: number): void {
    const known = this.#of(node);
    const holds = known.holds.get(space) ?? new Map<string, number>();
    known.holds.set(space, holds);
    holds.set(originKey(origin), Math.max(seq, holds.get(originKey(origin)) ?? 0));
  }

  /** How far the peer holds a feed, as last heard. */
  holds(node: NodeId, space: SpaceId, origin: Origin): number {
    return this.#peers.get(node)?.holds.get(space)?.get(originKey(origin)) ?? 0;
  }

  /** The furthest that anybody has told us of each feed of `author`, added up over its lives. */
  heardOf(author: NodeId, space: SpaceId): number {
    const furthest = new Map<string, number>();
    for (const { holds } of this.#peers.values())
      for (const [feed, seq] of holds.get(space) ?? [])
        if (feed.startsWith(`${author}.`)) furthest.set(feed, Math.max(seq, furthest.get(feed) ?? 0));
    return [...furthest.values()].reduce((sum, seq) => sum + seq, 0);
  }
}

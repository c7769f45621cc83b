/** What this node knows of the others right now: who is linked, and what each says it holds. Nothing here is durable. */
import type { NodeId, Origin, SpaceId } from '#agent/core/ids.ts';
import { originKey } from '#agent/core/ids.ts';
import type { Head } from '#agent/core/segment.ts';
import type { Clock } from '#agent/sys/clock.ts';

interface Known {
  up: boolean;
  inbound: number;
  lastSeen: number | undefined;
  /** Spaces whose heads were told, in either direction, since it is connected. */
  readonly compared: Set<SpaceId>;
  /** Monotonic ms at which it last offered chunks of a space whose segments have not come yet. */
  readonly offered: Map<SpaceId, number>;
  /** Per space: feed → last sequence that the peer holds. */
  readonly holds: Map<SpaceId, Map<string, number>>;
}

/** Chunks come before the segments that need them: an offer without more of it for so long was for something else. */
const offerMs = 10_000;

export class PeerBook {
  readonly #clock: Clock;
  readonly #peers = new Map<NodeId, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  #of(node: NodeId): Known {
    let known = this.#peers.get(node);
    if (!known) {
      const link = { up: false, inbound: 0, lastSeen: undefined };
      known = { ...link, compared: new Set(), offered: new Map(), holds: new Map() };
      this.#peers.set(node, known);
    }
    return known;
  }

  linkUp(node: NodeId, up: boolean): void {
    const known = this.#of(node);
    known.up = up;
    if (up) known.lastSeen = this.#clock.now();
    this.#forget(known);
  }

  /** Whether our own link to it stands. */
  dials(node: NodeId): boolean {
    return this.#peers.get(node)?.up ?? false;
  }

  inbound(node: NodeId, change: 1 | -1): void {
    const known = this.#of(node);
    known.inbound += change;
    known.lastSeen = this.#clock.now();
    this.#forget(known);
  }

  /** After a break nobody knows what the other has done meanwhile. */
  #forget({ up, inbound, compared, offered }: Known): void {
    if (up || inbound > 0) return;
    compared.clear();
    offered.clear();
  }

  connected(node: NodeId): boolean {
    const known = this.#peers.get(node);
    return known !== undefined && (known.up || known.inbound > 0);
  }

  lastSeen(node: NodeId): number | undefined {
    return this.#peers.get(node)?.lastSeen;
  }

  noteHeads(node: NodeId, space: SpaceId, heads: readonly Head[]): void {
    this.noteAsked(node, space);
    this.#of(node).holds.set(space, new Map(heads.map((h) => [originKey(h.origin), h.seq])));
  }

  /** The peer asked for our heads: it brings or fetches what differs. */
  noteAsked(node: NodeId, space: SpaceId): void {
    const known = this.#of(node);
    known.lastSeen = this.#clock.now();
    known.compared.add(space);
  }

  /** Whether this node and a connected peer have told each other what they hold. */
  compared(node: NodeId, space: SpaceId): boolean {
    return this.#peers.get(node)?.compared.has(space) ?? false;
  }

  noteOffer(node: NodeId, space: SpaceId): void {
    this.#of(node).offered.set(space, this.#clock.monotonic());
  }

  /** Whether the peer is bringing chunks of records that it has not told of yet. */
  offers(node: NodeId, space: SpaceId): boolean {
    const at = this.#peers.get(node)?.offered.get(space);
    return at !== undefined && this.#clock.monotonic() - at < offerMs;
  }

  noteHolds(node: NodeId, space: SpaceId, origin: Origin, seq: number): void {
    const known = this.#of(node);
    const holds = known.holds.get(space) ?? new Map<string, number>();
    known.holds.set(space, holds);
    holds.set(originKey(origin), Math.max(seq, holds.get(originKey(origin)) ?? 0));
  }

  /** The peer brought segments: what it had offered is told of now. */
  noteBrought(node: NodeId, space: SpaceId, origin: Origin, seq: number): void {
    this.noteHolds(node, space, origin, seq);
    this.#of(node).offered.delete(space);
  }

  /** How far the peer holds a feed, as last heard. */
  holds(node: NodeId, space: SpaceId, origin: Origin): number {
    return this.#peers.get(node)?.holds.get(space)?.get(originKey(origin)) ?? 0;
  }

  /** The furthest that anybody has told us of each feed of a space, by `originKey`. */
  heardOf(space: SpaceId): ReadonlyMap<string, number> {
    const furthest = new Map<string, number>();
    for (const { holds } of this.#peers.values())
      for (const [feed, seq] of holds.get(space) ?? [])
        furthest.set(feed, Math.max(seq, furthest.get(feed) ?? 0));
    return furthest;
  }
}

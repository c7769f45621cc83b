/** From one snapshot to the next: how far, how fast, how long still. Pure; the caller gives the time. */
import { leftFor, type PeerSnapshot, type Snapshot, type SpaceSnapshot } from '#agent/status/snapshot.ts';

/** One line of progress: a space's own work, or what one peer still has to get. */
export interface ProgressRow {
  readonly key: string;
  readonly space: SpaceSnapshot;
  /** Absent for the space's own line. */
  readonly peer?: PeerSnapshot;
  readonly done: number;
  readonly total: number;
  readonly unit: 'items' | 'changes';
  /** Units per second, smoothed. */
  readonly rate: number;
  /** Wire bytes per second with the peer, smoothed; 0 on a space's own line. */
  readonly wireRate: number;
  /** Seconds; undefined when nothing is left or nothing moves. */
  readonly eta?: number;
}

/** Work that is left falls to 0; work that arrives meanwhile makes the whole larger, never the done part smaller. */
interface Gauge {
  left: number;
  total: number;
  rate: number;
  wire: number;
  wireRate: number;
  at: number;
}

const smoothingSeconds = 5;

export class ProgressTracker {
  readonly #gauges = new Map<string, Gauge>();

  /** `now`: monotonic milliseconds. */
  observe(snapshot: Snapshot, now: number): ProgressRow[] {
    return snapshot.spaces.flatMap((space) => [
      this.#spaceRow(space, now),
      ...space.peers.map((peer) => this.#peerRow(space, peer, now)),
    ]);
  }

  #spaceRow(space: SpaceSnapshot, now: number): ProgressRow {
    const key = space.space;
    return { ...this.#row(key, space.pending, 0, now), key, space, unit: 'items' };
  }

  #peerRow(space: SpaceSnapshot, peer: PeerSnapshot, now: number): ProgressRow {
    const left = leftFor(peer);
    const key = `${space.space} ${peer.node}`;
    return { ...this.#row(key, left, peer.bytesIn + peer.bytesOut, now), key, space, peer, unit: 'changes' };
  }

  #row(key: string, left: number, wire: number, now: number) {
    const before = this.#gauges.get(key);
    const gauge = before
      ? advance(before, left, wire, now)
      : { left, total: left, rate: 0, wire, wireRate: 0, at: now };
    this.#gauges.set(key, gauge);
    const { total, rate, wireRate } = gauge;
    const eta = left > 0 && rate > 0 ? { eta: left / rate } : {};
    return { done: total - left, total, rate, wireRate, ...eta };
  }
}

function advance(before: Gauge, left: number, wire: number, now: number): Gauge {
  const seconds = (now - before.at) / 1000;
  if (seconds <= 0) return { ...before, left, total: Math.max(before.total, left) };
  const fresh = before.left === 0;
  const total = fresh ? left || before.total : before.total + Math.max(0, left - before.left);
  const weight = 1 - Math.exp(-seconds / smoothingSeconds);
  const smooth = (rate: number, moved: number) => rate + weight * (Math.max(0, moved) / seconds - rate);
  return {
    left,
    total,
    rate: smooth(before.rate, before.left - left),
    wire,
    wireRate: smooth(before.wireRate, wire - before.wire),
    at: now,
  };
}

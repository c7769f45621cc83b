/** Gauges of spaces and peers, set anew from each snapshot so that what is gone disappears. */
import { Gauge, type Registry } from 'prom-client';
import { leftFor, type Snapshot, type SpaceSnapshot } from './snapshot.ts';
import { spaceStates } from './space-state.ts';

export class SpaceMetrics {
  readonly #registry: Registry;
  readonly #all: Gauge[] = [];
  readonly #space: Readonly<Record<'items' | 'bytes' | 'pending' | 'behind' | 'problems' | 'halted', Gauge>>;
  readonly #state: Gauge;
  readonly #lastScan: Gauge;
  readonly #lastChange: Gauge;
  readonly #stale: Gauge;
  readonly #lastSynced: Gauge;
  readonly #validUntil: Gauge;
  readonly #connected: Gauge;
  readonly #unconfirmed: Gauge;
  readonly #lastSeen: Gauge;

  constructor(registry: Registry) {
    this.#registry = registry;
    const space = (name: string, help: string) => this.#gauge(`space_${name}`, help, ['space']);
    const peer = (name: string, help: string) =>
      this.#gauge(`peer_${name}`, help, ['space', 'peer', 'agency']);
    this.#space = {
      items: space('items', 'Items in the index'),
      bytes: space('bytes', 'Bytes of the items'),
      pending: space('pending_items', 'Items whose newest version is not yet on this disk'),
      behind: space('behind_records', 'Records of others, heard of and not held'),
      problems: space('problems', 'Items that could not be handled'),
      halted: space('halted', '1 when stopped for safety'),
    };
    this.#state = this.#gauge('space_state', '1 for the state that the space is in', ['space', 'state']);
    this.#lastScan = space('last_scan_timestamp_seconds', 'End of the last look through the whole folder');
    this.#lastChange = space('last_change_timestamp_seconds', 'Last change published or applied');
    this.#stale = space('stale_expired', '1 when the copy of an author is older than the agreement allows');
    this.#lastSynced = space(
      'last_synced_timestamp_seconds',
      'When the last author signed what is held here',
    );
    this.#validUntil = space('valid_until_timestamp_seconds', 'When the first copy is over its term');
    this.#connected = peer('connected', '1 when connected');
    this.#unconfirmed = peer('unconfirmed_changes', 'Own changes that the peer has not confirmed');
    this.#lastSeen = peer('last_seen_timestamp_seconds', 'When the peer was last heard');
  }

  #gauge(name: string, help: string, labelNames: string[]): Gauge {
    const gauge = new Gauge({ name: `dongbo_${name}`, help, labelNames, registers: [this.#registry] });
    this.#all.push(gauge);
    return gauge;
  }

  set(snapshot: Snapshot): void {
    for (const gauge of this.#all) gauge.reset();
    for (const space of snapshot.spaces) {
      this.#setSpace(space);
      this.#setPeers(space);
    }
  }

  #setSpace(facts: SpaceSnapshot): void {
    const { space, state } = facts;
    for (const name of ['items', 'bytes', 'pending', 'behind', 'problems'] as const)
      this.#space[name].set({ space }, facts[name]);
    this.#space.halted.set({ space }, facts.halt ? 1 : 0);
    for (const name of spaceStates) this.#state.set({ space, state: name }, name === state ? 1 : 0);
    if (facts.lastScan) this.#lastScan.set({ space }, seconds(facts.lastScan));
    this.#stale.set({ space }, facts.flags.length > 0 ? 1 : 0);
    if (facts.lastSyncedAt) this.#lastSynced.set({ space }, seconds(facts.lastSyncedAt));
    if (facts.validUntil) this.#validUntil.set({ space }, seconds(facts.validUntil));
    if (facts.lastChange) this.#lastChange.set({ space }, seconds(facts.lastChange));
  }

  #setPeers({ space, peers }: SpaceSnapshot): void {
    for (const peer of peers) {
      const labels = { space, peer: peer.node, agency: peer.agency };
      this.#connected.set(labels, peer.connected ? 1 : 0);
      this.#unconfirmed.set(labels, leftFor(peer));
      if (peer.lastSeen) this.#lastSeen.set(labels, seconds(peer.lastSeen));
    }
  }
}

const seconds = (iso: string): number => Date.parse(iso) / 1000;

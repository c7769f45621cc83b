/** Every few seconds, for every space: this node's own word is renewed, and that of the others looked at (R13). */
import { type Agreement, memberOf } from '#agent/core/agreement.ts';
import { takesPart } from '#agent/core/agreement-policy.ts';
import type { Details } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import { renewMsOf } from '#agent/core/freshness.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import { isRefusal } from '#agent/seal/agreement-book.ts';
import type { Identity } from '#agent/seal/identity.ts';
import type { FreshnessFacts } from '#agent/status/facts.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { ReplicaFreshness } from './freshness.ts';
import type { NodeSpace } from './node-space.ts';
import { renewOwnHead } from './renew-heads.ts';

export interface FreshnessWatchParts {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly record: (type: 'replica.stale' | 'replica.fresh', fields: Details) => Promise<void>;
}

const lookMs = 15_000;

export class FreshnessWatch {
  readonly #parts: FreshnessWatchParts;
  readonly #spaces = new Map<SpaceId, ReplicaFreshness>();
  /** Since when a space without a word of ours is open, by the clock that never goes back. */
  readonly #silent = new Map<SpaceId, number>();
  #looked: number | undefined;

  constructor(parts: FreshnessWatchParts) {
    this.#parts = parts;
  }

  facts(space: SpaceId): FreshnessFacts | undefined {
    return this.#spaces.get(space)?.facts();
  }

  /** Call often. */
  async tick(spaces: readonly NodeSpace[]): Promise<void> {
    const now = this.#parts.clock.monotonic();
    if (this.#looked !== undefined && now - this.#looked < lookMs) return;
    this.#looked = now;
    for (const own of spaces) {
      await this.#renew(own);
      await this.#of(own).look();
    }
  }

  #of(own: NodeSpace): ReplicaFreshness {
    const { identity, ...parts } = this.#parts;
    const known = this.#spaces.get(own.space) ?? new ReplicaFreshness({ ...parts, own, me: identity.node });
    this.#spaces.set(own.space, known);
    return known;
  }

  /** A node that cannot see its folder, or may not share, does not say that its feed is the newest. */
  async #renew(own: NodeSpace): Promise<void> {
    const { identity, clock } = this.#parts;
    const agreement = own.standing();
    if (isRefusal(agreement) || !this.#writes(agreement) || !own.isCurrent()) return;
    const parts = { state: own.state, origin: own.origin, agreement, identity, now: clock.now() };
    if ((await renewOwnHead(parts)) === 'none') this.#askForWord(own, agreement);
  }

  #writes(agreement: Agreement): boolean {
    const { identity, clock } = this.#parts;
    const me = memberOf(agreement, identity.node);
    return me?.roles.includes('publish') === true && takesPart(me, clock.now());
  }

  /** Who has nothing to share yet has no head to sign: after a while it writes a grant, or others would wait for ever. */
  #askForWord(own: NodeSpace, agreement: Agreement): void {
    const now = this.#parts.clock.monotonic();
    const since = this.#silent.get(own.space) ?? now;
    this.#silent.set(own.space, since);
    if (now - since < renewMsOf(agreement) || own.wordDue) return;
    own.wordDue = true;
    own.readersMoved();
  }
}

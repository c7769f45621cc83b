/** What the exchange needs to know of the agreements in force: whose certificates, whose requests. */
import { type Agreement, agreementDigest } from '#agent/core/agreement.ts';
import { takesPart } from '#agent/core/agreement-policy.ts';
import type { Digest, NodeId, SpaceId } from '#agent/core/ids.ts';
import { type AgreementBook, isRefusal } from './agreement-book.ts';

export interface SpaceTrust {
  readonly digest: Digest;
  readonly members: ReadonlySet<NodeId>;
}

interface Until {
  readonly trust: SpaceTrust;
  /** When the next approval of a member is over. */
  readonly until: number;
  readonly from: number;
}

export class AgreementTrust {
  readonly #book: AgreementBook;
  readonly #spaces = new WeakMap<Agreement, Until>();

  constructor(book: AgreementBook) {
    this.#book = book;
  }

  /** The certificates of every member that takes part in an agreement in force, each pair once. */
  certificates(): { node: NodeId; pem: string }[] {
    const pairs = new Map<string, { node: NodeId; pem: string }>();
    for (const { space } of this.#book.all()) {
      const agreement = this.#book.inForce(space);
      if (isRefusal(agreement)) continue;
      const members = this.inForce(space)?.members;
      for (const { card } of agreement.members) {
        if (members?.has(card.node))
          pairs.set(card.tlsCertificate, { node: card.node, pem: card.tlsCertificate });
      }
    }
    return [...pairs.values()];
  }

  /** A member whose system's approval is over is none (R09). Remembered until the next approval ends. */
  inForce(space: SpaceId): SpaceTrust | undefined {
    const agreement = this.#book.inForce(space);
    if (isRefusal(agreement)) return undefined;
    const now = this.#book.now();
    const known = this.#spaces.get(agreement);
    if (known && now >= known.from && now < known.until) return known.trust;
    const members = new Set(agreement.members.filter((m) => takesPart(m, now)).map(({ card }) => card.node));
    const trust = { digest: agreementDigest(agreement), members };
    this.#spaces.set(agreement, { trust, from: now, until: nextEnd(agreement, now) });
    return trust;
  }
}

const nextEnd = ({ members }: Agreement, now: number): number =>
  members.reduce((least, { system }) => {
    const end = system ? Date.parse(system.validUntil) : Number.POSITIVE_INFINITY;
    return end > now && end < least ? end : least;
  }, Number.POSITIVE_INFINITY);

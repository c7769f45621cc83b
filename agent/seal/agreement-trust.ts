/** What the exchange needs to know of the agreements in force: whose certificates, whose requests. */
import { type Agreement, agreementDigest } from '#agent/core/agreement.ts';
import type { Digest, NodeId, SpaceId } from '#agent/core/ids.ts';
import { type AgreementBook, isRefusal } from './agreement-book.ts';

export interface SpaceTrust {
  readonly digest: Digest;
  readonly members: ReadonlySet<NodeId>;
}

export class AgreementTrust {
  readonly #book: AgreementBook;
  readonly #spaces = new WeakMap<Agreement, SpaceTrust>();

  constructor(book: AgreementBook) {
    this.#book = book;
  }

  /** The certificates of every member of every agreement in force, each pair once. */
  certificates(): { node: NodeId; pem: string }[] {
    const pairs = new Map<string, { node: NodeId; pem: string }>();
    for (const { space } of this.#book.all()) {
      const agreement = this.#book.inForce(space);
      if (isRefusal(agreement)) continue;
      for (const { card } of agreement.members) {
        pairs.set(card.tlsCertificate, { node: card.node, pem: card.tlsCertificate });
      }
    }
    return [...pairs.values()];
  }

  inForce(space: SpaceId): SpaceTrust | undefined {
    const agreement = this.#book.inForce(space);
    if (isRefusal(agreement)) return undefined;
    const known = this.#spaces.get(agreement);
    if (known) return known;
    const members = new Set(agreement.members.map(({ card }) => card.node));
    const trust = { digest: agreementDigest(agreement), members };
    this.#spaces.set(agreement, trust);
    return trust;
  }
}

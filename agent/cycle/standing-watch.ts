/** Tells once when a space's agreement stops or begins to be in force, and when a member's approval is over. */
import { type Agreement, agreementDigest } from '#agent/core/agreement.ts';
import { takesPart } from '#agent/core/agreement-policy.ts';
import type { Emit } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import { type AgreementBook, isRefusal } from '#agent/seal/agreement-book.ts';

export interface WatchParts {
  readonly book: AgreementBook;
  readonly emit: Emit;
  /** Called when other members read what this node publishes than before. */
  readonly changed: (space: SpaceId) => void;
}

export class StandingWatch {
  readonly #parts: WatchParts;
  /** One entry for each space of this node. */
  readonly #told = new Map<SpaceId, string>();

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  look(spaces: Iterable<SpaceId>): void {
    for (const space of spaces) {
      const standing = this.#parts.book.inForce(space);
      const now = isRefusal(standing) ? standing.code : this.#readersKey(standing);
      const before = this.#told.get(space);
      if (before === now) continue;
      this.#told.set(space, now);
      if (isRefusal(standing))
        this.#parts.emit({ type: 'error', code: standing.code, details: standing.details });
      else this.#tellInForce(standing, before);
    }
  }

  #tellInForce(agreement: Agreement, before: string | undefined): void {
    const { name, space, revision } = agreement;
    for (const { card, system } of this.#lapsed(agreement)) {
      const { decision, validUntil } = system ?? { decision: '', validUntil: '' };
      const details = { name, space, agency: card.agency, decision, validUntil };
      this.#parts.emit({ type: 'error', code: 'READER_SYSTEM_EXPIRED', details });
    }
    if (before === undefined) return;
    if (!before.startsWith(agreementDigest(agreement)))
      this.#parts.emit({ type: 'note', code: 'AGREEMENT_IN_FORCE', details: { name, space, revision } });
    this.#parts.changed(space);
  }

  #readersKey(agreement: Agreement): string {
    const lapsed = this.#lapsed(agreement).map(({ card }) => card.node);
    return [agreementDigest(agreement), ...lapsed].join(' ');
  }

  #lapsed({ members }: Agreement): readonly Agreement['members'][number][] {
    const now = this.#parts.book.now();
    return members.filter((m) => !takesPart(m, now));
  }
}

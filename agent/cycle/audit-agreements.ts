/** Puts on record when an agreement came into force here, changed, or ended; what is known is kept over restarts. */
import { type Agreement, agreementDigest, memberOf } from '#agent/core/agreement.ts';
import { readersOf } from '#agent/core/agreement-policy.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import { labelClass } from '#agent/core/label.ts';
import { type AgreementBook, isRefusal } from '#agent/seal/agreement-book.ts';
import type { ItemKeys } from '#agent/seal/item-keys.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { AuditTrail } from './audit-trail.ts';

export interface AgreementParts {
  readonly trail: AuditTrail;
  readonly book: AgreementBook;
  readonly known: {
    getMeta(name: string): Promise<string | undefined>;
    putMeta(name: string, value: string): Promise<void>;
  };
}

export class AuditAgreements {
  readonly #parts: AgreementParts;
  readonly #known = new Map<SpaceId, string>();

  constructor(parts: AgreementParts) {
    this.#parts = parts;
  }

  /** Call after the agreements were read. What cannot be written now is written at the next call. */
  async note(spaces: readonly SpaceId[]): Promise<void> {
    for (const space of spaces) await this.#noteOne(space);
  }

  async #noteOne(space: SpaceId): Promise<void> {
    const { trail, book, known } = this.#parts;
    const found = book.inForce(space);
    const standing = isRefusal(found) ? found.code : agreementDigest(found);
    const key = `audit/agreement/${space}`;
    const before = this.#known.get(space) ?? (await known.getMeta(key));
    this.#known.set(space, before ?? '');
    if (before === standing || trail.halt()) return;
    if (!isRefusal(found)) {
      const { owner, notBefore, notAfter } = found;
      const ownerAgency = memberOf(found, owner)?.card.agency ?? 'unknown';
      const fields = { space, agreement: standing, label: labelClass(found.label), owner, ownerAgency };
      await trail.decided('agreement.accepted', { ...fields, notBefore, notAfter });
    } else if (before !== undefined && before !== '') {
      await trail.decided('agreement.ended', { space, code: found.code, before });
    }
    await known.putMeta(key, standing);
    this.#known.set(space, standing);
  }
}

/** An epoch of this node's is opened to its readers: on the record before the grant is made. */
export const grantsOnRecord =
  (trail: AuditTrail, clock: Pick<Clock, 'now'>) =>
  (agreement: Agreement, { space, origin, epoch, labelClass: label }: ItemKeys): Promise<void> => {
    const readers = readersOf(agreement, origin.node, label, clock.now()).map(({ card }) => card.agency);
    const fields = { space, epoch, label, agreement: agreementDigest(agreement) };
    return trail.decided('epoch.granted', {
      ...fields,
      readers: readers.length,
      agencies: readers.join(' '),
    });
  };

/**
 * Whether this node may handle state secrets of a level now: by its agreement, by its own product, by the device. Until
 * then such items are not listed, opened, sealed or written; what was shared of them before stays as it is.
 */
import { type Agreement, memberOf } from '#agent/core/agreement.ts';
import { isSameProduct, ownParty } from '#agent/core/cipher-product.ts';
import { parseLabelClass } from '#agent/core/clearance.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { NodeId, SpaceId } from '#agent/core/ids.ts';
import { type Label, labelClass, labelWithin } from '#agent/core/label.ts';
import { mayRead } from '#agent/core/policy.ts';
import { isRefusal, type Refusal } from '#agent/seal/agreement-book.ts';
import type { CipherFault, CipherSlot } from '#agent/seal/cipher-slot.ts';
import type { EpochCipher } from '#agent/seal/keyring-parts.ts';
import type { CipherKeyName } from '#agent/seal/state-cipher.ts';
import type { Clock } from '#agent/sys/clock.ts';

export interface SecretGateParts {
  readonly me: NodeId;
  readonly standing: (space: SpaceId) => Agreement | Refusal;
  readonly clock: Pick<Clock, 'now'>;
  /** Absent where no product is configured. */
  readonly slot?: CipherSlot;
}

export class SecretGate implements EpochCipher {
  readonly #parts: SecretGateParts;

  constructor(parts: SecretGateParts) {
    this.#parts = parts;
  }

  /** Told when the device came or went. */
  onChange(listener: () => void): void {
    this.#parts.slot?.onChange(listener);
  }

  /** Whether the agreement in force lets the space carry any. */
  carries(space: SpaceId): boolean {
    const agreement = this.#parts.standing(space);
    return !isRefusal(agreement) && agreement.label.secrecy !== 'NONE';
  }

  /** Why items of this label, which has a level of secrecy, may not be handled now; undefined when they may. */
  refusal(space: SpaceId, label: Label): CipherFault | undefined {
    const { me, clock, slot } = this.#parts;
    const agreement = this.#parts.standing(space);
    if (isRefusal(agreement)) return agreement;
    const about = { label: labelClass(label) };
    if (label.secrecy === 'TUYET_MAT') return { code: 'SECRET_NEVER_ON_NETWORK', details: about };
    if (!labelWithin(label, agreement.label)) return { code: 'LABEL_ABOVE_AGREEMENT', details: about };
    const member = memberOf(agreement, me);
    const product = slot?.product;
    if (product && member?.stateCipher && !isSameProduct(product, member.stateCipher))
      return { code: 'CIPHER_NOT_AS_AGREED', details: { name: product.name, approval: product.approval } };
    const reason = mayRead({ label, publisher: ownParty(member, product), now: clock.now() });
    return reason ? { code: reason, details: about } : slot?.fault;
  }

  keyFor(space: SpaceId, sealedAs: string): CipherKeyName {
    const fault = this.ofClass(space, sealedAs);
    const { slot } = this.#parts;
    if (fault || !slot) {
      const { code, details } = fault ?? { code: 'SECRET_NO_APPROVED_CIPHER', details: { label: sealedAs } };
      throw new DongboError(code, details, { retry: 'later' });
    }
    return slot.key;
  }

  opens(space: SpaceId, sealedAs: string, key: CipherKeyName): boolean {
    return this.ofClass(space, sealedAs) === undefined && this.#parts.slot?.holds(key) === true;
  }

  readonly use: EpochCipher['use'] = (key, work) => {
    const { slot } = this.#parts;
    if (!slot) throw new DongboError('SECRET_NO_APPROVED_CIPHER', { label: '' });
    return slot.use(key, work);
  };

  /** As `refusal`; undefined for a class that is none of state secrets. */
  ofClass(space: SpaceId, sealedAs: string): CipherFault | undefined {
    const label = parseLabelClass(sealedAs);
    return label && label.secrecy !== 'NONE' ? this.refusal(space, label) : undefined;
  }
}

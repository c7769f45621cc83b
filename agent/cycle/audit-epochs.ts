/** Key decisions on the record: an epoch opened, and why; an epoch destroyed. */
import { agreementDigest } from '#agent/core/agreement.ts';
import type { OpeningEpoch } from '#agent/seal/keyring-parts.ts';
import type { AuditTrail } from './audit-trail.ts';

/** Written before the epoch is opened; while it cannot be, none is. */
export const openingsOnRecord =
  (trail: Pick<AuditTrail, 'decided'>) =>
  ({ agreement, labelClass, epoch, before, readers, why, cause }: OpeningEpoch): Promise<void> => {
    const { space } = agreement;
    const fields = { space, label: labelClass, epoch, before, why, agreement: agreementDigest(agreement) };
    const agencies = readers.map(({ card }) => card.agency).join(' ');
    const by = cause?.by === undefined ? {} : { by: cause.by };
    const reason = cause?.reason === undefined ? {} : { reason: cause.reason };
    return trail.decided('epoch.opened', { ...fields, readers: readers.length, agencies, ...by, ...reason });
  };

/** Signing and checking agreements. */
import { type Agreement, agreementSigned, memberOf, parseAgreement } from '#agent/core/agreement.ts';
import { DongboError } from '#agent/core/errors.ts';
import { bytesOf, hexText, type NodeId } from '#agent/core/ids.ts';
import { verifyCard } from './card.ts';
import type { Identity } from './identity.ts';
import { suites } from './suite.ts';
import { verifySignature } from './verify.ts';

/** Signs as the owner (tweetnacl). Throws AGREEMENT_NOT_OWNER, and whatever is wrong with a member's card. */
export async function signAgreement(agreement: Agreement, identity: Identity): Promise<Agreement> {
  const { owner, name } = agreement;
  if (owner !== identity.node)
    throw new DongboError('AGREEMENT_NOT_OWNER', { name, owner, node: identity.node });
  await checkMembers(agreement);
  const signature = hexText(identity.signSlowly('agreement', agreementSigned(agreement)));
  return parseAgreement({ ...agreement, signature });
}

/** Throws AGREEMENT_UNSIGNED, AGREEMENT_BAD_SIGNATURE. */
export function verifyOwner(agreement: Agreement): void {
  const { owner, name, space, signature } = agreement;
  if (signature === undefined) throw new DongboError('AGREEMENT_UNSIGNED', { name, space });
  if (!verifySignature(owner, 'agreement', agreementSigned(agreement), bytesOf(signature))) {
    throw new DongboError('AGREEMENT_BAD_SIGNATURE', { name, space, owner });
  }
}

/** Throws what `verifyOwner` throws, AGREEMENT_FOREIGN (`node` is no member), and what `verifyCard` throws. */
export function verifyAgreement(agreement: Agreement, node: NodeId): void {
  verifyOwner(agreement);
  const { name, space, members } = agreement;
  if (!memberOf(agreement, node)) throw new DongboError('AGREEMENT_FOREIGN', { name, space, node });
  for (const { card } of members) verifyCard(card);
}

/** Every card is sound, and an epoch can be wrapped to its key. Throws CARD_BAD_… */
export async function checkMembers(agreement: Agreement): Promise<void> {
  const suite = suites[agreement.suite];
  for (const { card } of agreement.members) {
    verifyCard(card);
    const { agency, node } = card;
    if (!(await suite.accepts(suite.wrapKeyOf(card))))
      throw new DongboError('CARD_BAD_WRAP_KEY', { agency, node });
  }
}

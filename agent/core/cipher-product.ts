/** The product for state secrets that this node has, against what the agreement says of it (R02, R10). */
import type { Member } from './agreement.ts';
import type { CipherApproval } from './agreement-terms.ts';
import { secrecies } from './label.ts';
import type { PolicyParty } from './policy.ts';
import { partyOf } from './agreement-policy.ts';

/** As configured. `validUntil` in milliseconds since the Unix epoch; invalid from then on. */
export interface CipherProduct {
  readonly name: string;
  readonly approval: string;
  readonly highest: 'MAT' | 'TOI_MAT';
  readonly validUntil: number;
}

/** Whether both speak of the same approved product. Level and end may differ: the lower and the earlier count. */
export const isSameProduct = (product: CipherProduct, agreed: CipherApproval): boolean =>
  product.name === agreed.name && product.approval === agreed.approval;

/** What this node counts for: its system by the agreement, its cipher only where configuration and agreement agree. */
export function ownParty(member: Member | undefined, product: CipherProduct | undefined): PolicyParty {
  const { system, stateCipher } = partyOf(member);
  const party = system ? { system } : {};
  if (!stateCipher || !product || !member?.stateCipher || !isSameProduct(product, member.stateCipher))
    return party;
  const highest = [stateCipher.highest, product.highest].sort(byLevel)[0] ?? 'NONE';
  return {
    ...party,
    stateCipher: { highest, validUntil: Math.min(stateCipher.validUntil, product.validUntil) },
  };
}

type Secrecy = (typeof secrecies)[number];
const byLevel = (a: Secrecy, b: Secrecy): number => secrecies.indexOf(a) - secrecies.indexOf(b);

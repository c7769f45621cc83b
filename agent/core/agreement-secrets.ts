/** What an agreement must say before its space may carry state secrets (R01, R02, R03, R10). */
import type { Agreement, Member } from './agreement.ts';
import type { BrokenRule } from './agreement-rules.ts';
import { parseLabelClass } from './clearance.ts';
import { type Secrecy, secrecies } from './label.ts';
import { levelForSecrets } from './policy.ts';

/** The first rule that is broken; undefined when all hold, or the label has no level of secrecy. */
export function ofSecrets({ label, members, notBefore }: Agreement): BrokenRule | undefined {
  if (label.secrecy === 'NONE') return undefined;
  if (label.secrecy === 'TUYET_MAT')
    return { field: 'label.secrecy', rule: 'never-on-network', requirement: 'R03' };
  for (const [i, member] of members.entries()) {
    const needed = neededBy(member, label.secrecy);
    const broken = needed === 'NONE' ? undefined : ofMember(member, needed, notBefore);
    if (broken) return { ...broken, field: `members.${i}.${broken.field}` };
  }
  return undefined;
}

/** Who publishes may have to seal the highest that the space carries; who only reads, what it is cleared for. */
function neededBy({ roles, highestLabel }: Member, ofSpace: Secrecy): Secrecy {
  if (roles.includes('relay')) return 'NONE';
  const cleared = parseLabelClass(highestLabel)?.secrecy ?? 'NONE';
  return roles.includes('publish') || rank(cleared) > rank(ofSpace) ? ofSpace : cleared;
}

function ofMember(
  { stateCipher, system }: Member,
  needed: Secrecy,
  notBefore: string,
): BrokenRule | undefined {
  if (!stateCipher) return { field: 'stateCipher', rule: 'secrets-cipher', requirement: 'R01' };
  if (rank(stateCipher.highest) < rank(needed))
    return { field: 'stateCipher.highest', rule: 'secrets-highest', needed, requirement: 'R02' };
  if (stateCipher.validUntil <= notBefore)
    return { field: 'stateCipher.validUntil', rule: 'after-begin', requirement: 'R02' };
  if (!system || system.level < levelForSecrets)
    return { field: 'system.level', rule: 'secrets-level', requirement: 'R10' };
  return undefined;
}

const rank = (secrecy: Secrecy): number => secrecies.indexOf(secrecy);

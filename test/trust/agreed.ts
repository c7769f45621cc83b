/** What every agreement of a test says beside its members: one place to change when the format does. */
import type { Member, Role } from '#agent/core/agreement.ts';
import { type Terms, termNames } from '#agent/core/agreement-terms.ts';
import type { Card } from '#agent/core/card.ts';

export const sampleTerms = Object.fromEntries(
  termNames.map((name) => [name, `Điều khoản ${name}`]),
) as unknown as Terms;

export const sampleSystem = {
  level: 3,
  decision: '12/QĐ-SNV',
  date: '2019-01-01',
  validUntil: '2999-01-01T00:00:00.000Z',
} as const;

export const sampleAgreed = {
  version: 2,
  revision: 1,
  previous: [],
  suite: 'nacl-pq',
  terms: sampleTerms,
  legalBasis: ['QD-1562-2025'],
  route: { kind: 'shared', platform: 'LGSP' },
  retentionDays: 30,
  freshnessHours: 24,
  history: true,
} as const;

/** A member approved at level 3, cleared for INTERNAL. */
export function sampleMember(card: Card, roles: readonly Role[], highestLabel = 'INTERNAL'): Member {
  const member = { card, roles, highestLabel, contact: 'Nguyễn Văn An, 0200 000 001' };
  return roles.includes('relay') ? member : { ...member, system: sampleSystem };
}

/** What must hold across the fields of an agreement, and which requirement each field answers. */
import type { Agreement, Member } from './agreement.ts';
import type { Details } from './errors.ts';
import { basisStanding } from './legal-basis.ts';
import type { Rule } from './messages/config-rules.ts';
import { ofSecrets } from './agreement-secrets.ts';

export interface BrokenRule extends Details {
  /** Dotted path. */
  readonly field: string;
  readonly rule: Rule;
}

/** The first rule that is broken; undefined when all hold. */
export const brokenRule = (a: Agreement): BrokenRule | undefined =>
  sharedKey(a) ?? ofMembers(a) ?? ofMaster(a) ?? ofTerm(a) ?? ofBasis(a) ?? ofRoute(a) ?? ofSecrets(a);

const distinct = (values: readonly string[]): boolean => new Set(values).size === values.length;

/** A key that two members shared would let one of them pass for the other. */
function sharedKey({ members }: Agreement): BrokenRule | undefined {
  const cards = members.map((m) => m.card);
  for (const field of ['node', 'wrapKey', 'p384SignKey', 'p384WrapKey', 'tlsCertificate'] as const) {
    if (!distinct(cards.map((c) => c[field]))) return { field: `members.card.${field}`, rule: 'member-once' };
  }
  return undefined;
}

function ofMembers({ members, owner }: Agreement): BrokenRule | undefined {
  if (!members.some(({ card }) => card.node === owner)) return { field: 'owner', rule: 'owner-member' };
  for (const [i, member] of members.entries()) {
    const broken = ofMember(member);
    if (broken) return { ...broken, field: `members.${i}.${broken.field}` };
  }
  return undefined;
}

function ofMember({ roles, system }: Member): BrokenRule | undefined {
  if (!distinct(roles)) return { field: 'roles', rule: 'role-once' };
  if (roles.includes('relay')) return roles.length > 1 ? { field: 'roles', rule: 'relay-alone' } : undefined;
  if (!system) return { field: 'system', rule: 'system-approval' };
  const over = Date.parse(system.validUntil) <= Date.parse(system.date);
  return over ? { field: 'system.validUntil', rule: 'after-date' } : undefined;
}

/** The master owner publishes what stands, and must be able to read what is proposed to it (R36). */
function ofMaster({ members, masterOwner }: Agreement): BrokenRule | undefined {
  if (masterOwner === undefined) return undefined;
  const owner = members.find(({ card }) => card.node === masterOwner);
  const able = owner?.roles.includes('publish') && owner.roles.includes('subscribe');
  return able ? undefined : { field: 'masterOwner', rule: 'master-member' };
}

function ofTerm({ notBefore, notAfter, revision, previous }: Agreement): BrokenRule | undefined {
  if (notAfter <= notBefore) return { field: 'notAfter', rule: 'after-begin' };
  const chained = previous.length === revision - 1 && distinct(previous);
  return chained ? undefined : { field: 'previous', rule: 'revision-chain' };
}

function ofBasis({ legalBasis, notBefore }: Agreement): BrokenRule | undefined {
  for (const [i, basis] of legalBasis.entries()) {
    const standing = basisStanding(basis, Date.parse(notBefore));
    const field = `legalBasis.${i}`;
    if (standing.is === 'unknown') return { field, rule: 'legal-basis' };
    if (standing.is === 'not-yet') return { field, rule: 'basis-begun', basis, day: standing.from };
    if (standing.is === 'replaced') {
      const { to: day, successors } = standing;
      return { field, rule: 'basis-in-force', basis, day, successor: successors.join(', ') };
    }
  }
  return undefined;
}

/** Sync within one system is free; between systems it needs a shared platform or a recorded exception (R11). */
function ofRoute({ route, members }: Agreement): BrokenRule | undefined {
  if (route.kind !== 'within-system') return undefined;
  const roots = new Set(members.map(({ card }) => card.agency.split('.')[0]));
  return roots.size > 1 ? { field: 'route.kind', rule: 'one-system' } : undefined;
}

const requirements: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)system(\.|$)/, 'R09'],
  [/(^|\.)stateCipher(\.|$)/, 'R02'],
  [/^route(\.|$)/, 'R11'],
  [/^freshnessHours$/, 'R13'],
  [/^masterOwner$/, 'R36'],
  [/^label\.secrecy$/, 'R01'],
  [/^label\.personalData$/, 'R26'],
  [/^suite$/, 'R20'],
  [/\.card\.agency$/, 'R08'],
  [/\.card(\.|$)/, 'R07'],
];

/** The id of the requirement that a field is there for. `field` as a dotted path. */
export const requirementOfField = (field: string): string =>
  requirements.find(([pattern]) => pattern.test(field))?.[1] ?? 'R12';

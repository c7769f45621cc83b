/** An agreement in the dossier: its twelve items, what it rests on, and how long each of that still holds. */
import { z } from 'zod';
import { roles } from '#agent/core/agreement.ts';
import { termNames } from '#agent/core/agreement-terms.ts';

const text = z.string();

/** `soon`: within 60 days. */
export const validity = z.strictObject({
  until: text.describe('UTC; over from then on'),
  is: z.enum(['valid', 'soon', 'over']),
  days: z.int().describe('Whole days left; 0 when over'),
});

const member = z.strictObject({
  agency: text,
  name: text,
  node: text,
  fingerprint: text,
  owner: z.boolean(),
  me: z.boolean(),
  roles: z.array(z.enum(roles)),
  highestLabel: text,
  contact: text,
  system: z.strictObject({ level: z.int(), decision: text, date: text, valid: validity }).exactOptional(),
  stateCipher: z.strictObject({ name: text, approval: text, highest: text, valid: validity }).exactOptional(),
});

const basis = z.strictObject({
  id: text,
  is: z.enum(['in-force', 'not-yet', 'replaced', 'unknown']).describe('On the day of the dossier'),
  from: text.exactOptional(),
  to: text.exactOptional(),
  successors: z.array(text),
});

const route = z.strictObject({
  kind: z.enum(['within-system', 'shared', 'direct']),
  platform: text.exactOptional(),
  exception: z.strictObject({ reason: text, approver: text, valid: validity }).exactOptional(),
});

const terms = Object.fromEntries(termNames.map((name) => [name, text]));

export const agreementSchema = z.strictObject({
  space: text,
  name: text,
  revision: z.int(),
  digest: text,
  previous: z.array(text).describe('Digests of the revisions before, the first one first'),
  label: text,
  suite: text,
  notBefore: text,
  term: validity,
  standing: text.describe('in-force, or the code of what keeps it from being so'),
  trial: z.boolean(),
  notice: z.strictObject({ notice: text, number: z.int(), reason: text, issued: text }).exactOptional(),
  terms: z.strictObject(terms as Record<(typeof termNames)[number], typeof text>),
  legalBasis: z.array(basis),
  route,
  retentionDays: z.int(),
  freshnessHours: z.int(),
  history: z.boolean(),
  members: z.array(member),
});

export type AgreementFacts = z.output<typeof agreementSchema>;
export type MemberFacts = AgreementFacts['members'][number];

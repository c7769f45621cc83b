/** The agreement of a space: the signed document without which nothing flows (R12). */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Card, cardSchema, cardSigned } from './card.ts';
import { clearedFor, parseLabelClass } from './clearance.ts';
import { encode } from './codec.ts';
import { DongboError } from './errors.ts';
import { type Digest, type NodeId, parseDigest, parseNodeId, parseSpaceId, type SpaceId } from './ids.ts';
import { type Label, labelClass, personalDataKinds, secrecies, sensitivities } from './label.ts';
import { parseWith } from './schema-error.ts';
import { type SuiteName, suiteNames } from './suite-name.ts';
import { displayName, hexField, instant } from './trust-fields.ts';

export const roles = ['publish', 'subscribe', 'relay'] as const;
export type Role = (typeof roles)[number];

export interface Member {
  readonly card: Card;
  readonly roles: readonly Role[];
  /** The highest label class that this member may read, as `labelClass` writes it. */
  readonly highestLabel: string;
}

export interface Agreement {
  readonly version: 1;
  readonly space: SpaceId;
  readonly name: string;
  readonly owner: NodeId;
  readonly members: readonly Member[];
  readonly label: Label;
  /** Everything of the space is sealed and signed with it; the same for life. */
  readonly suite: SuiteName;
  /** ISO 8601, UTC; in force from `notBefore` up to and without `notAfter`. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Ed25519 by `owner` over `signingBytes('agreement', agreementSigned(a))`, hex. */
  readonly signature?: string;
}

export const maxMembers = 4096;

const memberSchema = z.strictObject({
  card: cardSchema,
  roles: z.array(z.enum(roles)).min(1).max(roles.length).refine(distinct, 'each role once'),
  highestLabel: z.string().refine((text) => parseLabelClass(text) !== undefined, 'a label class'),
});

const schema = z.strictObject({
  version: z.literal(1),
  space: hexField(16).transform(parseSpaceId),
  name: displayName,
  owner: hexField(32).transform(parseNodeId),
  members: z.array(memberSchema).min(1).max(maxMembers),
  label: z.strictObject({
    sensitivity: z.enum(sensitivities),
    secrecy: z.enum(secrecies),
    personalData: z.enum(personalDataKinds),
  }),
  suite: z.enum(suiteNames),
  notBefore: instant,
  notAfter: instant,
  signature: hexField(64).exactOptional(),
});

function distinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

/** Checks form and rules, not signatures. Throws AGREEMENT_MALFORMED, or SECRET_NO_APPROVED_CIPHER (R01). */
export function parseAgreement(json: unknown): Agreement {
  const agreement = parseWith(schema, json, 'AGREEMENT_MALFORMED');
  const broken = brokenRule(agreement);
  if (broken) throw new DongboError('AGREEMENT_MALFORMED', broken);
  if (agreement.label.secrecy !== 'NONE') {
    throw new DongboError('SECRET_NO_APPROVED_CIPHER', { label: labelClass(agreement.label) });
  }
  return agreement;
}

const onceEach = ['node', 'wrapKey', 'p384SignKey', 'p384WrapKey', 'tlsCertificate'] as const;

/** A key that two members shared would let one of them pass for the other. */
function brokenRule(a: Agreement): { field: string; rule: string } | undefined {
  const cards = a.members.map((m) => m.card);
  for (const field of onceEach) {
    if (!distinct(cards.map((c) => c[field]))) return { field: `members.card.${field}`, rule: 'each once' };
  }
  if (!memberOf(a, a.owner)) return { field: 'owner', rule: 'a member' };
  if (a.members.some((m) => m.roles.includes('relay') && m.roles.length > 1)) {
    return { field: 'members.roles', rule: 'a relay has no other role' };
  }
  if (a.notAfter <= a.notBefore) return { field: 'notAfter', rule: 'after notBefore' };
  return undefined;
}

/** The canonical bytes that the owner signs. */
export function agreementSigned(a: Agreement): Uint8Array {
  const { version, space, name, owner, label, suite, notBefore, notAfter } = a;
  const members = a.members.map(({ card, roles, highestLabel }) => ({
    card: cardSigned(card),
    cardSignature: card.signature,
    roles,
    highestLabel,
  }));
  return encode({ version, space, name, owner, members, label, suite, notBefore, notAfter });
}

const digests = new WeakMap<Agreement, Digest>();

/** SHA-256 of the signed bytes: what both ends of a request must hold alike. Remembered per object. */
export function agreementDigest(a: Agreement): Digest {
  const known = digests.get(a);
  if (known) return known;
  const digest = parseDigest(createHash('sha256').update(agreementSigned(a)).digest('hex'));
  digests.set(a, digest);
  return digest;
}

export const memberOf = (a: Agreement, node: NodeId): Member | undefined =>
  a.members.find((m) => m.card.node === node);

export const withRole = (a: Agreement, role: Role): readonly Member[] =>
  a.members.filter((m) => m.roles.includes(role));

/**
 * Who may open what `publisher` seals under a label class: cleared subscribers, and the publisher itself for its own old
 * feed. Nobody else when the class cannot be read.
 */
export function readersOf(a: Agreement, publisher: NodeId, labelClass: string): readonly Member[] {
  const label = parseLabelClass(labelClass);
  const cleared = (m: Member) =>
    label !== undefined && m.roles.includes('subscribe') && clearedFor(m.highestLabel, label);
  return a.members.filter((m) => m.card.node === publisher || cleared(m));
}

/** `now` in milliseconds since the Unix epoch. */
export function agreementState(a: Agreement, now: number): 'in-force' | 'not-yet' | 'expired' {
  if (now < Date.parse(a.notBefore)) return 'not-yet';
  return now < Date.parse(a.notAfter) ? 'in-force' : 'expired';
}

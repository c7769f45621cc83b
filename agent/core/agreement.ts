/** The agreement of a space: the signed document without which nothing flows (R12). */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { brokenRule, requirementOfField } from './agreement-rules.ts';
import {
  type AgreedRoute,
  agreedSchema,
  type CipherApproval,
  cipherSchema,
  line,
  type SystemApproval,
  systemSchema,
  type Terms,
} from './agreement-terms.ts';
import { type Card, cardSchema, cardSigned } from './card.ts';
import { parseLabelClass } from './clearance.ts';
import { encode } from './codec.ts';
import { type Details, DongboError } from './errors.ts';
import { type Digest, type NodeId, parseDigest, parseNodeId, parseSpaceId, type SpaceId } from './ids.ts';
import { type Label, personalDataKinds, secrecies, sensitivities } from './label.ts';
import { faultOf } from './schema-error.ts';
import { ruled } from './schema-rule.ts';
import { type SuiteName, suiteNames } from './suite-name.ts';
import { displayName, hexField, instant } from './trust-fields.ts';

export const roles = ['publish', 'subscribe', 'relay'] as const;
export type Role = (typeof roles)[number];

export interface Member {
  readonly card: Card;
  readonly roles: readonly Role[];
  /** The highest label class that this member may read, as `labelClass` writes it. */
  readonly highestLabel: string;
  /** Whom to call there. */
  readonly contact: string;
  /** Absent for a relay only. */
  readonly system?: SystemApproval;
  readonly stateCipher?: CipherApproval;
}

export interface Agreement {
  readonly version: 2;
  readonly space: SpaceId;
  /** 1, 2, …: an amendment is the next one, of the same space, owner and suite. */
  readonly revision: number;
  /** Digests of all revisions before, the first one first: feeds written under them stay valid. */
  readonly previous: readonly Digest[];
  readonly name: string;
  readonly owner: NodeId;
  readonly members: readonly Member[];
  readonly label: Label;
  /** Everything of the space is sealed and signed with it; the same for life. */
  readonly suite: SuiteName;
  /** ISO 8601, UTC; in force from `notBefore` up to and without `notAfter`. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly terms: Terms;
  /** Ids of `legal-basis.ts`. */
  readonly legalBasis: readonly string[];
  readonly route: AgreedRoute;
  /** How long a member keeps what it received once the agreement is over. */
  readonly retentionDays: number;
  /** A replica that was not in step for longer is stale (R13). */
  readonly freshnessHours: number;
  /**
   * The one member whose records are versions; what others write are proposed corrections (R36). The same in every
   * revision. Every publisher writes versions when absent.
   */
  readonly masterOwner?: NodeId;
  /** Whether a new member gets what was published before it came. */
  readonly history: boolean;
  /** Ed25519 by `owner` over `signingBytes('agreement', agreementSigned(a))`, hex. */
  readonly signature?: string;
}

export const maxMembers = 4096;
export const maxRevisions = 1000;

const memberSchema = z.strictObject({
  card: cardSchema,
  roles: z.array(z.enum(roles)).min(1).max(roles.length),
  highestLabel: z.string().refine((text) => parseLabelClass(text) !== undefined, ruled('label-class')),
  contact: line,
  system: systemSchema(instant).exactOptional(),
  stateCipher: cipherSchema(instant).exactOptional(),
});

export const agreementSchema = z.strictObject({
  version: z.literal(2),
  space: hexField(16).transform(parseSpaceId),
  revision: z.int().min(1).max(maxRevisions),
  previous: z.array(hexField(32).transform(parseDigest)).max(maxRevisions),
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
  ...agreedSchema,
  masterOwner: hexField(32).transform(parseNodeId).exactOptional(),
  signature: hexField(64).exactOptional(),
});

/** Checks form and rules, not signatures. Throws AGREEMENT_MALFORMED. */
export function parseAgreement(json: unknown): Agreement {
  const parsed = agreementSchema.safeParse(json);
  if (!parsed.success) throw malformed(faultOf(parsed.error.issues[0]));
  const broken = brokenRule(parsed.data);
  if (broken) throw malformed(broken);
  return parsed.data;
}

const malformed = (fault: Details & { readonly field: string }): DongboError =>
  new DongboError('AGREEMENT_MALFORMED', { requirement: requirementOfField(fault.field), ...fault });

/** The canonical bytes that the owner signs. */
export function agreementSigned({ signature: _, ...agreed }: Agreement): Uint8Array {
  const members = agreed.members.map(({ card, ...member }) => ({
    card: cardSigned(card),
    cardSignature: card.signature,
    ...member,
  }));
  return encode({ ...agreed, members });
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

/** `now` in milliseconds since the Unix epoch. */
export function agreementState(a: Agreement, now: number): 'in-force' | 'not-yet' | 'expired' {
  if (now < Date.parse(a.notBefore)) return 'not-yet';
  return now < Date.parse(a.notAfter) ? 'in-force' : 'expired';
}

/**
 * Who gets an item, under which key, or why not: one pure, total function over label, agreement, members, routes,
 * providers of state ciphers and time. Whatever it does not know, it refuses. Numbers like R09 are those of the
 * requirements; `requirementOf` tells which one a refusal comes from.
 */
import { type Label, labelWithin, type Secrecy, type Sensitivity, secrecies } from './label.ts';

/** What is approved until a day. `validUntil` in milliseconds since the Unix epoch; invalid from then on. */
export interface Approval {
  readonly validUntil: number;
}

/** An agency's system, approved at security level 1 to 5 (R09). */
export interface SystemLevel extends Approval {
  readonly level: number;
}

/** A product for state secrets, approved up to a level of secrecy (R02). */
export interface StateCipher extends Approval {
  readonly highest: Secrecy;
}

/** `shared`: NDOP, NDXP, LGSP or another internal platform, or within one system; `direct`: between agencies (R11). */
export type Route =
  | { readonly kind: 'shared' }
  | { readonly kind: 'direct'; readonly exception?: Approval }
  | { readonly kind: 'none' };

export type AgreementStanding = 'in-force' | 'absent' | 'not-yet' | 'expired' | 'suspended' | 'ended';

export interface PolicyParty {
  readonly system?: SystemLevel;
  readonly stateCipher?: StateCipher;
}

export interface PolicyReader extends PolicyParty {
  readonly subscribes: boolean;
  /** Undefined when the agreement says nothing that can be read. */
  readonly clearance: Label | undefined;
  readonly route: Route;
}

export interface PolicyQuestion {
  /** Undefined when no rule gives one. */
  readonly label: Label | undefined;
  readonly agreement: AgreementStanding;
  /** The highest label that the agreement lets the space carry. */
  readonly ceiling: Label;
  readonly publisher: PolicyParty;
  readonly reader: PolicyReader;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** In the order in which they are looked for: the first that applies is the answer. */
export const refusals = {
  AGREEMENT_ABSENT: 'R12',
  AGREEMENT_NOT_YET: 'R12',
  AGREEMENT_EXPIRED: 'R12',
  AGREEMENT_ENDED: 'R12',
  AGREEMENT_SUSPENDED: 'R15',
  LABEL_MISSING: 'R12',
  SECRET_NEVER_ON_NETWORK: 'R03',
  SECRET_NO_APPROVED_CIPHER: 'R01',
  SECRET_CIPHER_TOO_LOW: 'R02',
  SECRET_CIPHER_EXPIRED: 'R02',
  SECRET_OWN_SYSTEM_TOO_LOW: 'R10',
  LABEL_ABOVE_AGREEMENT: 'R12',
  READER_NOT_SUBSCRIBER: 'R12',
  READER_NOT_CLEARED: 'R12',
  READER_SYSTEM_UNKNOWN: 'R09',
  READER_SYSTEM_EXPIRED: 'R09',
  READER_SYSTEM_TOO_LOW: 'R09',
  READER_NO_APPROVED_CIPHER: 'R02',
  READER_CIPHER_TOO_LOW: 'R02',
  READER_CIPHER_EXPIRED: 'R02',
  ROUTE_NONE: 'R11',
  ROUTE_NEEDS_EXCEPTION: 'R11',
  ROUTE_EXCEPTION_EXPIRED: 'R11',
} as const;

export type Refusal = keyof typeof refusals;

export type Decision =
  | { readonly send: true; readonly under: 'epoch-key' | 'state-cipher' }
  | { readonly send: false; readonly reason: Refusal };

export const requirementOf = (reason: Refusal): string => refusals[reason];

/** The security level that data of a label needs at its reader (R09); a secret needs 3 at both ends (R10). */
const levelFor: Readonly<Record<Sensitivity, number>> = {
  PUBLIC: 0,
  INTERNAL: 1,
  RESTRICTED: 2,
  CONFIDENTIAL: 3,
};
export const levelForSecrets = 3;

const isSecret = (label: Label): boolean => label.secrecy !== 'NONE';

export const levelNeeded = (label: Label): number =>
  Math.max(levelFor[label.sensitivity], isSecret(label) ? levelForSecrets : 0);

/** Whether the publisher may read the item at all: a secret without its cipher is not even opened (R01). */
export function mayRead(
  question: Omit<PolicyQuestion, 'reader' | 'ceiling' | 'agreement'>,
): Refusal | undefined {
  const { label, publisher, now } = question;
  if (!label) return 'LABEL_MISSING';
  return isSecret(label) ? secretAtPublisher(label, publisher, now) : undefined;
}

export function decide(question: PolicyQuestion): Decision {
  const { label, agreement, ceiling, publisher, reader, now } = question;
  const reason =
    ofAgreement(agreement) ??
    mayRead({ label, publisher, now }) ??
    (label && (labelWithin(label, ceiling) ? ofReader(label, reader, now) : 'LABEL_ABOVE_AGREEMENT')) ??
    ofRoute(reader.route, now);
  if (reason) return { send: false, reason };
  return { send: true, under: label && isSecret(label) ? 'state-cipher' : 'epoch-key' };
}

const standings: Readonly<Record<AgreementStanding, Refusal | undefined>> = {
  'in-force': undefined,
  absent: 'AGREEMENT_ABSENT',
  'not-yet': 'AGREEMENT_NOT_YET',
  expired: 'AGREEMENT_EXPIRED',
  ended: 'AGREEMENT_ENDED',
  suspended: 'AGREEMENT_SUSPENDED',
};

const ofAgreement = (standing: AgreementStanding): Refusal | undefined => standings[standing];

function secretAtPublisher(
  label: Label,
  { stateCipher, system }: PolicyParty,
  now: number,
): Refusal | undefined {
  if (label.secrecy === 'TUYET_MAT') return 'SECRET_NEVER_ON_NETWORK';
  if (!stateCipher) return 'SECRET_NO_APPROVED_CIPHER';
  if (!reaches(stateCipher, label)) return 'SECRET_CIPHER_TOO_LOW';
  if (isOver(stateCipher, now)) return 'SECRET_CIPHER_EXPIRED';
  if (!system || isOver(system, now) || system.level < levelForSecrets) return 'SECRET_OWN_SYSTEM_TOO_LOW';
  return undefined;
}

function ofReader(label: Label, reader: PolicyReader, now: number): Refusal | undefined {
  if (!reader.subscribes) return 'READER_NOT_SUBSCRIBER';
  if (!reader.clearance || !labelWithin(label, reader.clearance)) return 'READER_NOT_CLEARED';
  return (
    ofSystem(levelNeeded(label), reader.system, now) ??
    (isSecret(label) ? ofCipher(label, reader, now) : undefined)
  );
}

function ofSystem(needed: number, system: SystemLevel | undefined, now: number): Refusal | undefined {
  if (needed === 0) return undefined;
  if (!system) return 'READER_SYSTEM_UNKNOWN';
  if (isOver(system, now)) return 'READER_SYSTEM_EXPIRED';
  return system.level < needed ? 'READER_SYSTEM_TOO_LOW' : undefined;
}

function ofCipher(label: Label, { stateCipher }: PolicyParty, now: number): Refusal | undefined {
  if (!stateCipher) return 'READER_NO_APPROVED_CIPHER';
  if (!reaches(stateCipher, label)) return 'READER_CIPHER_TOO_LOW';
  return isOver(stateCipher, now) ? 'READER_CIPHER_EXPIRED' : undefined;
}

function ofRoute(route: Route, now: number): Refusal | undefined {
  if (route.kind === 'shared') return undefined;
  if (route.kind === 'none') return 'ROUTE_NONE';
  if (!route.exception) return 'ROUTE_NEEDS_EXCEPTION';
  return isOver(route.exception, now) ? 'ROUTE_EXCEPTION_EXPIRED' : undefined;
}

const reaches = ({ highest }: StateCipher, label: Label): boolean =>
  secrecies.indexOf(label.secrecy) <= secrecies.indexOf(highest);

const isOver = ({ validUntil }: Approval, now: number): boolean => now >= validUntil;

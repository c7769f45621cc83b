/** Whether anything may flow in a space now, as far as its agreement, the owner's notices and the time decide it. */
import { type Agreement, agreementState, memberOf } from './agreement.ts';
import { routeEnd, takesPart } from './agreement-policy.ts';
import type { Details } from './errors.ts';
import type { NodeId } from './ids.ts';
import type { Notice } from './notice.ts';
import type { AgreementStanding } from './policy.ts';

/** Why nothing may flow in a space. */
export interface Refusal {
  readonly code: string;
  readonly details: Details;
}

export function standingOf(a: Agreement, notice: Notice | undefined, now: number): AgreementStanding {
  if (notice?.notice === 'end') return 'ended';
  const state = agreementState(a, now);
  return state === 'in-force' && notice?.notice === 'suspend' ? 'suspended' : state;
}

/** Undefined when the agreement is in force for `me`, by its word, its notices and what it rests on. */
export function refusalOf(
  a: Agreement,
  notice: Notice | undefined,
  me: NodeId,
  now: number,
): Refusal | undefined {
  const { name, space, notBefore, notAfter } = a;
  const about = { name, space };
  switch (standingOf(a, notice, now)) {
    case 'not-yet':
      return { code: 'AGREEMENT_NOT_YET', details: { ...about, notBefore } };
    case 'expired':
      return { code: 'AGREEMENT_EXPIRED', details: { ...about, notAfter } };
    case 'suspended':
      return { code: 'AGREEMENT_SUSPENDED', details: { ...about, ...said(notice) } };
    case 'ended':
      return { code: 'AGREEMENT_ENDED', details: { ...about, ...said(notice) } };
    default:
      return overRoute(a, now) ?? overSystem(a, me, now);
  }
}

const said = (notice: Notice | undefined): Details =>
  notice ? { issued: notice.issued, reason: notice.reason } : {};

function overRoute(a: Agreement, now: number): Refusal | undefined {
  if (a.route.kind !== 'direct' || now < routeEnd(a)) return undefined;
  const { validUntil } = a.route.exception;
  return { code: 'ROUTE_EXCEPTION_EXPIRED', details: { name: a.name, space: a.space, validUntil } };
}

function overSystem(a: Agreement, me: NodeId, now: number): Refusal | undefined {
  const member = memberOf(a, me);
  if (!member?.system || takesPart(member, now)) return undefined;
  const { decision, validUntil } = member.system;
  const { agency } = member.card;
  const details = { name: a.name, space: a.space, agency, decision, validUntil };
  return { code: 'READER_SYSTEM_EXPIRED', details };
}

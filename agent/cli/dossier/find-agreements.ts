/** The accepted agreements, and what of them could not be read. Opens no private key. */
import { join } from 'node:path';
import { trialDecision } from '#agent/cli/trial-terms.ts';
import { type Agreement, agreementDigest, type Member } from '#agent/core/agreement.ts';
import type { AgreedRoute } from '#agent/core/agreement-terms.ts';
import { cardFingerprint } from '#agent/core/card.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { NodeId, SpaceId } from '#agent/core/ids.ts';
import { labelClass } from '#agent/core/label.ts';
import { basisStanding } from '#agent/core/legal-basis.ts';
import type { Notice } from '#agent/core/notice.ts';
import { type Refusal, refusalOf } from '#agent/core/standing.ts';
import { isRefusal } from '#agent/seal/agreement-book.ts';
import { AgreementFiles, type Held } from '#agent/seal/agreement-files.ts';
import { SuitePins } from '#agent/seal/suite-pins.ts';
import type { AgreementFacts, MemberFacts } from './agreement-schema.ts';
import type { Validity } from './dossier-schema.ts';
import type { Sources } from './sources.ts';

export interface FoundAgreements {
  readonly agreements: readonly AgreementFacts[];
  readonly faults: readonly Refusal[];
}

/** A file that is not sound is a fault; the others are told all the same. */
export async function findAgreements({ config, card, io }: Sources): Promise<FoundAgreements> {
  const dir = join(config.state, 'agreements');
  const files = new AgreementFiles(dir, card.node);
  const pins = await SuitePins.read(dir);
  const agreements: AgreementFacts[] = [];
  const faults: Refusal[] = [];
  const spaces = await files.spaces();
  for (const space of spaces.sort()) {
    const read = ofItsSuite(await files.read(space), pins);
    if (isRefusal(read)) faults.push(read);
    else agreements.push(factsOf(read, card.node, io.clock.now()));
  }
  const absent = config.spaces.map(({ space }) => space).filter((space) => !spaces.includes(space));
  faults.push(...absent.map((space: SpaceId) => ({ code: 'AGREEMENT_ABSENT', details: { space } })));
  return { agreements, faults };
}

function ofItsSuite(read: Held | Refusal, pins: SuitePins): Held | Refusal {
  if (isRefusal(read)) return read;
  try {
    pins.check(read.agreement);
    return read;
  } catch (error) {
    if (!(error instanceof DongboError)) throw error;
    return { code: error.code, details: error.details };
  }
}

function factsOf({ agreement: a, notice }: Held, me: NodeId, now: number): AgreementFacts {
  const { space, name, revision, previous, suite, notBefore, notAfter, terms } = a;
  return {
    ...{ space, name, revision, suite, notBefore, terms },
    digest: agreementDigest(a),
    previous: [...previous],
    label: labelClass(a.label),
    term: validityOf(notAfter, now),
    standing: refusalOf(a, notice, me, now)?.code ?? 'in-force',
    trial: a.members.some(({ system }) => system?.decision === trialDecision),
    ...(notice ? { notice: noticeFacts(notice) } : {}),
    legalBasis: a.legalBasis.map((id) => basisFacts(id, now)),
    route: routeFacts(a.route, now),
    retentionDays: a.retentionDays,
    freshnessHours: a.freshnessHours,
    history: a.history,
    members: a.members.map((member) => memberFacts(a, member, me, now)),
  };
}

const noticeFacts = ({ notice, number, reason, issued }: Notice) => ({ notice, number, reason, issued });

function basisFacts(id: string, now: number): AgreementFacts['legalBasis'][number] {
  const standing = basisStanding(id, now);
  const { is } = standing;
  if (is === 'not-yet') return { id, is, from: standing.from, successors: [] };
  if (is !== 'replaced') return { id, is, successors: [] };
  return { id, is, to: standing.to, successors: [...standing.successors] };
}

function routeFacts(route: AgreedRoute, now: number): AgreementFacts['route'] {
  if (route.kind === 'within-system') return { kind: route.kind };
  if (route.kind === 'shared') return { kind: route.kind, platform: route.platformName ?? route.platform };
  const { reason, approver, validUntil } = route.exception;
  return { kind: route.kind, exception: { reason, approver, valid: validityOf(validUntil, now) } };
}

function memberFacts(a: Agreement, member: Member, me: NodeId, now: number): MemberFacts {
  const { card, roles, highestLabel, contact, system, stateCipher } = member;
  const { agency, name, node } = card;
  return {
    ...{ agency, name, node, highestLabel, contact },
    fingerprint: cardFingerprint(card),
    owner: node === a.owner,
    me: node === me,
    roles: [...roles],
    ...(system ? { system: approvalFacts(system, now) } : {}),
    ...(stateCipher ? { stateCipher: approvalFacts(stateCipher, now) } : {}),
  };
}

const approvalFacts = <T extends { readonly validUntil: string }>(
  { validUntil, ...approval }: T,
  now: number,
) => ({ ...approval, valid: validityOf(validUntil, now) });

const dayMs = 24 * 3_600_000;
const soonDays = 60;

/** `until`: ISO 8601. */
export function validityOf(until: string, now: number): Validity {
  const left = Date.parse(until) - now;
  if (left <= 0) return { until, is: 'over', days: 0 };
  return { until, is: left <= soonDays * dayMs ? 'soon' : 'valid', days: Math.floor(left / dayMs) };
}

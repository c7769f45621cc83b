/** The agreement's answer to the policy's questions: who takes part now, and who may read what a member publishes. */
import { type Agreement, agreementState, type Member, memberOf } from './agreement.ts';
import { parseLabelClass } from './clearance.ts';
import { isProposalOf } from './correction.ts';
import type { NodeId } from './ids.ts';
import type { Label } from './label.ts';
import {
  type AgreementStanding,
  decide,
  type PolicyParty,
  type PolicyQuestion,
  type Route,
} from './policy.ts';

/** One item, or everything of one label, on its way from one member to another. */
export interface Flow {
  readonly publisher: NodeId;
  readonly reader: Member;
  /** Undefined when no rule gives one. */
  readonly label: Label | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** By the term alone when absent. */
  readonly standing?: AgreementStanding;
}

export function questionOf(a: Agreement, { publisher, reader, label, now, standing }: Flow): PolicyQuestion {
  return {
    label,
    agreement: standing ?? agreementState(a, now),
    ceiling: a.label,
    publisher: partyOf(memberOf(a, publisher)),
    reader: {
      ...partyOf(reader),
      subscribes: reader.roles.includes('subscribe'),
      clearance: parseLabelClass(reader.highestLabel),
      route: routeOf(a),
    },
    now,
  };
}

/**
 * Who may open what `publisher` seals under a label class: those to whom the policy sends it, and the publisher. A
 * proposed correction is for the master owner alone (R36).
 */
export function readersOf(
  a: Agreement,
  publisher: NodeId,
  labelClass: string,
  now: number,
): readonly Member[] {
  const label = parseLabelClass(labelClass);
  const proposes = isProposalOf({ node: publisher }, a.masterOwner);
  return a.members.filter(
    (reader) =>
      reader.card.node === publisher ||
      ((!proposes || reader.card.node === a.masterOwner) &&
        decide(questionOf(a, { publisher, reader, label, now })).send),
  );
}

/** Whether the member may talk to others at all: the approval of its system must not be over (R09). */
export const takesPart = ({ roles, system }: Member, now: number): boolean =>
  roles.includes('relay') || (system !== undefined && now < Date.parse(system.validUntil));

/** A member that takes part now. */
export function partnerOf(a: Agreement, node: NodeId, now: number): Member | undefined {
  const member = memberOf(a, node);
  return member && takesPart(member, now) ? member : undefined;
}

/** When the recorded exception for a direct route is over (R11). Milliseconds since the Unix epoch. */
export const routeEnd = ({ route }: Agreement): number =>
  route.kind === 'direct' ? Date.parse(route.exception.validUntil) : Number.POSITIVE_INFINITY;

function routeOf(a: Agreement): Route {
  if (a.route.kind !== 'direct') return { kind: 'shared' };
  return { kind: 'direct', exception: { validUntil: routeEnd(a) } };
}

/** What a member's approvals count for in the policy; nothing for who is no member. */
export function partyOf(member: Member | undefined): PolicyParty {
  if (!member) return {};
  const { system, stateCipher } = member;
  return {
    ...(system ? { system: { level: system.level, validUntil: Date.parse(system.validUntil) } } : {}),
    ...(stateCipher
      ? { stateCipher: { highest: stateCipher.highest, validUntil: Date.parse(stateCipher.validUntil) } }
      : {}),
  };
}

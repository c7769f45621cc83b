/** Every combination of label, clearance, level, route, provider and agreement has exactly one outcome. */
import { describe, expect, it } from 'vitest';
import { type Label, personalDataKinds, secrecies, sensitivities } from '#agent/core/label.ts';
import {
  type AgreementStanding,
  type Approval,
  type Decision,
  decide,
  levelNeeded,
  type PolicyQuestion,
  type Refusal,
  type Route,
  refusals,
  requirementOf,
  type StateCipher,
  type SystemLevel,
} from '#agent/core/policy.ts';

const now = Date.parse('2026-11-24T00:00:00.000Z');
const good: Approval = { validUntil: now + 1 };
const over: Approval = { validUntil: now };

const labels: readonly Label[] = sensitivities.flatMap((sensitivity) =>
  secrecies.flatMap((secrecy) =>
    personalDataKinds.map((personalData) => ({ sensitivity, secrecy, personalData })),
  ),
);
const labelsOrNone = [undefined, ...labels];
const standings = ['in-force', 'absent', 'not-yet', 'expired', 'suspended', 'ended'] as const;
const systems: readonly (SystemLevel | undefined)[] = [
  undefined,
  ...[1, 2, 3, 5].map((level) => ({ level, ...good })),
  { level: 5, ...over },
];
const ciphers: readonly (StateCipher | undefined)[] = [
  undefined,
  ...(['MAT', 'TOI_MAT', 'TUYET_MAT'] as const).map((highest) => ({ highest, ...good })),
  { highest: 'TOI_MAT', ...over },
];
const routes: readonly Route[] = [
  { kind: 'shared' },
  { kind: 'direct' },
  { kind: 'direct', exception: good },
  { kind: 'direct', exception: over },
  { kind: 'none' },
];

const ranks = { sensitivity: sensitivities, secrecy: secrecies, personalData: personalDataKinds };
/** The law of the table, written apart from the code under test. */
const above = (label: Label, limit: Label): boolean =>
  (Object.keys(ranks) as (keyof Label)[]).some((part) => {
    const order: readonly string[] = ranks[part];
    return order.indexOf(label[part]) > order.indexOf(limit[part]);
  });

const top: Label = { sensitivity: 'CONFIDENTIAL', secrecy: 'TUYET_MAT', personalData: 'SENSITIVE' };

function* readers(): Generator<PolicyQuestion['reader']> {
  for (const subscribes of [true, false])
    for (const clearance of labelsOrNone)
      for (const system of systems)
        for (const stateCipher of ciphers)
          for (const route of routes)
            yield {
              subscribes,
              clearance,
              route,
              ...(system && { system }),
              ...(stateCipher && { stateCipher }),
            };
}

/** Publishers that matter: each standing of their provider and system, once. */
const publishers: readonly PolicyQuestion['publisher'][] = ciphers.flatMap((stateCipher) =>
  systems.map((system) => ({ ...(system && { system }), ...(stateCipher && { stateCipher }) })),
);

function check(question: PolicyQuestion, decision: Decision): void {
  const { label, reader, publisher, agreement } = question;
  if (!decision.send) {
    if (!(decision.reason in refusals)) throw new Error(`no such reason: ${JSON.stringify(question)}`);
    return;
  }
  const secret = label?.secrecy !== 'NONE';
  const wrong =
    !label ||
    agreement !== 'in-force' ||
    !reader.subscribes ||
    !reader.clearance ||
    above(label, reader.clearance) ||
    above(label, question.ceiling) ||
    label.secrecy === 'TUYET_MAT' ||
    (secret && !(publisher.stateCipher && reader.stateCipher)) ||
    (secret && !((publisher.system?.level ?? 0) >= 3 && (reader.system?.level ?? 0) >= 3)) ||
    (reader.system?.level ?? 0) < levelNeeded(label) ||
    decision.under !== (secret ? 'state-cipher' : 'epoch-key');
  if (wrong) throw new Error(`must not be sent: ${JSON.stringify(question)}`);
}

describe('policy', () => {
  it('has one outcome for every combination, and none that sends above clearance', () => {
    const seen = new Map<string, number>();
    let count = 0;
    const ask = (question: PolicyQuestion): void => {
      const decision = decide(question);
      check(question, decision);
      const outcome = decision.send ? `send under ${decision.under}` : decision.reason;
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      count += 1;
    };
    const publisher = {
      system: { level: 3, ...good },
      stateCipher: { highest: 'TOI_MAT', ...good },
    } as const;
    for (const label of labelsOrNone)
      for (const reader of readers())
        for (const agreement of standings) ask({ label, agreement, ceiling: top, publisher, reader, now });
    const reader = {
      subscribes: true,
      clearance: top,
      system: { level: 5, ...good },
      stateCipher: { highest: 'TUYET_MAT', ...good },
      route: { kind: 'shared' },
    } as const;
    for (const label of labelsOrNone)
      for (const from of publishers)
        for (const ceiling of labels)
          ask({ label, agreement: 'in-force', ceiling, publisher: from, reader, now });
    console.log(`policy: ${count} combinations, ${seen.size} outcomes`);
    expect([...seen.keys()].filter((outcome) => !outcome.startsWith('send')).sort()).toEqual(
      Object.keys(refusals).sort(),
    );
  });

  const plain: PolicyQuestion = {
    label: { sensitivity: 'RESTRICTED', secrecy: 'NONE', personalData: 'BASIC' },
    agreement: 'in-force',
    ceiling: top,
    publisher: {},
    reader: { subscribes: true, clearance: top, system: { level: 2, ...good }, route: { kind: 'shared' } },
    now,
  };
  const secret: PolicyQuestion = {
    ...plain,
    label: { sensitivity: 'CONFIDENTIAL', secrecy: 'MAT', personalData: 'NONE' },
    publisher: { system: { level: 3, ...good }, stateCipher: { highest: 'MAT', ...good } },
    reader: { ...plain.reader, system: { level: 3, ...good }, stateCipher: { highest: 'MAT', ...good } },
  };

  it('sends what everybody may, under the epoch key or the state cipher', () => {
    expect(decide(plain)).toEqual({ send: true, under: 'epoch-key' });
    expect(decide(secret)).toEqual({ send: true, under: 'state-cipher' });
  });

  const standing = (agreement: AgreementStanding): Partial<PolicyQuestion> => ({ agreement });
  const reader = (more: Partial<PolicyQuestion['reader']>, from = plain): PolicyQuestion => ({
    ...from,
    reader: { ...from.reader, ...more },
  });
  it.each<[Refusal, string, PolicyQuestion]>([
    ['AGREEMENT_SUSPENDED', 'R15', { ...plain, ...standing('suspended') }],
    ['LABEL_MISSING', 'R12', { ...plain, label: undefined }],
    ['SECRET_NEVER_ON_NETWORK', 'R03', { ...secret, label: top }],
    ['SECRET_NO_APPROVED_CIPHER', 'R01', { ...secret, publisher: { system: { level: 3, ...good } } }],
    [
      'SECRET_CIPHER_TOO_LOW',
      'R02',
      { ...secret, label: { sensitivity: 'CONFIDENTIAL', secrecy: 'TOI_MAT', personalData: 'NONE' } },
    ],
    [
      'SECRET_OWN_SYSTEM_TOO_LOW',
      'R10',
      { ...secret, publisher: { ...secret.publisher, system: { level: 2, ...good } } },
    ],
    ['READER_SYSTEM_EXPIRED', 'R09', reader({ system: { level: 5, ...over } })],
    ['READER_SYSTEM_TOO_LOW', 'R09', reader({ system: { level: 1, ...good } })],
    ['READER_CIPHER_EXPIRED', 'R02', reader({ stateCipher: { highest: 'MAT', ...over } }, secret)],
    ['ROUTE_NEEDS_EXCEPTION', 'R11', reader({ route: { kind: 'direct' } })],
    ['ROUTE_EXCEPTION_EXPIRED', 'R11', reader({ route: { kind: 'direct', exception: over } })],
  ])('refuses with %s by %s', (reason, requirement, question) => {
    expect(decide(question)).toEqual({ send: false, reason });
    expect(requirementOf(reason)).toBe(requirement);
  });
});

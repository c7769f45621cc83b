/** Who may read is what the policy says of agreement, member, label and time. */
import { beforeAll, expect, it } from 'vitest';
import type { Agreement } from '#agent/core/agreement.ts';
import { partnerOf, questionOf, readersOf } from '#agent/core/agreement-policy.ts';
import { internalLabel } from '#agent/core/label.ts';
import { decide } from '#agent/core/policy.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { sampleSystem } from '#test/trust/agreed.ts';
import { draft, makeParties, startMs } from '#test/trust/parties.ts';

let a: Identity;
let b: Identity;
let agreement: Agreement;
const over = '2026-11-03T00:00:00.000Z';

beforeAll(async () => {
  [a, b] = await makeParties('H29.1', 'H29.2');
  agreement = draft([
    [a, 'publish'],
    [b, 'subscribe'],
  ]);
});

const withB = (changes: object): Agreement => ({
  ...agreement,
  members: agreement.members.map((m, i) => (i === 1 ? { ...m, ...changes } : m)),
});
const names = (a1: Agreement, label = 'INTERNAL', now = startMs) =>
  readersOf(a1, a.node, label, now).map(({ card }) => card.agency);

const both = ['H29.1', 'H29.2'];
const alone = ['H29.1'];

it('reads what it is cleared, approved and connected for; the publisher always its own', () => {
  expect(names(agreement)).toEqual(both);
  expect(names(agreement, 'PUBLIC')).toEqual(both);
  expect(names(agreement, 'RESTRICTED'), 'above the agreement').toEqual(alone);
  expect(names(agreement, 'no label')).toEqual(alone);
  expect(names(withB({ highestLabel: 'PUBLIC' }))).toEqual(alone);
  expect(names(withB({ roles: ['publish'] }))).toEqual(alone);
  expect(
    names({ ...agreement, label: { ...internalLabel, sensitivity: 'CONFIDENTIAL' } }, 'CONFIDENTIAL'),
  ).toEqual(alone);
});

it('reads nothing on a system below the level, or whose approval is over (R09)', () => {
  const label = { ...internalLabel, sensitivity: 'RESTRICTED' } as const;
  const at = (level: number) => ({
    ...withB({ highestLabel: 'RESTRICTED', system: { ...sampleSystem, level } }),
    label,
  });
  expect(names(at(1), 'RESTRICTED')).toEqual(alone);
  expect(names(at(2), 'RESTRICTED')).toEqual(both);
  const brief = withB({ system: { ...sampleSystem, validUntil: over } });
  expect(names(brief, 'INTERNAL', Date.parse(over) - 1)).toEqual(both);
  expect(names(brief, 'INTERNAL', Date.parse(over))).toEqual(alone);
  expect(partnerOf(brief, b.node, Date.parse(over) - 1)?.card.agency).toBe('H29.2');
  expect(partnerOf(brief, b.node, Date.parse(over))).toBeUndefined();
});

it('reads nothing outside the term, or when the exception for a direct route is over (R12, R11)', () => {
  expect(names(agreement, 'INTERNAL', Date.parse(agreement.notAfter))).toEqual(alone);
  expect(names(agreement, 'INTERNAL', Date.parse(agreement.notBefore) - 1)).toEqual(alone);
  const exception = { reason: 'x', approver: 'y', validUntil: over };
  const direct: Agreement = { ...agreement, route: { kind: 'direct', exception } };
  expect(names(direct, 'INTERNAL', Date.parse(over) - 1)).toEqual(both);
  expect(names(direct, 'INTERNAL', Date.parse(over))).toEqual(alone);
});

it('asks with the standing that it is told', () => {
  const [, reader] = agreement.members;
  if (!reader) throw new Error('two members');
  const flow = { publisher: a.node, reader, label: internalLabel, now: startMs };
  expect(decide(questionOf(agreement, flow))).toEqual({ send: true, under: 'epoch-key' });
  expect(decide(questionOf(agreement, { ...flow, standing: 'suspended' }))).toEqual({
    send: false,
    reason: 'AGREEMENT_SUSPENDED',
  });
  const secret = { ...internalLabel, secrecy: 'MAT' } as const;
  expect(decide(questionOf(agreement, { ...flow, label: secret }))).toEqual({
    send: false,
    reason: 'SECRET_NO_APPROVED_CIPHER',
  });
});

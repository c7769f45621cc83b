/** Whether state secrets may be handled here: each rule has its own reason, and none stands in for another. */
import { beforeAll, expect, it } from 'vitest';
import type { Agreement } from '#agent/core/agreement.ts';
import { internalLabel, type Secrecy } from '#agent/core/label.ts';
import { SecretGate } from '#agent/cycle/secret-gate.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { twoParties } from './secret-pair.ts';
import { secretDraft, TestDevice } from './secret-space.ts';

let parties: readonly [Identity, Identity];
beforeAll(async () => {
  parties = await twoParties();
});

async function gateUnder(agreement: Agreement): Promise<SecretGate> {
  const device = await TestDevice.ready();
  const clock = { now: () => Date.parse('2026-11-01T00:00:00Z') };
  return new SecretGate({ me: parties[0].node, standing: () => agreement, clock, slot: device.slot });
}

const upTo = (secrecy: Secrecy) => ({ ...internalLabel, secrecy });
const codeOf = (gate: SecretGate, agreement: Agreement, secrecy: Secrecy) =>
  gate.refusal(agreement.space, upTo(secrecy))?.code;

it('TUYỆT MẬT never, also where an agreement says so that no check has seen', async () => {
  const agreement = { ...secretDraft(parties), label: upTo('TUYET_MAT') };
  const gate = await gateUnder(agreement);
  expect(codeOf(gate, agreement, 'TUYET_MAT')).toBe('SECRET_NEVER_ON_NETWORK');
  expect(codeOf(gate, agreement, 'TOI_MAT')).toBeUndefined();
});

it('nothing above what the agreement carries, also where device and approval would allow it', async () => {
  const agreement = secretDraft(parties, {}, upTo('MAT'));
  const gate = await gateUnder(agreement);
  expect(codeOf(gate, agreement, 'TOI_MAT')).toBe('LABEL_ABOVE_AGREEMENT');
  expect(codeOf(gate, agreement, 'MAT')).toBeUndefined();
  const more = { ...upTo('MAT'), personalData: 'SENSITIVE' } as const;
  expect(gate.refusal(agreement.space, more)?.code).toBe('LABEL_ABOVE_AGREEMENT');
});

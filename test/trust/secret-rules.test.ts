/** What an agreement must say before its space may carry state secrets. */
import { beforeAll, expect, it } from 'vitest';
import { type Agreement, type Member, parseAgreement } from '#agent/core/agreement.ts';
import { DongboError } from '#agent/core/errors.ts';
import { secretDraft } from '#test/cycle/secret-space.ts';
import { sampleSystem } from './agreed.ts';
import { makeParties } from './parties.ts';

let agreement: Agreement;

beforeAll(async () => {
  agreement = secretDraft(await makeParties('H29.1', 'H29.2'));
});

const label = (secrecy: string) => ({ sensitivity: 'INTERNAL', secrecy, personalData: 'NONE' });

function faultOf(changes: object): string {
  try {
    parseAgreement({ ...agreement, ...changes });
    return 'accepted';
  } catch (error) {
    if (!(error instanceof DongboError)) throw error;
    const { field, rule, requirement } = error.details;
    return `${field} ${rule} ${requirement}`;
  }
}

/** The second member, changed. */
const second = (change: (member: Member) => object) => ({
  members: agreement.members.map((member, i) => (i === 1 ? change(member) : member)),
});

const without = ({ stateCipher: _cipher, ...member }: Member): Omit<Member, 'stateCipher'> => member;
const reader = { roles: ['subscribe'], highestLabel: 'INTERNAL+MAT' };

it('accepts MẬT and TỐI MẬT with products and systems for them', () => {
  expect(faultOf({})).toBe('accepted');
  expect(faultOf({ label: label('MAT') })).toBe('accepted');
});

it.each<[string, (member: Member) => object]>([
  ['members.1.stateCipher secrets-cipher R01', without],
  [
    'members.1.stateCipher.highest secrets-highest R02',
    (m) => ({ ...m, stateCipher: { ...m.stateCipher, highest: 'MAT' } }),
  ],
  [
    'members.1.stateCipher.validUntil after-begin R02',
    (m) => ({ ...m, stateCipher: { ...m.stateCipher, validUntil: '2026-11-01T00:00:00.000Z' } }),
  ],
  ['members.1.system.level secrets-level R10', (m) => ({ ...m, system: { ...sampleSystem, level: 2 } })],
  ['members.1.stateCipher secrets-cipher R01', (m) => ({ ...without(m), ...reader })],
  ['accepted', (m) => ({ ...without(m), ...reader, highestLabel: 'INTERNAL' })],
  ['accepted', (m) => ({ ...m, ...reader, stateCipher: { ...m.stateCipher, highest: 'MAT' } })],
])('%s', (fault, change) => {
  expect(faultOf(second(change))).toBe(fault);
});

it('never accepts TUYỆT MẬT', () => {
  expect(faultOf({ label: label('TUYET_MAT') })).toBe('label.secrecy never-on-network R03');
});

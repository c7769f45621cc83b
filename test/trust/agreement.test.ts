import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Agreement,
  agreementDigest,
  agreementSigned,
  agreementState,
  memberOf,
  parseAgreement,
  withRole,
} from '#agent/core/agreement.ts';
import { signAgreement, verifyAgreement } from '#agent/seal/agreement.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { sampleSystem } from './agreed.ts';
import { draft, makeParties } from './parties.ts';

let a: Identity;
let b: Identity;
let relay: Identity;
let stranger: Identity;
let unsigned: Agreement;
let signed: Agreement;

beforeAll(async () => {
  [a, b, relay, stranger] = await makeParties('H29.1', 'H29.2', 'H29.9', 'H30');
  unsigned = draft([
    [a, 'publish', 'subscribe'],
    [b, 'publish', 'subscribe'],
    [relay, 'relay'],
  ]);
  signed = await signAgreement(unsigned, a);
});

const json = (agreement: Agreement): Record<string, unknown> => JSON.parse(JSON.stringify(agreement));
const codeOf = (run: () => unknown): unknown => {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

describe('an agreement', () => {
  it('survives its file, verifies for each member, and keeps its digest when signed', () => {
    const read = parseAgreement(json(signed));
    expect(read).toEqual(signed);
    for (const { node } of [a, b, relay]) verifyAgreement(read, node);
    expect(agreementDigest(read)).toBe(agreementDigest(unsigned));
  });

  it('is refused unsigned, foreign, or signed by somebody else', async () => {
    expect(codeOf(() => verifyAgreement(unsigned, b.node))).toBe('AGREEMENT_UNSIGNED');
    expect(codeOf(() => verifyAgreement(signed, stranger.node))).toBe('AGREEMENT_FOREIGN');
    const signature = b.signSlowly('agreement', agreementSigned(unsigned)).toHex();
    expect(codeOf(() => verifyAgreement({ ...unsigned, signature }, b.node))).toBe('AGREEMENT_BAD_SIGNATURE');
    await expect(signAgreement(unsigned, b)).rejects.toMatchObject({ code: 'AGREEMENT_NOT_OWNER' });
  });

  it('is refused with any term changed after signing', () => {
    const [first, second, third] = signed.members;
    if (!first || !second || !third) throw new Error('three members');
    const changes: Partial<Record<keyof Agreement, unknown>> = {
      space: 'ff'.repeat(16),
      name: 'Khác',
      owner: b.node,
      members: [first, second],
      label: { sensitivity: 'PUBLIC', secrecy: 'NONE', personalData: 'NONE' },
      notBefore: '2026-11-01T00:00:00.000Z',
      notAfter: '2027-12-02T00:00:00.000Z',
      terms: { ...signed.terms, deletion: 'Không xoá' },
      legalBasis: ['ND-278-2025'],
      route: { kind: 'shared', platform: 'NDXP' },
      retentionDays: 31,
      freshnessHours: 25,
      history: false,
    };
    const validUntil = '2027-12-02T00:00:00.000Z';
    const stateCipher = { name: 'M', approval: '1', highest: 'MAT', validUntil } as const;
    const memberLists = [
      [second, first, third],
      [first, { ...second, roles: ['subscribe'] }, third],
      [first, { ...second, roles: ['subscribe', 'publish'] }, third],
      [first, { ...second, highestLabel: 'CONFIDENTIAL' }, third],
      [first, { ...second, contact: 'Người khác' }, third],
      [first, { ...second, system: { ...sampleSystem, level: 5 } }, third],
      [first, { ...second, stateCipher }, third],
      [first, { ...second, card: stranger.card }, third],
      [first, { ...second, card: { ...second.card, signature: stranger.card.signature } }, third],
    ];
    const changed = Object.entries(changes).map(([key, value]) => ({ ...json(signed), [key]: value }));
    for (const bad of [...changed, ...memberLists.map((members) => ({ ...json(signed), members }))]) {
      const parsed = parseAgreement(bad);
      expect(codeOf(() => verifyAgreement(parsed, a.node))).toBe('AGREEMENT_BAD_SIGNATURE');
      expect(agreementDigest(parsed)).not.toBe(agreementDigest(signed));
    }
  });

  it('is refused when a card on it is forged, by the owner too', async () => {
    const members = unsigned.members.map((m) =>
      m.card.node === b.node ? { ...m, card: { ...m.card, name: 'X' } } : m,
    );
    await expect(signAgreement({ ...unsigned, members }, a)).rejects.toMatchObject({
      code: 'CARD_BAD_SIGNATURE',
    });
    const signature = a.signSlowly('agreement', agreementSigned({ ...unsigned, members })).toHex();
    expect(codeOf(() => verifyAgreement({ ...unsigned, members, signature }, a.node))).toBe(
      'CARD_BAD_SIGNATURE',
    );
  });
});

describe('the form', () => {
  it.each([
    ['version', 1],
    ['revision', 0],
    ['revision', 2],
    ['previous', ['ab'.repeat(32)]],
    ['terms', {}],
    ['legalBasis', []],
    ['legalBasis', ['ND-47-2020']],
    ['route', { kind: 'within' }],
    ['route', { kind: 'direct' }],
    ['route', { kind: 'shared', platform: 'OTHER' }],
    ['retentionDays', -1],
    ['freshnessHours', 0],
    ['history', 'yes'],
    ['space', 'x'],
    ['name', ''],
    ['owner', 'ff'.repeat(32)],
    ['members', []],
    ['label', {}],
    ['suite', 'none'],
    ['masterOwner', 'ff'.repeat(32)],
    ['notBefore', '2026-11-02'],
    ['notAfter', '2026-11-02T00:00:00.000Z'],
    ['signature', 'ab'],
    ['extra', 1],
  ])('refuses %s = %j', (field, value) => {
    expect(codeOf(() => parseAgreement({ ...json(signed), [field]: value }))).toBe('AGREEMENT_MALFORMED');
  });

  it('refuses doubled members, keys and certificates, no or doubled roles, and a relay that reads', () => {
    const [first, second] = unsigned.members;
    if (!first || !second) throw new Error('members');
    const lists = [
      [first, second, second],
      [first, { ...second, card: { ...second.card, wrapKey: first.card.wrapKey } }],
      [first, { ...second, card: { ...second.card, p384SignKey: first.card.p384SignKey } }],
      [first, { ...second, card: { ...second.card, p384WrapKey: first.card.p384WrapKey } }],
      [first, { ...second, card: { ...second.card, tlsCertificate: first.card.tlsCertificate } }],
      [first, { ...second, roles: [] }],
      [first, { ...second, roles: ['publish', 'publish'] }],
      [first, { ...second, roles: ['admin'] }],
      [first, { ...second, roles: ['relay', 'subscribe'] }],
      [first, { ...second, highestLabel: 'EVERYTHING' }],
    ];
    for (const members of lists) {
      expect(codeOf(() => parseAgreement({ ...json(unsigned), members }))).toBe('AGREEMENT_MALFORMED');
    }
  });

  it.each([
    ['MAT', 'R01'],
    ['TOI_MAT', 'R01'],
    ['TUYET_MAT', 'R03'],
  ])('refuses state secrets of members without a product for them: %s', (secrecy, requirement) => {
    const label = { sensitivity: 'CONFIDENTIAL', secrecy, personalData: 'NONE' };
    expect(() => parseAgreement({ ...json(unsigned), label })).toThrow(`requirement=${requirement}`);
  });
});

describe('looking into it', () => {
  it('knows members, roles and term', () => {
    expect(memberOf(signed, b.node)?.card.agency).toBe('H29.2');
    expect(memberOf(signed, stranger.node)).toBeUndefined();
    expect(withRole(signed, 'relay').map((m) => m.card.node)).toEqual([relay.node]);
    const at = (text: string) => agreementState(signed, Date.parse(text));
    expect(at('2026-11-01T23:59:59.999Z')).toBe('not-yet');
    expect(at('2026-11-02T00:00:00.000Z')).toBe('in-force');
    expect(at('2026-12-01T23:59:59.999Z')).toBe('in-force');
    expect(at('2026-12-02T00:00:00.000Z')).toBe('expired');
  });
});

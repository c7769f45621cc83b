import { beforeAll, describe, expect, it } from 'vitest';
import { type Card, cardFingerprint, cardSigned, parseCard, sameFingerprint } from '#agent/core/card.ts';
import { verifyCard } from '#agent/seal/card.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { makeParties } from './parties.ts';

let a: Identity;
let b: Identity;

beforeAll(async () => {
  [a, b] = await makeParties('H29.1', 'H29.2');
});

const json = (card: Card): Record<string, unknown> => JSON.parse(JSON.stringify(card));
const codeOf = (run: () => unknown): unknown => {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

describe('a card', () => {
  it('survives its file and verifies', () => {
    const card = parseCard(json(a.card));
    expect(card).toEqual(a.card);
    verifyCard(card);
  });

  it.each([
    ['version', 2],
    ['version', '1'],
    ['agency', 'h29'],
    ['agency', '000.00.00.H41'],
    ['agency', undefined],
    ['name', ''],
    ['name', 'a\nb'],
    ['name', 'e\u0301'],
    ['name', 7],
    ['node', 'ab'],
    ['node', 'AB'.repeat(32)],
    ['wrapKey', ''],
    ['wrapKey', 'zz'.repeat(1216)],
    ['p384SignKey', undefined],
    ['p384SignKey', '04'.repeat(96)],
    ['p384WrapKey', undefined],
    ['p384WrapKey', 'zz'.repeat(97)],
    ['tlsCertificate', 'x'],
    ['created', '2026-11-02'],
    ['created', '2026-13-01T00:00:00.000Z'],
    ['signature', '00'.repeat(63)],
    ['signature', undefined],
  ])('is refused with %s = %j, naming the field', (field, value) => {
    const run = () => parseCard({ ...json(a.card), [field]: value });
    expect(codeOf(run)).toBe('CARD_MALFORMED');
    expect(run).toThrow(`field=${field}`);
  });

  it.each([null, 'card', 7, [], {}])('is not %j', (value) => {
    expect(codeOf(() => parseCard(value))).toBe('CARD_MALFORMED');
  });

  it('is refused with a key too many', () => {
    expect(codeOf(() => parseCard({ ...json(a.card), extra: 1 }))).toBe('CARD_MALFORMED');
  });

  it('does not verify when any field is another one, even a valid one', () => {
    const changes: Partial<Record<keyof Card, unknown>> = {
      agency: b.card.agency,
      name: 'Sở khác',
      node: b.card.node,
      wrapKey: b.card.wrapKey,
      p384SignKey: b.card.p384SignKey,
      p384WrapKey: b.card.p384WrapKey,
      tlsCertificate: b.card.tlsCertificate,
      created: '2026-11-02T03:04:05.679Z',
      signature: b.card.signature,
    };
    for (const [field, value] of Object.entries(changes)) {
      const changed = parseCard({ ...json(a.card), [field]: value });
      expect(
        codeOf(() => verifyCard(changed)),
        field,
      ).toBe('CARD_BAD_SIGNATURE');
      expect(cardFingerprint(changed), field).not.toBe(cardFingerprint(a.card));
    }
  });

  it('does not verify with a P-384 key that is no point of the curve', () => {
    for (const p384SignKey of ['ff'.repeat(97), `04${'00'.repeat(96)}`, `06${a.card.p384SignKey.slice(2)}`]) {
      const unsigned = { ...a.card, p384SignKey };
      const signature = a.signSlowly('card', cardSigned(unsigned)).toHex();
      expect(codeOf(() => verifyCard({ ...unsigned, signature }))).toBe('CARD_BAD_SIGN_KEY');
    }
  });

  it('does not verify with a certificate that is for another node, though signed by this one', () => {
    const unsigned = { ...a.card, tlsCertificate: b.card.tlsCertificate };
    const signature = a.signSlowly('card', cardSigned(unsigned)).toHex();
    expect(codeOf(() => verifyCard({ ...unsigned, signature }))).toBe('CARD_BAD_CERTIFICATE');
  });
});

describe('a fingerprint', () => {
  it('is five groups of four, without I, L, O and U', () => {
    expect(cardFingerprint(a.card)).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(cardFingerprint(a.card)).not.toBe(cardFingerprint(b.card));
  });

  it('is the same as people read and type it', () => {
    expect(sameFingerprint('0123-45ab', '0123-45AB')).toBe(true);
    expect(sameFingerprint(' o1 23 45AB', '0123-45AB')).toBe(true);
    expect(sameFingerprint('OI23', '0123')).toBe(true);
    expect(sameFingerprint('Ol23', '0123')).toBe(true);
    expect(sameFingerprint('0123-45AC', '0123-45AB')).toBe(false);
    expect(sameFingerprint('', '0123')).toBe(false);
  });
});

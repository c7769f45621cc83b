/** What an agreement must say: every fault names its field, its rule and the requirement. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Agreement, parseAgreement } from '#agent/core/agreement.ts';
import { termNames } from '#agent/core/agreement-terms.ts';
import { DongboError } from '#agent/core/errors.ts';
import { basisStanding, legalActs, sharingBasis } from '#agent/core/legal-basis.ts';
import { render } from '#agent/core/messages/index.ts';
import { sampleMember, sampleSystem } from './agreed.ts';
import { draft, makeParties } from './parties.ts';

let good: Agreement;
let change: (changes: object) => unknown;

beforeAll(async () => {
  const [a, b, relay] = await makeParties('H29.1', 'H30', 'H29');
  good = draft([
    [a, 'publish', 'subscribe'],
    [b, 'subscribe'],
    [relay, 'relay'],
  ]);
  change = (changes) => ({ ...JSON.parse(JSON.stringify(good)), ...changes });
});

function faultOf(json: unknown) {
  try {
    parseAgreement(json);
    return 'sound';
  } catch (error) {
    if (!(error instanceof DongboError)) throw error;
    const { field, rule, requirement } = error.details;
    for (const language of ['en', 'vi'] as const)
      expect(render(error.code, error.details, language).what).not.toMatch(/\{\w+\}/);
    return `${field} ${rule} ${requirement}`;
  }
}

const member = (change: object) => {
  const [first, second, relay] = good.members;
  return { members: [first, { ...second, ...change }, relay] };
};

describe('an agreement', () => {
  it('is sound as the others of these tests start from it', () => {
    expect(faultOf(change({}))).toBe('sound');
  });

  it.each(termNames)('must have a text for %s (R12)', (name) => {
    const { [name]: _, ...without } = good.terms;
    expect(faultOf(change({ terms: without }))).toBe(`terms.${name} text R12`);
    expect(faultOf(change({ terms: { ...good.terms, [name]: ' ' } }))).toBe(`terms.${name} paragraph R12`);
    const long = 'x'.repeat(4001);
    expect(faultOf(change({ terms: { ...good.terms, [name]: long } }))).toContain(`terms.${name} at-most`);
  });

  it('must have an approval for whoever publishes or subscribes, none for a relay (R09)', () => {
    const { system: _, ...unapproved } = sampleMember(good.members[1]?.card as never, ['subscribe']);
    const [first, , relay] = good.members;
    expect(faultOf(change({ members: [first, unapproved, relay] }))).toBe(
      'members.1.system system-approval R09',
    );
    const level = (n: number) => faultOf(change(member({ system: { ...sampleSystem, level: n } })));
    expect([1, 2, 3, 4, 5].map(level)).toEqual(Array(5).fill('sound'));
    expect(level(0)).toBe('members.1.system.level at-least R09');
    expect(level(6)).toBe('members.1.system.level at-most R09');
    const soon = { ...sampleSystem, validUntil: '2018-01-01T00:00:00.000Z' };
    expect(faultOf(change(member({ system: soon })))).toBe('members.1.system.validUntil after-date R09');
    expect(faultOf(change(member({ system: { ...sampleSystem, date: '2026-02-30' } })))).toBe(
      'members.1.system.date day R09',
    );
  });

  it('takes no state-cipher product for TUYỆT MẬT (R02, R03)', () => {
    const product = { name: 'M', approval: '1/BCY', validUntil: '2027-01-01T00:00:00.000Z' };
    expect(faultOf(change(member({ stateCipher: { ...product, highest: 'TOI_MAT' } })))).toBe('sound');
    expect(faultOf(change(member({ stateCipher: { ...product, highest: 'TUYET_MAT' } })))).toBe(
      'members.1.stateCipher.highest one-of R02',
    );
  });

  it('must go by a shared platform, within one system, or by a recorded exception (R11)', () => {
    const route = (value: object) => faultOf(change({ route: value }));
    const exception = { reason: 'Nền tảng chưa sẵn sàng', approver: 'UBND tỉnh', validUntil: good.notAfter };
    expect(route({ kind: 'within-system' })).toBe('route.kind one-system R11');
    expect(route({ kind: 'direct' })).toBe('route.exception map R11');
    expect(route({ kind: 'direct', exception: { ...exception, reason: '' } })).toBe(
      'route.exception.reason paragraph R11',
    );
    expect(route({ kind: 'direct', exception })).toBe('sound');
    expect(route({ kind: 'shared', platform: 'OTHER' })).toBe('route.platformName platform-name R11');
    expect(route({ kind: 'shared', platform: 'OTHER', platformName: 'Trục của tỉnh' })).toBe('sound');
    const [first, , relay] = good.members;
    expect(faultOf(change({ members: [first, relay], route: { kind: 'within-system' } }))).toBe('sound');
  });

  it('must rest on acts in force when it begins, and names the successor of one that is not', () => {
    const basis = (id: string) => faultOf(change({ legalBasis: ['QD-1562-2025', id] }));
    expect(basis('ND-1-1999')).toBe('legalBasis.1 legal-basis R12');
    expect(basis('ND-47-2020')).toBe('legalBasis.1 basis-in-force R12');
    expect(basis('ND-278-2025')).toBe('sound');
    const early = { notBefore: '2026-01-01T00:00:00.000Z', legalBasis: ['ND-331-2026'] };
    expect(faultOf(change(early))).toBe('legalBasis.0 basis-begun R12');
    expect(() => parseAgreement(change({ legalBasis: ['ND-47-2020'] }))).toThrow('ND-278-2025, ND-194-2025');
  });
});

describe('the table of acts', () => {
  it('knows each act once, and every successor', () => {
    const ids = legalActs.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { from, to, successors = [] } of legalActs) {
      expect(to === undefined).toBe(successors.length === 0);
      expect(to === undefined || from < to).toBe(true);
      for (const next of successors) expect(ids).toContain(next);
    }
  });

  it('changes over at midnight in Vietnam', () => {
    const before = Date.parse('2025-10-21T16:59:59.999Z');
    expect(basisStanding('ND-47-2020', before).is).toBe('in-force');
    expect(basisStanding('ND-278-2025', before).is).toBe('not-yet');
    expect(basisStanding('ND-47-2020', before + 1).is).toBe('replaced');
    expect(sharingBasis(before)).toEqual(['QD-1562-2025', 'ND-47-2020']);
    expect(sharingBasis(before + 1)).toEqual(['QD-1562-2025', 'ND-278-2025']);
  });
});

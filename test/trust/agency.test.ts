import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AgencyId, isAncestor, parseAgencyId } from '#agent/core/agency.ts';
import { isCode } from '#agent/core/errors.ts';

const id = (raw: string): AgencyId => parseAgencyId(raw).id;
const refused = (raw: unknown): boolean => {
  try {
    parseAgencyId(raw);
    return false;
  } catch (error) {
    return isCode(error, 'AGENCY_MALFORMED');
  }
};

describe('agency e-IDs (R08)', () => {
  it.each(['H29', 'H29.12', 'A00', 'Y99.1.2.3', 'G01.A0B.7', 'Z01', 'Z99.5', `H29.${'1'.repeat(31)}`])(
    'takes %s',
    (raw) => {
      expect(parseAgencyId(raw)).toEqual({ id: raw, raw });
    },
  );

  it.each([
    ['000.00.00.H41', 'H41'],
    ['000.00.12.H41', 'H41.12'],
    ['000.05.12.H41', 'H41.12.05'],
    ['001.05.12.H41', 'H41.12.05.001'],
    ['001.00.12.H41', 'H41.12.00.001'],
    ['000.00.10.G01', 'G01.10'],
  ])('turns the form of QCVN 102 round: %s is %s', (raw, expected) => {
    expect(parseAgencyId(raw)).toEqual({ id: expected, raw });
  });

  it.each([
    '',
    'H',
    'H2',
    'H291',
    'h29',
    'H29.',
    '.H29',
    'H29..1',
    'H29.a',
    'H29 ',
    ' H29',
    'H29\n',
    'H29/1',
    'Z00',
    'Z1',
    '00.00.00.H41',
    '000.00.00.h41',
    '000.00.00.00.H41',
    'Đ29',
    'H29.１',
    `H29.${'1'.repeat(32)}`,
    null,
    undefined,
    29,
    ['H29'],
    {},
  ])('refuses %j', (raw) => {
    expect(refused(raw)).toBe(true);
  });

  const part = fc.stringMatching(/^[0-9A-Z]{1,4}$/);
  const agency = fc
    .tuple(fc.stringMatching(/^[A-Y][0-9]{2}$/), fc.array(part, { maxLength: 4 }))
    .map(([r, ps]) => [r, ...ps].join('.'));

  it('takes every well-formed id as it is, and nothing that is one character off', () => {
    fc.assert(
      fc.property(agency, (raw) => {
        expect(id(raw)).toBe(raw);
      }),
    );
    const bad = fc.string({ minLength: 1, maxLength: 1 }).filter((c) => !/[.0-9A-Z]/.test(c));
    fc.assert(
      fc.property(agency, bad, fc.nat(), (raw, c, n) => {
        const at = n % (raw.length + 1);
        expect(refused(raw.slice(0, at) + c + raw.slice(at))).toBe(true);
      }),
    );
  });

  it('takes 35 characters and no more, whatever they are', () => {
    fc.assert(
      fc.property(agency, fc.stringMatching(/^[0-9A-Z]{35}$/), (raw, filling) => {
        const full = `${raw}.${filling}`.slice(0, 35);
        expect(id(full)).toBe(full);
        expect(refused(`${raw}.${filling}`.slice(0, 36))).toBe(true);
      }),
    );
  });

  it('takes the schemes Z01 to Z99, and none between', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99 }), (n) => {
        expect(refused(`Z${String(n).padStart(2, '0')}`)).toBe(n === 0);
      }),
    );
  });

  it('turns every id of QCVN 102 round, and keeps what was given', () => {
    const digits = (n: number) =>
      fc.integer({ min: 0, max: 10 ** n - 1 }).map((value) => String(value).padStart(n, '0'));
    const top = fc.stringMatching(/^[A-Y][0-9]{2}$/);
    fc.assert(
      fc.property(digits(3), digits(2), digits(2), top, (leaf, middle, upper, above) => {
        const raw = [leaf, middle, upper, above].join('.');
        const found = parseAgencyId(raw);
        expect(found.raw).toBe(raw);
        expect(found.id).toBe([above, upper, middle, leaf].join('.').replace(/(?:\.0+)+$/, ''));
        expect(id(found.id)).toBe(found.id);
      }),
    );
  });

  it('has a tree: who stands above whom is never mutual, and passes on', () => {
    fc.assert(
      fc.property(agency, part, part, agency, (top, one, two, other) => {
        const [a, b, c] = [top, `${top}.${one}`, `${top}.${one}.${two}`] as AgencyId[];
        expect(isAncestor(a as AgencyId, c as AgencyId)).toBe(true);
        expect(isAncestor(b as AgencyId, a as AgencyId)).toBe(false);
        const [x, y] = [top, other] as AgencyId[];
        expect(isAncestor(x as AgencyId, y as AgencyId) && isAncestor(y as AgencyId, x as AgencyId)).toBe(
          false,
        );
      }),
    );
  });

  it('has ancestors on the dot boundary only', () => {
    expect(isAncestor(id('H55.2'), id('H55.242'))).toBe(false);
    expect(isAncestor(id('H55.2'), id('H55.2.42'))).toBe(true);
    expect(isAncestor(id('H55'), id('H55'))).toBe(false);
    expect(isAncestor(id('H55.2'), id('H55'))).toBe(false);
    fc.assert(
      fc.property(agency, part, (parent, child) => {
        expect(isAncestor(id(parent), `${parent}.${child}` as AgencyId)).toBe(true);
        expect(isAncestor(id(parent), `${parent}${child}` as AgencyId)).toBe(false);
      }),
    );
  });
});

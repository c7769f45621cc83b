import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clearedFor, parseLabelClass } from '#agent/core/clearance.ts';
import { type Label, labelClass, personalDataKinds, secrecies, sensitivities } from '#agent/core/label.ts';

const label: fc.Arbitrary<Label> = fc.record({
  sensitivity: fc.constantFrom(...sensitivities),
  secrecy: fc.constantFrom(...secrecies),
  personalData: fc.constantFrom(...personalDataKinds),
});

describe('clearance', () => {
  it('reads back every label class', () => {
    fc.assert(
      fc.property(label, (l) => {
        expect(parseLabelClass(labelClass(l))).toEqual(l);
      }),
    );
  });

  it.each([
    '',
    'internal',
    'INTERNAL+',
    'INTERNAL+NONE',
    'INTERNAL+PD:NONE',
    'INTERNAL+PD:BASIC+MAT',
    'INTERNAL+MAT+MAT',
    'INTERNAL+PD:BASIC+PD:BASIC',
    'MAT',
    'INTERNAL MAT',
  ])('does not know %j', (text) => {
    expect(parseLabelClass(text)).toBeUndefined();
    expect(clearedFor(text, { sensitivity: 'PUBLIC', secrecy: 'NONE', personalData: 'NONE' })).toBe(false);
  });

  it('covers itself, and never less in any part', () => {
    fc.assert(
      fc.property(label, (l) => {
        expect(clearedFor(labelClass(l), l)).toBe(true);
      }),
    );
    const cleared = (a: Label, b: Label) => clearedFor(labelClass(a), b);
    fc.assert(
      fc.property(label, label, label, (a, b, c) => {
        if (cleared(a, b) && cleared(b, c)) expect(cleared(a, c)).toBe(true);
        if (cleared(a, b) && cleared(b, a)) expect(a).toEqual(b);
      }),
    );
    expect(
      clearedFor('CONFIDENTIAL', { sensitivity: 'PUBLIC', secrecy: 'NONE', personalData: 'BASIC' }),
    ).toBe(false);
    expect(clearedFor('CONFIDENTIAL', { sensitivity: 'PUBLIC', secrecy: 'MAT', personalData: 'NONE' })).toBe(
      false,
    );
  });
});

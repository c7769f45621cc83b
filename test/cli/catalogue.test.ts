/** Every code that a person can meet has its texts, and every text has a code that is used. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Messages } from '#agent/core/messages/catalogue.ts';
import { areas, catalogue, render } from '#agent/core/messages/index.ts';

const sources = readdirSync('agent', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.includes('messages/'))
  .map((path) => ({ path, text: readFileSync(`agent/${path}`, 'utf8') }));

/** Literals of the same form that are no codes for people: errnos, labels, algorithms, HTTP answers, the YAML parser's. */
const noCodes =
  /^(E[A-Z0-9]+|ERR_.*|TOI_MAT|TUYET_MAT|CKR_.*|HPKE_.*|MLKEM.*|UV_.*|METHOD_NOT_ALLOWED|NOT_FOUND|[A-Z]+_SOCKET|[A-Z]+_USEC|TOO_MANY_ALIASES|ABORT_ERR|LEVEL_.*|DONGBO_WRONG_CERTIFICATE)$/;

const codesIn = (text: string): string[] =>
  [...text.matchAll(/'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g)].flatMap(([, code]) => code ?? []);

const upper = (code: string): boolean => /^[A-Z]/.test(code);

describe('the catalogue', () => {
  it('has every area of core/messages/', async () => {
    const files = readdirSync('agent/core/messages')
      .filter((file) => file !== 'index.ts')
      .map((file) => file.replace(/\.ts$/, ''));
    const found: Messages[] = [];
    for (const file of files) {
      const module: Record<string, Messages> = await import(`#agent/core/messages/${file}.ts`);
      for (const [name, value] of Object.entries(module)) if (name.endsWith('Messages')) found.push(value);
    }
    expect(new Set(areas)).toEqual(new Set(found));
  });

  it('has each code once', () => {
    const codes = areas.flatMap((area) => Object.keys(area));
    expect(codes.filter((code, i) => codes.indexOf(code) !== i)).toEqual([]);
  });

  it('has every code that the code uses', () => {
    const missing = sources.flatMap(({ path, text }) =>
      codesIn(text)
        .filter((code) => !noCodes.test(code) && !Object.hasOwn(catalogue, code))
        .map((code) => `${path}: ${code}`),
    );
    expect([...new Set(missing)]).toEqual([]);
  });

  it('has no code that nothing uses', () => {
    const used = new Set(sources.flatMap(({ text }) => codesIn(text)));
    const single = (code: string) => sources.some(({ text }) => text.includes(`'${code}'`));
    const unused = Object.keys(catalogue).filter((code) => upper(code) && !used.has(code) && !single(code));
    expect(unused).toEqual([]);
  });

  it('has four texts for each code, the Vietnamese ones with diacritics, both with the same placeholders', () => {
    const holes = (text: string) => new Set(text.match(/\{\w+\}/g));
    const faults = Object.entries(catalogue).flatMap(([code, { en, vi, doEn, doVi }]) => {
      const whole = [en, vi, doEn, doVi].every((text) => text.trim() === text && text.length > 3);
      const accents = /[\u00c0-\u1ef9]/.test(vi) && /[\u00c0-\u1ef9]/.test(doVi);
      const same = holes(en).symmetricDifference(holes(vi)).size === 0;
      return whole && accents && same ? [] : [code];
    });
    expect(faults).toEqual([]);
  });
});

describe('render', () => {
  it('fills placeholders, and shows those without a value', () => {
    expect(render('FILE_UNREADABLE', { file: 'a', errno: 'EIO' }, 'en')).toEqual({
      code: 'FILE_UNREADABLE',
      what: 'The file a cannot be read (EIO)',
      todo: 'Check the name and the permissions.',
    });
    expect(render('FILE_UNREADABLE', { file: 'a' }, 'vi').what).toBe('Không đọc được tệp a ({errno})');
  });

  it('shows a code without texts with its details', () => {
    expect(render('NEW_CODE', { a: 1 }, 'en').what).toBe('Unexpected: NEW_CODE a=1');
    expect(render('constructor', {}, 'en').what).toBe('Unexpected: constructor');
  });

  it('lets no detail drive the terminal', () => {
    const details = { file: '\u001b[31mred\u202e', errno: '$&{file}' };
    expect(render('FILE_UNREADABLE', details, 'en').what).toBe(
      'The file \ufffd[31mred\ufffd cannot be read ($&{file})',
    );
  });
});

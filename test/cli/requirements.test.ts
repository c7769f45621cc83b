/** The table of R01 to R38: whole, each with what it is asked to show, and no word of a claim. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { requirementKinds } from '#agent/cli/dossier/dossier-schema.ts';
import { requirements } from '#agent/cli/dossier/requirements.ts';

const all = Object.entries(requirements);

describe('the requirements', () => {
  it('are R01 to R38, in order, each once', () => {
    const ids = Array.from({ length: 38 }, (_, i) => `R${String(i + 1).padStart(2, '0')}`);
    expect(all.map(([id]) => id)).toEqual(ids);
  });

  it.each(all)('%s has both languages, and says how it stands', (_id, { kind, must, how, duty }) => {
    expect(requirementKinds).toContain(kind);
    for (const words of [must, how, ...(duty ? [duty] : [])]) {
      expect(words.en.length).toBeGreaterThan(10);
      expect(words.vi).toMatch(/[\u00c0-\u1ef9]/);
    }
  });

  it.each(all)(
    '%s names test files that are there, when it is met by design',
    (_id, { kind, tests = [] }) => {
      expect(tests.filter((file) => !existsSync(file))).toEqual([]);
      for (const file of tests) expect(file).toMatch(/^test\/.+\.test\.ts$/);
      if (kind === 'by-design') expect(tests.length).toBeGreaterThan(0);
    },
  );

  it.each(all)('%s has a setting, when it is met by configuration', (_id, { kind, settings }) => {
    if (kind === 'by-configuration') expect(settings).toBeDefined();
  });

  it('claim no conformity', () => {
    const banned = /hợp quy|hợp chuẩn|certif(?:y|ied|ication\b)|conform|compliant|chứng nhận/i;
    const texts = all.flatMap(([, { must, how, duty }]) =>
      [must, how, duty].flatMap((words) => (words ? [words.en, words.vi] : [])),
    );
    expect(texts.filter((text) => banned.test(text))).toEqual([]);
  });
});

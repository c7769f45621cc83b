import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conflictName } from '#agent/core/conflict-name.ts';
import { checkPath, foldKey, joinPath, nameOf, parentOf } from '#agent/core/path.ts';

describe('paths', () => {
  it.each([
    'a',
    'báo cáo/quý 1.docx',
    '.gitignore',
    'a/.dongbo',
    '.dongbox',
    'x'.repeat(255),
    'ệ'.repeat(85),
  ])('takes %s', (path) => expect(checkPath(path)).toBeUndefined());

  it.each([
    ['', 'empty'],
    ['/a', 'absolute'],
    ['a//b', 'empty component'],
    ['a/', 'empty component'],
    ['.', 'component .'],
    ['a/..', 'component ..'],
    ['a\0', 'NUL'],
    ['\ud83d', 'lone surrogate'],
    ['x'.repeat(256), 'component of more than 255 bytes'],
    ['ệ'.repeat(86), 'component of more than 255 bytes'],
    ['ab/'.repeat(1366), 'more than 4096 bytes'],
    ['.dongbo', 'reserved folder'],
    ['.DONGBO/stage/x', 'reserved folder'],
  ])('refuses %j: %s', (path, rule) => expect(checkPath(path)).toBe(rule));

  it('come apart and together', () => {
    expect([parentOf('a/b/c'), nameOf('a/b/c'), parentOf('a'), nameOf('a')]).toEqual(['a/b', 'c', '', 'a']);
    for (const path of ['a', 'a/b', 'a/b/c']) expect(joinPath(parentOf(path), nameOf(path))).toBe(path);
  });

  it.each([
    ['Công Văn', 'công văn'],
    ['công văn'.normalize('NFD'), 'công văn'],
    ['STRASSE', 'straße'],
    ['STRAẞE', 'strasse'],
    ['ΟΔΟΣ', 'οδος'],
  ])('%s and %s are one name to a folding target', (a, b) => expect(foldKey(a)).toBe(foldKey(b)));

  it('a key has itself as key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (s) => {
        expect(foldKey(foldKey(s))).toBe(foldKey(s));
      }),
    );
  });

  it('keeps different names apart', () => expect(foldKey('a')).not.toBe(foldKey('á')));
});

describe('names of conflict copies', () => {
  const time = new Date('2026-07-01T08:09:10.123Z');
  const free = () => false;

  it.each([
    ['kế hoạch.docx', 'kế hoạch (xung đột H29.12 2026-07-01 08-09-10).docx'],
    ['a/b/số liệu', 'a/b/số liệu (xung đột H29.12 2026-07-01 08-09-10)'],
    ['.bashrc', '.bashrc (xung đột H29.12 2026-07-01 08-09-10)'],
    ['x.một phần mở rộng quá dài', 'x.một phần mở rộng quá dài (xung đột H29.12 2026-07-01 08-09-10)'],
  ])('%s', (path, expected) => expect(conflictName(path, 'H29.12', time, free)).toBe(expected));

  it('counts on while the name is taken', () => {
    const taken = new Set([conflictName('a.txt', 'H29', time, free)]);
    const second = conflictName('a.txt', 'H29', time, (p) => taken.has(p));
    expect(second).toBe('a (xung đột H29 2026-07-01 08-09-10 2).txt');
  });

  it('is a path that may travel, whatever the name', () => {
    const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 255 });
    fc.assert(
      fc.property(part, (name) => {
        fc.pre(checkPath(name) === undefined);
        const copy = conflictName(name, 'H29.12.34.56', time, free);
        expect(checkPath(copy)).toBeUndefined();
        expect(Buffer.byteLength(copy)).toBeLessThanOrEqual(255);
      }),
    );
  });
});

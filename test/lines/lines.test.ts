/** Who moves a safety line moves the list along: `npm run test:lines` takes each of them out. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLines, timesIn } from './list.ts';

const root = resolve(import.meta.dirname, '../..');
const lines = readLines();
const read = (file: string): string => {
  const path = resolve(root, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

describe('each safety line', () => {
  it('stands exactly once where the list says', () => {
    const places = lines.flatMap(({ name, edits }) =>
      edits.map(({ file, take }) => ({ name, file, times: timesIn(read(file), take) })),
    );
    expect(places.filter(({ times }) => times !== 1)).toEqual([]);
  });

  it('has tests that are there', () => {
    const tests = lines.flatMap(({ name, tests, only }) => tests.map((file) => ({ name, file, only })));
    const gone = tests.filter(({ file, only }) => !read(file).includes(only ?? ''));
    expect(gone).toEqual([]);
    expect(tests.filter(({ file }) => !file.endsWith('.test.ts'))).toEqual([]);
  });

  it('has a name of its own, and changes something', () => {
    const names = lines.map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    const idle = lines.filter(({ edits }) => edits.some(({ take, put }) => take === put));
    expect(idle).toEqual([]);
    const unsaid = lines.filter(({ edits, twice }) => edits.length > 1 !== (twice !== undefined));
    expect(unsaid.map(({ name }) => name)).toEqual([]);
  });
});

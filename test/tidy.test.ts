/** Keeps the shape of the project: who imports whom, how long things are, what is banned and what to use instead. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { banFaults, nameFaults } from './tidy/bans.ts';
import { type FunctionFound, functionsOf } from './tidy/functions.ts';
import { importFaults } from './tidy/imports.ts';
import { readSources, root, type Source, takeApart } from './tidy/source.ts';

const sources = readSources('agent', 'test');
const inAgent = sources.filter((s) => s.path.startsWith('agent/'));

const maxFile = 300;
const usualFile = 150;
const maxFunction = 70;
const usualFunction = 20;

const share = <T>(all: readonly T[], holds: (one: T) => boolean): number =>
  all.length === 0 ? 1 : all.filter(holds).length / all.length;

describe('the project', () => {
  it('follows the import table', () => {
    expect(sources.flatMap(importFaults)).toEqual([]);
  });

  it('uses nothing banned', () => {
    expect(sources.flatMap(banFaults)).toEqual([]);
    expect(sources.flatMap(nameFaults)).toEqual([]);
  });

  it('has no top-level folder but those of docs/architecture.md', () => {
    const allowed = ['agent', 'config', 'docs', 'node_modules', 'systemd', 'test'];
    const folders = readdirSync(root, { withFileTypes: true }).filter((e) => e.isDirectory());
    const others = folders
      .map((e) => e.name)
      .filter((name) => !name.startsWith('.') && !allowed.includes(name));
    expect(others, 'put the files into one of the folders that exist').toEqual([]);
  });

  it('has short files', () => {
    const long = sources.filter((s) => s.lines > maxFile);
    const faults = long.map(
      (s) => `${s.path}: ${s.lines} lines, at most ${maxFile}: move one of its things out`,
    );
    expect(faults).toEqual([]);
    for (const group of [inAgent, sources]) {
      const usual = share(group, (s) => s.lines <= usualFile);
      expect(usual, `split the longest files: ${longest(group)}`).toBeGreaterThanOrEqual(0.7);
    }
  });

  it('has short functions', () => {
    const all = sources.flatMap(functionsOf);
    const long = all.filter((f) => f.lines > maxFunction);
    expect(
      long.map((f) => `${place(f)}: ${f.lines} lines, at most ${maxFunction}: extract its steps`),
    ).toEqual([]);
    // Callbacks of one line would make the share look better than it is.
    const blocks = all.filter((f) => f.lines > 1);
    const usual = share(blocks, (f) => f.lines <= usualFunction);
    expect(usual, 'extract steps: most functions have up to 20 lines').toBeGreaterThanOrEqual(0.8);
  });
});

const place = (f: FunctionFound): string => `${f.path}:${f.line} ${f.name}`;

const longest = (group: readonly Source[]): string =>
  [...group]
    .sort((a, b) => b.lines - a.lines)
    .slice(0, 10)
    .map((s) => `${s.path} ${s.lines}`)
    .join(', ');

const fake = (path: string, text: string): Source => takeApart(path, text);

describe('the checks themselves', () => {
  it.each([
    ['agent/core/a.ts', "import { b } from '#agent/sys/b.ts';"],
    ['agent/core/a.ts', "import { readFile } from 'node:fs/promises';"],
    ['agent/core/a.ts', "import type { Store } from '#agent/store/store.ts';"],
    ['agent/feed/a.ts', "import { b } from '#agent/seal/b.ts';"],
    ['agent/feed/a.ts', "import {\n  type A,\n} from '#agent/store/store.ts';"],
    ['agent/feed/a.ts', "export { b } from '../seal/b.ts';"],
    ['agent/feed/a.ts', "const b = await import('#agent/cli/b.ts');"],
    ['agent/exchange/a.ts', "import { statSync } from 'node:fs';"],
    ['agent/apply/a.ts', "import { setTimeout } from 'node:timers/promises';"],
    ['agent/odd/a.ts', "import { b } from '#agent/core/b.ts';"],
    ['agent/agent.ts', "import { b } from '#test/b.ts';"],
  ])('find a forbidden import in %s: %s', (path, text) => {
    expect(importFaults(fake(path, text))).toHaveLength(1);
  });

  it.each([
    [
      'agent/feed/a.ts',
      "import { b } from '#agent/core/b.ts';\nimport { c } from './c.ts';\nimport 'node:fs';",
    ],
    ['agent/apply/a.ts', "import type { Store } from '#agent/store/store.ts';"],
    ['agent/agent.ts', "import { b } from '#agent/seal/b.ts';"],
    ['agent/core/a.ts', "// import { b } from '#agent/sys/b.ts';\nconst text = \"from '#agent/sys/b.ts'\";"],
  ])('allow the imports of %s', (path, text) => {
    expect(importFaults(fake(path, text))).toEqual([]);
  });

  it.each([
    'const t = Date.now();',
    'const t = new Date();',
    'setTimeout(run, 5);',
    'const x = Math.random();',
    'const b = randomBytes(3);',
    'console.log(1);',
    'let a: any;',
    'const a = b as any;',
    'export default a;',
    'enum A { B }',
    '// @ts-ignore',
    '/* biome-ignore lint: x */',
    "const o = ['--insecure'];",
    'const o = { rejectUnauthorized: false };',
    'process.exit(1);',
    'const port = await freePort();',
    'const e = process.env.X;',
    ['const t = `a $', '{Date.now()} b`;'].join(''),
  ])('find a ban in %s', (text) => {
    expect(banFaults(fake('agent/apply/a.ts', text))).toHaveLength(1);
  });

  it.each([
    '// Date.now() is banned',
    "const s = 'new Date()';",
    ['const t = `Math.random() $', '{a} console.log`;'].join(''),
    'const r = /console.log("/; const d = new Date(ms);',
    'const x = a / b; const any = expect.any(Number);',
  ])('find nothing in %s', (text) => {
    expect(banFaults(fake('agent/apply/a.ts', text))).toEqual([]);
  });

  it('measure functions of every form', () => {
    const body = '\n  a();\n  b();\n';
    const forms = [
      `function f(a: number): { b: number } {${body}}`,
      `const f = async (a: () => void): Promise<Map<string, number>> => {${body}};`,
      `class A {\n  async *f<T>(a = g(1)): AsyncGenerator<T> {${body}} }`,
      `const f = (a: A): a is B => {${body}};`,
      `const f = () => ({${body}});`,
      `function f(): () => void {${body}}`,
      `function f(a: string): asserts a is B {${body}}`,
      `const o = { get f() {${body}} };`,
    ];
    for (const form of forms) {
      const found = functionsOf(fake('a.ts', form)).map((f) => f.lines);
      expect({ form, longest: Math.max(...found) }).toEqual({ form, longest: 4 });
    }
    expect(functionsOf(fake('a.ts', 'if (a) {\n\n}\nfor await (const b of c) {\n\n}\nf(a);'))).toEqual([]);
  });

  it('do not count nested tests as lines of the block around them', () => {
    const text = `describe('a', () => {\n  it('b', () => {${'\n'.repeat(50)}  });\n  const c = 1;\n});`;
    expect(functionsOf(fake('test/a.ts', text)).map((f) => f.lines)).toEqual([3, 51]);
  });
});

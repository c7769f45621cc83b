/** Finds functions by their parentheses: `( … ) => …` and `( … ): Type { … }`, without knowing any grammar beyond that. */
import { lineAt, type Source } from './source.ts';

export interface FunctionFound {
  readonly path: string;
  /** Line of its first parenthesis. */
  readonly line: number;
  readonly name: string;
  /** Lines from there to its end, without those of tests nested in it. */
  readonly lines: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

const pairs: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const notFunctions = new Set(['if', 'for', 'await', 'while', 'switch', 'catch', 'with']);
/** In a test: a function after a title, or that of a hook. */
const testBlock = /\(\s*['"`][^\n]*['"`],\s*$|\b(?:before|after)(?:Each|All)\($/;

export function functionsOf(source: Source): FunctionFound[] {
  const spans = spansOf(source.code);
  const tests = source.path.startsWith('test/') ? spans.filter((span) => testBlock.test(span.name)) : [];
  return spans.map((span) => {
    const inner = outermost(tests.filter((t) => t.start > span.start && t.end <= span.end));
    const nested = inner.map((t) => linesOf(source.code, t)).reduce((a, b) => a + b, 0);
    const lines = linesOf(source.code, span) - nested;
    return { path: source.path, line: lineAt(source.code, span.start), name: span.name.trim(), lines };
  });
}

const linesOf = (code: string, span: Span): number => code.slice(span.start, span.end).split('\n').length;

const outermost = (spans: readonly Span[]): readonly Span[] =>
  spans.filter((a) => !spans.some((b) => b.start < a.start && b.end >= a.end));

function spansOf(code: string): Span[] {
  const spans: Span[] = [];
  for (let start = code.indexOf('('); start >= 0; start = code.indexOf('(', start + 1)) {
    const end = endOfFunction(code, start);
    if (end !== undefined) spans.push({ start, end, name: nameBefore(code, start) });
  }
  return spans;
}

/** What stands before the parenthesis on its line: enough to recognise it by. */
function nameBefore(code: string, start: number): string {
  const line = code.slice(code.lastIndexOf('\n', start) + 1, start);
  return line.replace(/\basync\s*$/, '');
}

/** The offset after the body of the function whose parameters open at `start`; undefined when it is none. */
function endOfFunction(code: string, start: number): number | undefined {
  const word = /([\w$]+)\s*$/.exec(code.slice(Math.max(0, start - 40), start))?.[1];
  if (word && notFunctions.has(word)) return undefined;
  const close = matching(code, start);
  if (close === undefined) return undefined;
  const body = skipReturnType(code, skipBlanks(code, close + 1));
  if (code[body] === '{') return (matching(code, body) ?? code.length - 1) + 1;
  if (!code.startsWith('=>', body)) return undefined;
  const first = skipBlanks(code, body + 2);
  return code[first] === '{' ? (matching(code, first) ?? code.length - 1) + 1 : endOfExpression(code, first);
}

function skipBlanks(code: string, from: number): number {
  let i = from;
  while (/\s/.test(code[i] ?? '')) i++;
  return i;
}

/** The offset of the bracket that closes the one at `open`. */
function matching(code: string, open: number): number | undefined {
  const stack: string[] = [];
  for (let i = open; i < code.length; i++) {
    const one = code[i] ?? '';
    if (pairs[one]) stack.push(pairs[one]);
    else if (one === stack.at(-1)) stack.pop();
    if (stack.length === 0) return i;
  }
  return undefined;
}

/** From the colon of a return type to what follows the type: `{` of the body, `=>`, or something else. */
function skipReturnType(code: string, from: number): number {
  if (code[from] !== ':') return from;
  let needsType = true;
  for (let i = skipBlanks(code, from + 1); i < code.length; i = skipBlanks(code, i + 1)) {
    const one = code[i] ?? '';
    if (code.startsWith('=>', i)) {
      // The arrow of a function type stands after a parenthesis; ours stands after a whole type.
      if (!isFunctionType(code, from, i)) return i;
      i++;
      needsType = true;
    } else if (one === '{' && !needsType) return i;
    else if (pairs[one]) {
      i = matching(code, i) ?? code.length;
      needsType = false;
    } else if (one === '<') {
      i = matchingAngle(code, i);
      needsType = false;
    } else if (/[;,)\]}=]/.test(one)) return i;
    else if (/[|&:]/.test(one)) needsType = true;
    else if (/[\w$'"]/.test(one)) {
      const word = /^[\w$]+/.exec(code.slice(i))?.[0] ?? one;
      i += word.length - 1;
      needsType = /^(?:is|extends|keyof|typeof|readonly|asserts)$/.test(word);
    }
  }
  return code.length;
}

/** The `>` that closes type arguments; the one of an arrow closes nothing. */
function matchingAngle(code: string, open: number): number {
  let depth = 0;
  for (let i = open; i < code.length; i++) {
    if (code[i] === '<') depth++;
    if (code[i] === '>' && code[i - 1] !== '=') depth--;
    if (depth === 0) return i;
  }
  return code.length;
}

const isFunctionType = (code: string, from: number, arrow: number): boolean =>
  /^:\s*(?:[\w$]+\s*\|\s*)?\([^()]*\)\s*$/.test(code.slice(from, arrow));

/** The end of an expression: the first `;`, `,` or closing bracket that is not inside another bracket. */
function endOfExpression(code: string, from: number): number {
  for (let i = from; i < code.length; i++) {
    const one = code[i] ?? '';
    if (pairs[one]) i = matching(code, i) ?? code.length;
    else if (/[;,)\]}]/.test(one)) return i;
  }
  return code.length;
}

/**
 * Reads a source file and takes its text apart: code with the inside of strings and comments blanked out, and the
 * comments alone. Both keep every offset and line break, so a place found in one is the place in the file. TypeScript
 * 7 has no stable API to ask, hence this small scanner.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Source {
  /** From the root of the project: 'agent/core/path.ts'. */
  readonly path: string;
  readonly text: string;
  readonly code: string;
  readonly comments: string;
  readonly lines: number;
}

export function readSources(...folders: readonly string[]): Source[] {
  const files = folders.flatMap((folder) => typeScriptFiles(join(root, folder)));
  return files.map((file) => takeApart(relative(root, file), readFileSync(file, 'utf8')));
}

function typeScriptFiles(dir: string): string[] {
  const entries = readdirSync(dir, { withFileTypes: true, recursive: true });
  const files = entries.filter((e) => e.isFile() && e.name.endsWith('.ts'));
  return files.map((e) => join(e.parentPath, e.name)).sort();
}

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

export function takeApart(path: string, text: string): Source {
  const scanner = new Scanner(text);
  const { code, comments } = scanner.run();
  return { path, text, code, comments, lines: text.trimEnd().split('\n').length };
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');
/** After these a slash begins a regular expression; after anything else it divides. */
const beforeRegex =
  /(?:^|[({[,;=:?!&|+\-*%<>~^}]|\b(?:return|typeof|case|in|of|await|yield|throw|else|do|void))\s*$/;

class Scanner {
  readonly #text: string;
  #at = 0;
  #code = '';
  #comments = '';
  /** Depths of braces at which a `${` of a template opened. */
  readonly #templates: number[] = [];
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): { code: string; comments: string } {
    while (this.#at < this.#text.length) this.#step();
    return { code: this.#code, comments: this.#comments };
  }

  #step(): void {
    const two = this.#text.slice(this.#at, this.#at + 2);
    const one = two[0] ?? '';
    if (two === '//') this.#comment(this.#until('\n'));
    else if (two === '/*') this.#comment(this.#until('*/') + 2);
    else if (one === "'" || one === '"') this.#quoted(this.#endOfLiteral(one));
    else if (one === '`') this.#template();
    else if (one === '/' && beforeRegex.test(this.#code.slice(-40))) this.#quoted(this.#endOfRegex());
    else if (one === '}' && this.#templates.at(-1) === this.#depth) this.#closeSubstitution();
    else this.#plain(one);
  }

  #plain(one: string): void {
    if (one === '{') this.#depth++;
    if (one === '}') this.#depth--;
    this.#take(one, blank(one), 1);
  }

  #take(code: string, comments: string, length: number): void {
    this.#code += code;
    this.#comments += comments;
    this.#at += length;
  }

  #until(end: string): number {
    const found = this.#text.indexOf(end, this.#at);
    return found < 0 ? this.#text.length : found;
  }

  #comment(end: number): void {
    const text = this.#text.slice(this.#at, end);
    this.#take(blank(text), text, text.length);
  }

  /** Keeps the first and the last character, blanks what is between. */
  #quoted(end: number): void {
    const text = this.#text.slice(this.#at, end);
    this.#take(`${text[0]}${blank(text.slice(1, -1))}${text.at(-1)}`, blank(text), text.length);
  }

  #endOfLiteral(quote: string): number {
    let i = this.#at + 1;
    while (i < this.#text.length && this.#text[i] !== quote) i += this.#text[i] === '\\' ? 2 : 1;
    return i + 1;
  }

  #endOfRegex(): number {
    let inClass = false;
    let i = this.#at + 1;
    for (; i < this.#text.length && (inClass || this.#text[i] !== '/'); i++) {
      if (this.#text[i] === '\\') i++;
      else if (this.#text[i] === '[') inClass = true;
      else if (this.#text[i] === ']') inClass = false;
    }
    return i + 1;
  }

  /** From a backquote, or from the end of a substitution, to the next `${` or the closing backquote. */
  #template(): void {
    let i = this.#at + 1;
    while (i < this.#text.length && this.#text[i] !== '`' && this.#text.slice(i, i + 2) !== '${') {
      i += this.#text[i] === '\\' ? 2 : 1;
    }
    const opens = this.#text[i] === '$';
    this.#quoted(i + 1);
    if (!opens) return;
    this.#take('{', ' ', 1);
    this.#depth++;
    this.#templates.push(this.#depth);
  }

  #closeSubstitution(): void {
    this.#templates.pop();
    this.#depth--;
    this.#template();
  }
}

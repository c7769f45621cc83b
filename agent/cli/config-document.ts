/** A YAML text whose values know their place in the file. */
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { FieldPath } from './config-issues.ts';

/** One-based, as editors count. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface SyntaxFault extends Place {
  /** The parser's own name of the fault, such as DUPLICATE_KEY. */
  readonly detail: string;
}

/** Aliases may refer to other parts, but not blow a small file up to a large one. */
const maxAliases = 100;

export class ConfigDocument {
  readonly #doc: Document.Parsed;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    this.#doc = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
  }

  get syntaxFaults(): SyntaxFault[] {
    return this.#doc.errors.map((e) => ({ ...this.#place(e.pos[0]), detail: e.code }));
  }

  /** The values as plain objects; an empty file is an empty map. Throws ReferenceError on too many aliases. */
  get value(): unknown {
    return this.#doc.toJS({ maxAliasCount: maxAliases }) ?? {};
  }

  /** What is written at `path`; undefined when the key is absent. */
  valueAt(path: FieldPath): unknown {
    let value = this.value;
    for (const part of path) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = (value as Record<string | number, unknown>)[part];
    }
    return value;
  }

  /** The place of a value, or of its key; of the nearest part above when it is absent. */
  placeOf(path: FieldPath, atKey = false): Place {
    let node: unknown = this.#doc.contents;
    let offset = startOf(node) ?? 0;
    for (const [depth, part] of path.entries()) {
      const last = depth === path.length - 1;
      const next = this.#child(node, part);
      const found = startOf(last && atKey ? next?.key : (next?.value ?? next?.key));
      if (found === undefined) break;
      offset = found;
      node = next?.value;
    }
    return this.#place(offset);
  }

  #child(node: unknown, part: string | number): { key?: unknown; value: unknown } | undefined {
    const target = isAlias(node) ? node.resolve(this.#doc) : node;
    if (isSeq(target)) return { value: target.items[Number(part)] };
    if (!isMap(target)) return undefined;
    return target.items.find(({ key }) => (isScalar(key) ? key.value : key) === part);
  }

  #place(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

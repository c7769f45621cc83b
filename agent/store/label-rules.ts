/** Which label the rules of a store give to a path, told without opening anything. */
import type { Label, Secrecy } from '#agent/core/label.ts';
import { isSecrecy, type LabelRule, labelFrom } from '#agent/core/label-rules.ts';
import { IgnoreRules } from './ignore.ts';
import type { FoundKind } from './store.ts';

export interface Labelled {
  /** Undefined when no rule gives one. */
  readonly label: Label | undefined;
  /** Those that apply, in the order of the configuration. */
  readonly rules: readonly LabelRule[];
}

export class LabelRules {
  readonly #rules: readonly { readonly rule: LabelRule; readonly pattern: IgnoreRules }[];
  readonly #secret: readonly IgnoreRules[];

  constructor(rules: readonly LabelRule[]) {
    this.#rules = rules.map((rule) => ({ rule, pattern: new IgnoreRules([rule.path]) }));
    this.#secret = this.#rules.filter(({ rule }) => isSecrecy(rule.secrecy)).map(({ pattern }) => pattern);
  }

  /** Whether there are rules at all. */
  get any(): boolean {
    return this.#rules.length > 0;
  }

  get secretRules(): number {
    return this.#secret.length;
  }

  /** Whether a rule names that level. */
  names(level: Secrecy): boolean {
    return this.#rules.some(({ rule }) => rule.secrecy === level);
  }

  of(path: string, kind: FoundKind): Labelled {
    const rules = this.#rules.filter(({ pattern }) => pattern.excludes(path, kind)).map(({ rule }) => rule);
    return { label: labelFrom(rules), rules };
  }

  /** Whether a rule makes the path a state secret: then not even its name may be taken down. */
  isSecret(path: string, kind: FoundKind): boolean {
    return this.#secret.some((pattern) => pattern.excludes(path, kind));
  }
}

/** The rules of one place, the configuration or a label file, whose patterns are relative to one folder. */
import { type AppliedRule, isSecrecy, type LabelRule } from '#agent/core/label-rules.ts';
import { parentOf } from '#agent/core/path.ts';
import type { PlacedRule } from '#agent/core/secret-rules.ts';
import { IgnoreRules } from './ignore.ts';
import type { FoundKind } from './store.ts';

/** Rules are many, and each remembers for itself. */
const remembered = 64;

/** In a label file: the folder itself, as a package, and everything in it. */
const whole = '.';

interface Ruled {
  readonly rule: LabelRule;
  readonly pattern: IgnoreRules;
  readonly applied: AppliedRule;
}

export class RuleSet {
  /** '' for the root. */
  readonly base: string;
  readonly rules: readonly LabelRule[];
  readonly #ruled: readonly Ruled[];
  readonly #secret: readonly Ruled[];
  readonly #packages: readonly Ruled[];

  /** `where`: the label file that they stand in, or that they stand nowhere any more. */
  constructor(base: string, rules: readonly LabelRule[], where: Pick<AppliedRule, 'file' | 'gone'> = {}) {
    this.base = base;
    this.rules = rules;
    this.#ruled = rules.map((rule) => ({
      rule,
      pattern: new IgnoreRules([rule.path === whole ? '**' : rule.path], remembered),
      applied: { ...rule, ...where },
    }));
    this.#secret = this.#ruled.filter(({ rule }) => isSecrecy(rule.secrecy));
    this.#packages = this.#ruled.filter(({ rule }) => rule.package === true);
  }

  /** Those that apply, in their order. `path` lies beneath `base`. */
  over(path: string, kind: FoundKind): AppliedRule[] {
    const inside = this.#inside(path);
    return this.#ruled.filter(({ pattern }) => pattern.excludes(inside, kind)).map(({ applied }) => applied);
  }

  isSecret(path: string, kind: FoundKind): boolean {
    if (this.#secret.length === 0) return false;
    const inside = this.#inside(path);
    return this.#secret.some(({ pattern }) => pattern.excludes(inside, kind));
  }

  get secrets(): readonly PlacedRule[] {
    return this.#secret.map(({ rule }) => ({ base: this.base, rule }));
  }

  /** Whether a rule makes this very folder a package; what lies in one is no package of its own. */
  isPackage(dir: string): boolean {
    if (this.#packages.length === 0) return false;
    if (dir === this.base) return this.#packages.some(({ rule }) => rule.path === whole);
    const inside = this.#inside(dir);
    return this.#packages.some(
      ({ rule, pattern }) =>
        rule.path !== whole && pattern.excludes(inside, 'dir') && !pattern.excludes(parentOf(inside), 'dir'),
    );
  }

  #inside(path: string): string {
    return this.base === '' ? path : path.slice(this.base.length + 1);
  }
}

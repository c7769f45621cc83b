/**
 * Which label a path has by the rules of the configuration, of label files and by decisions, told without opening
 * anything but label files. The highest of all wins.
 */
import type { Problem } from '#agent/core/errors.ts';
import type { Label, Secrecy } from '#agent/core/label.ts';
import { LabelMemory } from '#agent/core/label-memory.ts';
import { type AppliedRule, highestOf, type LabelRule, labelFrom } from '#agent/core/label-rules.ts';
import { parentOf } from '#agent/core/path.ts';
import type { PlacedRule } from '#agent/core/secret-rules.ts';
import type { LabelFiles } from './label-files.ts';
import { RuleSet } from './rule-set.ts';
import type { FoundKind } from './store.ts';

export interface Labelled {
  /** Undefined when no rule and no decision gives one. */
  readonly label: Label | undefined;
  /** Those that apply: of the configuration, of label files from the root down, decisions. */
  readonly rules: readonly AppliedRule[];
}

export class LabelRules {
  readonly memory: LabelMemory;
  readonly #configured: RuleSet;
  readonly #withheld = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #files: LabelFiles | undefined;
  /** Rules that made secrets and stand nowhere any more. */
  #gone: readonly { readonly placed: PlacedRule; readonly set: RuleSet }[] = [];

  constructor(rules: readonly LabelRule[], memory: LabelMemory = LabelMemory.blank()) {
    this.#configured = new RuleSet('', rules);
    this.memory = memory;
    this.settleSecrets();
  }

  /** Whether the configuration has rules: then an item that no rule names is not shared. */
  get configured(): boolean {
    return this.#configured.rules.length > 0;
  }

  /** Whether there is anything that could give a label. */
  get any(): boolean {
    const { decisions, packages } = this.memory;
    return this.configured || (this.#files?.any ?? false) || decisions.any || packages.any;
  }

  /** By the store, which reads them; they count for what it looks at afterwards. */
  useFiles(files: LabelFiles): void {
    this.#files = files;
  }

  get files(): LabelFiles | undefined {
    return this.#files;
  }

  /** Told when what was looked at before may have another label now. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  changed(): void {
    this.settleSecrets();
    for (const listener of this.#listeners) listener();
  }

  /** Whether a rule, a decision or a package names that level. */
  names(level: Secrecy): boolean {
    const { decisions, packages } = this.memory;
    return (
      [...this.#standing(), ...this.#gone.map(({ placed }) => placed)].some(
        ({ rule }) => rule.secrecy === level,
      ) ||
      decisions.entries.some(({ parts }) => parts.secrecy?.value === level) ||
      packages.entries.some(({ label }) => label.secrecy === level)
    );
  }

  /** What is asked of the path itself; of a package it may be part of tells `packageLabel`. */
  of(path: string, kind: FoundKind): Labelled {
    const rules = [...this.#sets(path)].flatMap((set) => set.over(path, kind));
    for (const { set } of this.#goneOver(path, kind)) rules.push(...set.over(path, kind));
    rules.push(...this.memory.decisions.rulesOver(path));
    return { label: labelFrom(rules), rules };
  }

  /** What the packages that `path` lies in have come to carry. */
  packageLabel(path: string): Label | undefined {
    return this.memory.packages.labelOver(path);
  }

  /** The outermost folder that is a package and holds `path`, or is it. */
  packageOver(path: string, kind: FoundKind): string | undefined {
    if (!this.any) return undefined;
    for (let at = 0; at >= 0; at = path.indexOf('/', at + 1)) {
      const dir = path.slice(0, at);
      if (this.isPackage(dir)) return dir;
    }
    return kind === 'dir' && this.isPackage(path) ? path : undefined;
  }

  isPackage(dir: string): boolean {
    const { decisions, packages } = this.memory;
    if (packages.isPackage(dir) || decisions.isPackage(dir)) return true;
    // A label file may make a package of its own folder.
    for (const set of this.#sets(dir === '' ? '.' : `${dir}/.`)) if (set.isPackage(dir)) return true;
    return false;
  }

  /** For packages that could not be looked through: nothing of them is shared until they can. */
  withhold(dir: string, withheld: boolean): void {
    if (withheld) this.#withheld.add(dir);
    else this.#withheld.delete(dir);
  }

  /** Those in `dir` of which that is so. */
  withheldIn(dir: string): readonly string[] {
    return [...this.#withheld].filter((one) => one !== '' && parentOf(one) === dir);
  }

  /** Whether the path is a state secret: by a rule, one that was taken away too, by a decision or its package. */
  isSecret(path: string, kind: FoundKind): boolean {
    // The root is always listed, or nobody would see that its label file was mended.
    if (path === '') return false;
    for (const set of this.#sets(path)) if (set.isSecret(path, kind)) return true;
    const { decisions, packages } = this.memory;
    return this.#goneOver(path, kind).length > 0 || decisions.isSecret(path) || packages.isSecret(path);
  }

  /** Whether it may be one for all that is known: then it is not read, and not even its name may be taken down. */
  isUnknown(path: string): boolean {
    if (path === '') return false;
    return (
      this.brokenOver(path) !== undefined ||
      [...this.#withheld].some((dir) => dir === '' || path === dir || path.startsWith(`${dir}/`))
    );
  }

  /** The label file that hides the path because it cannot be used. */
  brokenOver(path: string): Problem | undefined {
    return this.#files?.brokenOver(path);
  }

  /** Whether a rule that made secrets stands in the configuration or in a label file. */
  stands({ base, rule }: PlacedRule): boolean {
    return this.#standing().some((one) => one.base === base && one.rule.path === rule.path);
  }

  /** Remembers those that stand; durable on return, before anything is listed under them. */
  async keepSecrets(): Promise<void> {
    await this.memory.keepSecrets(this.#standing());
    this.settleSecrets();
  }

  /** After a change of the rules, or of what is remembered of them. */
  settleSecrets(): void {
    const standing = new Set(this.#standing().map(({ base, rule }) => `${base}\0${rule.path}`));
    this.#gone = this.memory.secrets.placed
      .filter(({ base, rule }) => !standing.has(`${base}\0${rule.path}`))
      .map((placed) => ({ placed, set: new RuleSet(placed.base, [placed.rule], { gone: true }) }));
  }

  #standing(): readonly PlacedRule[] {
    return [...this.#configured.secrets, ...(this.#files?.secrets ?? [])];
  }

  #goneOver(path: string, kind: FoundKind) {
    if (this.#gone.length === 0) return [];
    return this.#gone.filter(
      ({ placed, set }) =>
        (placed.base === '' || path.startsWith(`${placed.base}/`)) &&
        set.isSecret(path, kind) &&
        !this.memory.secrets.isLifted(placed, path),
    );
  }

  *#sets(path: string): Generator<RuleSet> {
    yield this.#configured;
    if (this.#files) yield* this.#files.over(path);
  }
}

/** The label of a part of a package: at least that of the package, once it has one of its own. */
export const withPackage = (own: Label | undefined, pack: Label | undefined): Label | undefined =>
  own && highestOf([own, pack]);

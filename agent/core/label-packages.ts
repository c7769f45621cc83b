/**
 * What packages carry (R04): the highest label that any of their parts ever had, until a person lowers it. A package
 * that is a state secret is kept under tags only.
 */
import { z } from 'zod';
import {
  highestLabel,
  type Label,
  labelWithin,
  personalDataKinds,
  secrecies,
  sensitivities,
} from './label.ts';
import { type LabelDecision, labelParts } from './label-decisions.ts';
import { isSecrecy, lowestLabel } from './label-rules.ts';
import { parentOf } from './path.ts';
import type { PathTags } from './path-tags.ts';

/** `above`: the tags of the root and of the directories above it. */
export const packageEntry = z.strictObject({
  tag: z.string(),
  above: z.array(z.string()),
  label: z.strictObject({
    sensitivity: z.enum(sensitivities),
    secrecy: z.enum(secrecies),
    personalData: z.enum(personalDataKinds),
  }),
});
export type PackageEntry = z.output<typeof packageEntry>;

export const maxPackages = 1000;

export class PackageLabels {
  readonly #tags: PathTags;
  readonly #entries: Map<string, PackageEntry>;

  constructor(tags: PathTags, entries: readonly PackageEntry[]) {
    this.#tags = tags;
    this.#entries = new Map(entries.map((entry) => [entry.tag, entry]));
  }

  get any(): boolean {
    return this.#entries.size > 0;
  }

  get entries(): readonly PackageEntry[] {
    return [...this.#entries.values()];
  }

  /** Of the packages that hold `path` or are it, the highest. Undefined when it is in none. */
  labelOver(path: string): Label | undefined {
    if (!this.any) return undefined;
    const labels = this.#tags.chain(path).flatMap((tag) => this.#entries.get(tag)?.label ?? []);
    return labels.length === 0 ? undefined : labels.reduce(highestLabel);
  }

  isPackage(dir: string): boolean {
    return this.any && this.#entries.has(this.#tags.of(dir));
  }

  isSecret(path: string): boolean {
    return isSecrecy(this.labelOver(path)?.secrecy);
  }

  /** Whether that changed anything; undefined when there is no room for another package. */
  raise(dir: string, label: Label): boolean | undefined {
    const tag = this.#tags.of(dir);
    const before = this.#entries.get(tag);
    if (before && labelWithin(label, before.label)) return false;
    if (!before && this.#entries.size >= maxPackages) return undefined;
    const above = dir === '' ? [] : [...this.#tags.chain(parentOf(dir))];
    this.#entries.set(tag, { tag, above, label: highestLabel(label, before?.label ?? lowestLabel) });
    return true;
  }

  /** A decision on a package, or above it, begins anew in the parts that it names; what is in it counts again. */
  lower(decision: LabelDecision): void {
    const at = this.#tags.of(decision.path);
    for (const entry of this.entries) {
      if (entry.tag !== at && !entry.above.includes(at)) continue;
      if (decision.package === false) this.#entries.delete(entry.tag);
      else this.#entries.set(entry.tag, { ...entry, label: lowered(entry.label, decision) });
    }
  }
}

const lowered = (label: Label, decision: LabelDecision): Label => ({
  ...label,
  ...Object.fromEntries(
    labelParts.filter((part) => decision[part] !== undefined).map((part) => [part, lowestLabel[part]]),
  ),
});

/**
 * Rules that made state secrets stay in force when they are taken out of the configuration or of a label file, until a
 * person decides otherwise (R04). They are kept sealed: a pattern may hold a name.
 */
import { z } from 'zod';
import { DongboError } from './errors.ts';
import type { LabelRule } from './label-rules.ts';
import type { PathTags } from './path-tags.ts';

/** `lifted`: the tags of the paths that a person took out of it since it was gone. */
export const secretEntry = z.strictObject({ sealed: z.string(), lifted: z.array(z.string()) });
export type SecretEntry = z.output<typeof secretEntry>;

/** `base`: the folder of its label file; '' for the configuration. */
export interface PlacedRule {
  readonly base: string;
  readonly rule: LabelRule;
}

interface Kept extends PlacedRule {
  readonly sealed: string;
  readonly lifted: ReadonlySet<string>;
}

const maxKept = 4096;

export class SecretRules {
  readonly #tags: PathTags;
  readonly #kept: Map<string, Kept>;

  constructor(tags: PathTags, entries: readonly SecretEntry[]) {
    this.#tags = tags;
    this.#kept = new Map(
      entries.map(({ sealed, lifted }) => {
        const placed: PlacedRule = JSON.parse(tags.open(sealed));
        return [keyOf(placed), { ...placed, sealed, lifted: new Set(lifted) }];
      }),
    );
  }

  get entries(): readonly SecretEntry[] {
    return [...this.#kept.values()].map(({ sealed, lifted }) => ({ sealed, lifted: [...lifted] }));
  }

  get placed(): readonly PlacedRule[] {
    return [...this.#kept.values()];
  }

  /** Whether that changed anything. One that stands again is in force again, everywhere. Throws LABEL_SECRETS_FULL. */
  keep(placed: PlacedRule): boolean {
    const key = keyOf(placed);
    const before = this.#kept.get(key);
    if (before && before.lifted.size === 0 && before.rule.secrecy === placed.rule.secrecy) return false;
    if (!before && this.#kept.size >= maxKept)
      throw new DongboError('LABEL_SECRETS_FULL', { limit: maxKept });
    const { base, rule } = placed;
    this.#kept.set(key, {
      base,
      rule,
      sealed: this.#tags.seal(JSON.stringify({ base, rule })),
      lifted: new Set(),
    });
    return true;
  }

  /** Whether a person took `path` out of it. */
  isLifted(placed: PlacedRule, path: string): boolean {
    const lifted = this.#kept.get(keyOf(placed))?.lifted;
    return lifted !== undefined && lifted.size > 0 && this.#tags.chain(path).some((tag) => lifted.has(tag));
  }

  /** A decision on the secrecy of `path`, and of all beneath. `stands`: those are not touched by it. */
  lift(path: string, stands: (placed: PlacedRule) => boolean): void {
    for (const [key, kept] of this.#kept) {
      if (stands(kept)) continue;
      if (path === '' || kept.base === path || kept.base.startsWith(`${path}/`)) this.#kept.delete(key);
      else this.#kept.set(key, { ...kept, lifted: new Set([...kept.lifted, this.#tags.of(path)]) });
    }
  }
}

/** A pattern in a folder: another level of secrecy, or another decision, is the same rule. */
const keyOf = ({ base, rule }: PlacedRule): string => `${base}\0${rule.path}`;

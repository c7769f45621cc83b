/**
 * What people decided about the labels of paths: who, by which document, when. A decision covers what is beneath its
 * path. One that names a level of secrecy is kept under the tag of its path only, for not even a name may be taken down.
 */
import { z } from 'zod';
import { DongboError } from './errors.ts';
import { type Label, personalDataKinds, secrecies, sensitivities } from './label.ts';
import { type AppliedRule, isSecrecy, lowestLabel } from './label-rules.ts';
import type { PathTags } from './path-tags.ts';

export const labelParts = ['sensitivity', 'secrecy', 'personalData'] as const;
const decidable = [...labelParts, 'package'] as const;
type Part = (typeof decidable)[number];

/** A decision as it is given. `path` '' is the whole space. */
export interface LabelDecision {
  readonly path: string;
  readonly sensitivity?: (typeof sensitivities)[number];
  readonly secrecy?: (typeof secrecies)[number];
  readonly personalData?: (typeof personalDataKinds)[number];
  readonly package?: boolean;
  readonly decidedBy: string;
  readonly decisionRef: string;
}

/** `at` in milliseconds since the Unix epoch. `after`: how far each own feed had come when it was recorded. */
export interface Recorded {
  readonly at: number;
  readonly after: Readonly<Record<string, number>>;
}

/** A published record: of which own feed, and where in it; no feed for another node's. */
export interface PublishedAt {
  readonly feed: string | undefined;
  readonly seq: number;
}

const decidedBy = z.strictObject({
  decidedBy: z.string(),
  decisionRef: z.string(),
  at: z.number(),
  after: z.record(z.string(), z.int()),
});
const of = <T extends z.ZodType>(value: T) => decidedBy.extend({ value }).exactOptional();
export const decisionEntry = z.strictObject({
  tag: z.string(),
  path: z.string().exactOptional(),
  parts: z.strictObject({
    sensitivity: of(z.enum(sensitivities)),
    secrecy: of(z.enum(secrecies)),
    personalData: of(z.enum(personalDataKinds)),
    package: of(z.boolean()),
  }),
});
export type DecisionEntry = z.output<typeof decisionEntry>;

export const maxDecisions = 2000;

export class LabelDecisions {
  readonly #tags: PathTags;
  readonly #entries: Map<string, DecisionEntry>;

  constructor(tags: PathTags, entries: readonly DecisionEntry[]) {
    this.#tags = tags;
    this.#entries = new Map(entries.map((entry) => [entry.tag, entry]));
  }

  get any(): boolean {
    return this.#entries.size > 0;
  }

  get entries(): readonly DecisionEntry[] {
    return [...this.#entries.values()];
  }

  /** Replaces what was decided of the same path in the parts that it names. Throws LABEL_DECISIONS_FULL. */
  record(decision: LabelDecision, recorded: Recorded): void {
    const { path, decidedBy: by, decisionRef } = decision;
    const tag = this.#tags.of(path);
    const before = this.#entries.get(tag);
    if (!before && this.#entries.size >= maxDecisions)
      throw new DongboError('LABEL_DECISIONS_FULL', { limit: maxDecisions });
    const named = decidable.filter((part) => decision[part] !== undefined);
    const news = named.map((part) => [
      part,
      { value: decision[part], decidedBy: by, decisionRef, ...recorded },
    ]);
    const parts: DecisionEntry['parts'] = { ...before?.parts, ...Object.fromEntries(news) };
    const secret = isSecrecy(parts.secrecy?.value);
    this.#entries.set(tag, { tag, parts, ...(secret ? {} : { path }) });
  }

  /** Those that cover `path`, from the root down. */
  #over(path: string): readonly DecisionEntry[] {
    if (!this.any) return [];
    return this.#tags.chain(path).flatMap((tag) => this.#entries.get(tag) ?? []);
  }

  /** As rules, one for each part: each may have been decided by another person. */
  rulesOver(path: string): readonly AppliedRule[] {
    return this.#over(path).flatMap(rulesOf);
  }

  isSecret(path: string): boolean {
    return this.#over(path).some(({ parts }) => isSecrecy(parts.secrecy?.value));
  }

  isPackage(dir: string): boolean {
    return this.any && this.#entries.get(this.#tags.of(dir))?.parts.package?.value === true;
  }

  /** What is left of the floor that a publication set: a later decision lifts it, in the parts that it names. */
  floor(path: string, published: Label, { feed, seq }: PublishedAt): Label {
    if (feed === undefined) return published;
    const over = this.#over(path);
    const lifted = labelParts.filter((part) =>
      over.some(({ parts }) => (parts[part]?.after[feed] ?? -1) >= seq),
    );
    return { ...published, ...Object.fromEntries(lifted.map((part) => [part, lowestLabel[part]])) };
  }
}

export const rulesOf = ({ path = '', tag, parts }: DecisionEntry): AppliedRule[] =>
  decidable.flatMap((part: Part) => {
    const decided = parts[part];
    if (!decided) return [];
    const { value, decidedBy: by, decisionRef, at } = decided;
    const shown = path === '' && isSecrecy(parts.secrecy?.value) ? `#${tag}` : path;
    return [{ path: shown, [part]: value, decidedBy: by, decisionRef, at, item: tag }];
  });

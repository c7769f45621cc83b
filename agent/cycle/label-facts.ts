/** Everything that has a say in the label of one item, for people to read. */
import type { Row } from '#agent/core/item.ts';
import { labelClass } from '#agent/core/label.ts';
import type { AppliedRule } from '#agent/core/label-rules.ts';
import type { LabelRules } from '#agent/store/label-rules.ts';
import type { FoundKind } from '#agent/store/store.ts';
import type { LabelGate } from './label-gate.ts';

/** A class that the item was published under, by which node, and what of it still holds. */
export interface PublishedFact {
  readonly labelClass: string;
  readonly node: string;
  readonly holds: string;
}

export interface LabelFacts {
  /** Of the configuration, of label files, decisions, and what was taken away but holds. */
  readonly rules: readonly AppliedRule[];
  readonly published: readonly PublishedFact[];
  /** The package that it is part of; `labelClass` is absent while none of its parts has a label. */
  readonly package?: { readonly path: string; readonly labelClass?: string };
  /** Shared items that a decision has put above the agreement: others keep their copies. */
  readonly stays?: number;
  /** The outcome; '' when nothing gives it a label. */
  readonly labelClass: string;
}

export interface FactParts {
  readonly rules: LabelRules;
  readonly gate: Pick<LabelGate, 'label' | 'floors'>;
  readonly rowOf: (path: string) => Promise<Row | undefined>;
}

export async function labelFacts(parts: FactParts, path: string, kind: FoundKind): Promise<LabelFacts> {
  const { rules, gate } = parts;
  const row = await parts.rowOf(path);
  const label = await gate.label(path, kind, row);
  const floors = await gate.floors(path, row);
  const around = rules.packageOver(path, kind);
  const carried = rules.packageLabel(path);
  return {
    rules: rules.of(path, kind).rules,
    published: floors.map(({ published, author, floor }) => ({
      labelClass: labelClass(published),
      node: author.node,
      holds: labelClass(floor),
    })),
    ...(around === undefined
      ? {}
      : { package: { path: around, ...(carried ? { labelClass: labelClass(carried) } : {}) } }),
    labelClass: label ? labelClass(label) : '',
  };
}

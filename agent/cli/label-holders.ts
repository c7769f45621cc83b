/** What keeps a label above what was just decided: everything that says more, in the parts that were decided. */
import type { Agreement } from '#agent/core/agreement.ts';
import { parseLabelClass } from '#agent/core/clearance.ts';
import { type Label, labelWithin } from '#agent/core/label.ts';
import { labelParts } from '#agent/core/label-decisions.ts';
import { type LabelRule, lowestLabel, partsOf } from '#agent/core/label-rules.ts';
import type { ControlFacts } from '#agent/status/control-labels.ts';
import { packageText, publishedText, ruleText } from './label-chain-text.ts';
import type { LabelWords } from './label-words.ts';

export function holdersOf(
  { rules, published, package: around }: ControlFacts,
  decision: Omit<LabelRule, 'path'>,
  agreement: Agreement,
  say: LabelWords,
): string[] {
  const wanted = { ...lowestLabel, ...partsOf(decision) };
  const decided = labelParts.filter((part) => decision[part] !== undefined);
  const isAbove = (label: Label | undefined): boolean => {
    if (!label) return false;
    const parts = Object.fromEntries(decided.map((part) => [part, label[part]]));
    return !labelWithin({ ...lowestLabel, ...parts }, wanted);
  };
  const past = published.filter(({ holds }) => isAbove(parseLabelClass(holds)));
  const packed = around?.labelClass !== undefined && isAbove(parseLabelClass(around.labelClass));
  return [
    ...rules
      .filter((rule) => isAbove({ ...lowestLabel, ...partsOf(rule) }))
      .map((rule) => ruleText(rule, say)),
    ...past.map((fact) => publishedText(fact, agreement, say)),
    ...(around && packed ? [packageText(around, say)] : []),
  ];
}

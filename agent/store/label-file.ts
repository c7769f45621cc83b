/** The text of a label file: a list of rules as in the configuration. One fault spoils the whole of it. */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { Details } from '#agent/core/errors.ts';
import { labelRule, unfounded } from '#agent/core/label-rule-schema.ts';
import type { LabelRule } from '#agent/core/label-rules.ts';
import type { Rule } from '#agent/core/messages/config-rules.ts';
import { ruleOf } from '#agent/core/schema-rule.ts';

export const maxLabelFileBytes = 65_536;
const maxRules = 256;

/** What is wrong with it: `[2].decidedBy`, the rule that is broken, and the requirement behind that. */
export type LabelFault = Details & {
  readonly field: string;
  readonly rule: Rule;
  readonly requirement: string;
};

export type LabelText = { readonly rules: readonly LabelRule[] } | { readonly fault: LabelFault };

const rules = z.array(labelRule).max(maxRules);
const fieldNames = Object.keys(labelRule.shape).join(', ');

export function parseLabelText(text: string): LabelText {
  const doc = parseDocument(text, { prettyErrors: false });
  const [syntax] = doc.errors;
  if (syntax) return { fault: faultOf([], 'yaml', { detail: syntax.code }) };
  const written = writtenIn(doc);
  if (written === undefined) return { fault: faultOf([], 'yaml', { detail: 'TOO_MANY_ALIASES' }) };
  const parsed = rules.safeParse(written ?? []);
  if (!parsed.success) return { fault: faultFrom(parsed.error.issues[0]) };
  for (const [i, rule] of parsed.data.entries()) {
    const [fault] = unfounded({ ...rule });
    if (fault) return { fault: faultOf(fault.field ? [i, fault.field] : [i], fault.rule) };
  }
  return { rules: parsed.data };
}

function writtenIn(doc: ReturnType<typeof parseDocument>): unknown {
  try {
    return doc.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}

function faultFrom(issue: z.core.$ZodIssue | undefined): LabelFault {
  if (!issue) return faultOf([], 'list');
  // Without the key itself: what stands in the wrong place may be a name.
  if (issue.code === 'unrecognized_keys') return faultOf(issue.path, 'known-key', { values: fieldNames });
  const { rule, ...details } = ruleOf(issue);
  return faultOf(issue.path, rule, details);
}

export const faultOf = (path: readonly PropertyKey[], rule: Rule, details: Details = {}): LabelFault => ({
  ...details,
  rule,
  field:
    path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('') || '(file)',
  requirement: rule === 'secrecy-decided' ? 'R05' : 'R04',
});

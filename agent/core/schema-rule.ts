/** The complaint of a schema as a rule that has words in both languages. */
import type { z } from 'zod';
import type { Details } from './errors.ts';
import { isRule, type Rule } from './messages/config-rules.ts';

const typeRules: Readonly<Record<string, Rule>> = {
  string: 'text',
  number: 'integer',
  int: 'integer',
  boolean: 'boolean',
  array: 'list',
  object: 'map',
};

/** `custom` rules name themselves: `refine(…, ruled('each-once'))`. `details` fill the words of the rule. */
export const ruled = (name: Rule, details: Details = {}) => ({ params: { ...details, rule: name } });

export function ruleOf(issue: z.core.$ZodIssue): { readonly rule: Rule } & Details {
  switch (issue.code) {
    case 'invalid_type':
      return { rule: typeRules[issue.expected] ?? 'text' };
    case 'invalid_value':
      return { rule: 'one-of', values: issue.values.map(String).join(', ') };
    case 'too_small':
      return { rule: `at-least${unitOf(issue.origin)}`, limit: Number(issue.minimum) };
    case 'too_big':
      return { rule: `at-most${unitOf(issue.origin)}`, limit: Number(issue.maximum) };
    case 'custom':
      return isRule(issue.params?.rule) ? { ...issue.params, rule: issue.params.rule } : { rule: 'text' };
    case 'invalid_union':
      return { rule: 'one-of', values: 'options' in issue ? [issue.options].flat().join(', ') : '' };
    case 'unrecognized_keys':
      return { rule: 'no-such-field' };
    default:
      return { rule: 'text' };
  }
}

function unitOf(origin: string): '' | '-entries' | '-characters' {
  if (origin === 'array') return '-entries';
  return origin === 'string' ? '-characters' : '';
}

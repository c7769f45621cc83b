/** Turns the first complaint of a schema into an error that names the field and the rule it broke. */
import type { z } from 'zod';
import { type Details, DongboError } from './errors.ts';
import { ruleOf } from './schema-rule.ts';

/** Parses `value`; throws `code` with `field` (dotted path), `rule` and `more`. Never quotes the value itself. */
export function parseWith<S extends z.ZodType>(
  schema: S,
  value: unknown,
  code: string,
  more: Details = {},
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new DongboError(code, { ...faultOf(result.error.issues[0]), ...more });
}

/** The place and the rule of a complaint; a field that should not be there is named itself. */
export function faultOf(issue: z.core.$ZodIssue | undefined): Details & { readonly field: string } {
  if (!issue) return { field: '(document)', rule: 'map' };
  const extra = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  return { ...ruleOf(issue), field: [...issue.path, ...extra].join('.') || '(document)' };
}

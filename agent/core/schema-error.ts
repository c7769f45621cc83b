/** Turns the first complaint of a schema into an error that names the field and the rule it broke. */
import type { z } from 'zod';
import { DongboError } from './errors.ts';

/** Parses `value`; throws `code` with `field` (dotted path) and `rule`. Never quotes the value itself. */
export function parseWith<S extends z.ZodType>(schema: S, value: unknown, code: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') || '(document)';
  throw new DongboError(code, { field, rule: issue?.message ?? 'unknown' });
}

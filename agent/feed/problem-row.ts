/** The row of one problem, by the path that it is of. */
import { z } from 'zod';
import type { Problem } from '#agent/core/errors.ts';

const problemSchema = z.object({
  code: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

export function problemFrom(path: string, value: Uint8Array): Problem {
  const { code, details } = problemSchema.parse(JSON.parse(Buffer.from(value).toString('utf8')));
  return { path, code, details };
}

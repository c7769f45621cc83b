/** The list of safety lines: every `*.yaml` beside this file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const editSchema = z.strictObject({
  file: z.string(),
  /** Stands exactly once in the file. */
  take: z.string().min(1),
  /** What stands there instead while the line is taken out. */
  put: z.string(),
});

const lineSchema = z.strictObject({
  name: z.string().regex(/^[a-zA-Z]+\.[a-zA-Z0-9]+$/),
  /** The rule: a section of docs/protocol.md ("§6 …") or docs/guarantees.md ("G4 …"). */
  keeps: z.string().regex(/^(?:§|G)\d+ /),
  /** More than one: lines that hold the same thing and are only missed together; `twice` says why there are two. */
  edits: z.array(editSchema).min(1),
  twice: z.string().optional(),
  /** One of these goes red. */
  tests: z.array(z.string()).min(1),
  /** Part of the name of the test, where its file is slow. */
  only: z.string().optional(),
});

/** An entry of one edit may have it in itself, and one test as a text. */
const entrySchema = z
  .looseObject({ tests: z.union([z.string(), z.array(z.string())]) })
  .transform(({ file, take, put, tests, ...rest }) => ({
    ...rest,
    tests: typeof tests === 'string' ? [tests] : tests,
    edits: file === undefined ? rest.edits : [{ file, take, put: put ?? '' }],
  }))
  .pipe(lineSchema);

export type SafetyLine = z.infer<typeof lineSchema>;

const here = import.meta.dirname;

export function readLines(): readonly SafetyLine[] {
  const files = readdirSync(here).filter((name) => name.endsWith('.yaml'));
  return files.sort().flatMap((name) => {
    const entries: unknown = parse(readFileSync(join(here, name), 'utf8'));
    return z.array(entrySchema).parse(entries);
  });
}

/** How often `text` stands in `whole`. */
export const timesIn = (whole: string, text: string): number => whole.split(text).length - 1;

/** Faults of a document about an agreement, each with file, line, field, rule and the requirement behind it. */
import type { z } from 'zod';
import { requirementOfField } from '#agent/core/agreement-rules.ts';
import type { Details } from '#agent/core/errors.ts';
import { ruleOf } from '#agent/core/schema-rule.ts';
import { ConfigError, type ConfigIssue } from './config.ts';
import { fieldName } from './config-across.ts';
import { ConfigDocument } from './config-document.ts';
import type { FieldPath } from './config-issues.ts';

/** TERMS_INVALID, with every fault. */
export class TermsError extends ConfigError {
  constructor(file: string, issues: readonly ConfigIssue[]) {
    super(file, issues, 'TERMS_INVALID');
  }
}

/** The text as YAML, of which JSON is a part. Throws TermsError when it is neither. */
export function readDocument(file: string, text: string): ConfigDocument {
  const doc = new ConfigDocument(text);
  const issues = doc.syntaxFaults.map(({ line, column, detail }) => ({
    code: 'CONFIG_SYNTAX',
    details: { file, line, column, detail },
  }));
  if (issues.length > 0) throw new TermsError(file, issues);
  return doc;
}

/** Throws TermsError with every complaint of the schema. */
export function parseDocument<S extends z.ZodType>(
  file: string,
  doc: ConfigDocument,
  schema: S,
): z.output<S> {
  const parsed = schema.safeParse(doc.value);
  if (parsed.success) return parsed.data;
  throw new TermsError(
    file,
    parsed.error.issues.flatMap((issue) => issuesOf(file, doc, issue)),
  );
}

function issuesOf(file: string, doc: ConfigDocument, issue: z.core.$ZodIssue): ConfigIssue[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) =>
      faultAt(file, doc, { code: 'TERMS_UNKNOWN', path: [...path, key], atKey: true }),
    );
  const code = doc.valueAt(path) === undefined ? 'TERMS_MISSING' : 'TERMS_FAULT';
  return [faultAt(file, doc, { code, path, details: ruleOf(issue) })];
}

export interface FaultAt {
  readonly code: string;
  readonly path: FieldPath;
  readonly atKey?: boolean;
  readonly details?: Details;
}

export function faultAt(
  file: string,
  doc: ConfigDocument,
  { code, path, atKey, details }: FaultAt,
): ConfigIssue {
  const field = path.join('.');
  const place = { file, ...doc.placeOf(path, atKey), field: fieldName(path) || '(document)' };
  return { code, details: { ...place, requirement: requirementOfField(field), ...details } };
}

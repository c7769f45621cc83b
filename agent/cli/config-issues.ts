/** Turns the complaints of the schema into faults: a code, the field, and the rule that is broken. */
import type { z } from 'zod';
import type { Details } from '#agent/core/errors.ts';
import type { Rule } from '#agent/core/messages/config-rules.ts';
import { ruleOf } from '#agent/core/schema-rule.ts';
import { configSchema } from './config-schema.ts';

export type FieldPath = readonly (string | number)[];

/** A fault before its place in the file is known. */
export interface Fault {
  readonly code: 'CONFIG_UNKNOWN_KEY' | 'CONFIG_MISSING_KEY' | 'CONFIG_TYPE' | 'CONFIG_RULE';
  readonly path: FieldPath;
  /** True when the key itself is at fault, not its value. */
  readonly atKey?: boolean;
  readonly details: Details;
}

/** `valueAt` gives what the file holds at a path; undefined when the key is absent. */
export function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  valueAt: (path: FieldPath) => unknown,
): Fault[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    if (issue.code === 'unrecognized_keys') return unknownKeys(path, issue.keys);
    const found = valueAt(path);
    const { rule, ...details } = ruleOf(issue);
    if (found === undefined) return [missing(path, rule)];
    if (issue.code === 'invalid_type' && !isNumber(found, rule)) {
      return [{ code: 'CONFIG_TYPE', path, details: { rule, found: typeName(found) } }];
    }
    return [{ code: 'CONFIG_RULE', path, details: { rule, ...details } }];
  });
}

/** What a missing key must hold, in more words than its type. */
const ruleOfKey: Readonly<Record<string, Rule>> = {
  space: 'space-id',
  folder: 'absolute-path',
  node: 'node-or-agency',
  url: 'https-url',
  product: 'cipher-approved',
  approval: 'cipher-approved',
  highest: 'cipher-approved',
  validUntil: 'cipher-approved',
};

const missing = (path: FieldPath, rule: Rule): Fault => ({
  code: 'CONFIG_MISSING_KEY',
  path,
  details: { rule: ruleOfKey[path.at(-1) ?? ''] ?? rule },
});

/** 1.5 where a whole number is wanted breaks a rule; it is of the right type. */
const isNumber = (found: unknown, rule: Rule): boolean => typeof found === 'number' && rule === 'integer';

function unknownKeys(path: FieldPath, keys: readonly string[]): Fault[] {
  const known = knownKeys(path).join(', ');
  return keys.map((key) => ({
    code: 'CONFIG_UNKNOWN_KEY',
    path: [...path, key],
    atKey: true,
    details: { known },
  }));
}

function typeName(value: unknown): Rule {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'object') return 'map';
  return typeof value === 'boolean' ? 'boolean' : 'number';
}

const { spaces, peers, listen, status, log, audit, stateCipher } = configSchema.shape;
const groups: Readonly<Record<string, { readonly shape: object }>> = {
  '': configSchema,
  spaces: spaces.unwrap().element,
  peers: peers.unwrap().element,
  listen: listen.unwrap(),
  status: status.unwrap(),
  log: log.unwrap(),
  audit: audit.unwrap(),
  stateCipher: stateCipher.unwrap(),
};

const knownKeys = (path: FieldPath): string[] => Object.keys(groups[path[0] ?? '']?.shape ?? {});

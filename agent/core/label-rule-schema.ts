/** The form of a rule that gives labels, in the configuration and in label files. */
import { z } from 'zod';
import { personalDataKinds, secrecies, sensitivities } from './label.ts';
import type { Rule } from './messages/config-rules.ts';
import { ruled } from './schema-rule.ts';

export const excludePattern = z
  .string()
  .min(1)
  .max(1024)
  .refine((text) => !/[\0\r\n]/.test(text), ruled('pattern'));

/** Who decided, or by which document: a line of text. */
export const decision = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => text.trim() === text && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text), ruled('line'));

export const labelRule = z.strictObject({
  path: excludePattern.describe('Pattern as in .gitignore; a folder covers what is in it'),
  sensitivity: z.enum(sensitivities).exactOptional().describe('From PUBLIC up to CONFIDENTIAL'),
  secrecy: z.enum(secrecies).exactOptional().describe('State secret: needs decidedBy and decisionRef (R05)'),
  personalData: z.enum(personalDataKinds).exactOptional().describe('Personal data in it (R26)'),
  package: z
    .boolean()
    .exactOptional()
    .describe('The folder is a package: all of it has the highest label of its parts (R04)'),
  decidedBy: decision.exactOptional().describe('Who decided the level of secrecy'),
  decisionRef: decision.exactOptional().describe('Number of the decision'),
});

/** What is wrong between the fields of one rule; `field` is absent when it is the rule as a whole. */
export interface Unfounded {
  readonly field?: 'decidedBy' | 'decisionRef';
  readonly rule: Rule;
}

/** Nothing sets a level of secrecy by itself (R05). */
export function unfounded(rule: Readonly<Record<string, unknown>>): Unfounded[] {
  if (!['sensitivity', 'secrecy', 'personalData', 'package'].some((part) => rule[part] !== undefined))
    return [{ rule: 'label-says-something' }];
  if (rule.secrecy === undefined || rule.secrecy === 'NONE') return [];
  const fields = ['decidedBy', 'decisionRef'] as const;
  return fields
    .filter((field) => rule[field] === undefined)
    .map((field) => ({ field, rule: 'secrecy-decided' }));
}

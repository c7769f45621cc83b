/** The file of terms that an agreement is drafted from (`--terms FILE`); see config/agreement-terms.yaml. */
import { z } from 'zod';
import { agreedSchema, cipherSchema, line, routeSchema, systemSchema } from '#agent/core/agreement-terms.ts';
import { parseLabelClass } from '#agent/core/clearance.ts';
import { ruled } from '#agent/core/schema-rule.ts';
import { lastDay } from './last-day.ts';

const labelField = z
  .string()
  .refine((text) => parseLabelClass(text) !== undefined, ruled('label-class'))
  .exactOptional();

const memberSchema = z.strictObject({
  /** E-ID of an agency with one node in the agreement, or a node id. */
  member: line,
  contact: line,
  highestLabel: labelField,
  system: systemSchema(lastDay).exactOptional(),
  stateCipher: cipherSchema(lastDay).exactOptional(),
});

const fields = z.strictObject({
  ...agreedSchema,
  route: routeSchema(lastDay),
  /** R36. As `member` below. */
  masterOwner: line.exactOptional(),
  members: z.array(memberSchema).min(1).max(4096),
});

/** A block of YAML ends with a line feed, and some keyboards write letters and marks apart: neither is meant. */
const tidied = (value: unknown): unknown => {
  if (typeof value === 'string') return value.normalize('NFC').trim();
  if (Array.isArray(value)) return value.map(tidied);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, tidied(inner)]));
};

export const termsFileSchema = z.preprocess(tidied, fields);

export type TermsFile = z.output<typeof termsFileSchema>;
export type MemberTerms = TermsFile['members'][number];

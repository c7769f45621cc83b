/** What the members have agreed on beside who they are: the texts of R12, the road (R11), approvals (R09, R02). */
import { z } from 'zod';
import { basisStanding } from './legal-basis.ts';
import { ruled } from './schema-rule.ts';
import { instant } from './trust-fields.ts';

/** Ten of the twelve items of R12; the parties are the members, the term is `notBefore` and `notAfter`. */
export const termNames = [
  'content',
  'place',
  'method',
  'processing',
  'limits',
  'commitments',
  'security',
  'storage',
  'deletion',
  'other',
] as const;
export type TermName = (typeof termNames)[number];
export type Terms = Readonly<Record<TermName, string>>;

/** The approval of an agency's system at a security level (R09). */
export interface SystemApproval {
  /** 1 to 5. */
  readonly level: number;
  readonly decision: string;
  /** `YYYY-MM-DD`, in Vietnam. */
  readonly date: string;
  /** ISO 8601, UTC; invalid from then on. */
  readonly validUntil: string;
}

/** A product for state secrets that a member has (R02). */
export interface CipherApproval {
  readonly name: string;
  readonly approval: string;
  readonly highest: 'MAT' | 'TOI_MAT';
  readonly validUntil: string;
}

export const platforms = ['NDOP', 'NDXP', 'LGSP', 'OTHER'] as const;

/** By which road the data goes (R11). `platformName` only, and always, for OTHER. */
export type AgreedRoute =
  | { readonly kind: 'within-system' }
  | {
      readonly kind: 'shared';
      readonly platform: (typeof platforms)[number];
      readonly platformName?: string;
    }
  | {
      readonly kind: 'direct';
      readonly exception: {
        readonly reason: string;
        readonly approver: string;
        readonly validUntil: string;
      };
    };

const maxText = 4000;
export const maxBases = 20;
export const maxRetentionDays = 36_525;
export const maxFreshnessHours = 8784;

const hasForm = (text: string): boolean => text === text.normalize('NFC').trim() && text.length > 0;

/** Lines and tabs, but nothing that could dress up a terminal. */
const isPlain = (text: string): boolean => !/[\p{C}\p{Zl}\p{Zp}]/u.test(text.replaceAll(/[\n\t]/g, ' '));

/** A paragraph of an agreement. */
export const paragraph = z
  .string()
  .max(maxText)
  .refine((text) => hasForm(text) && isPlain(text), ruled('paragraph'));

/** A name, number or short remark, on one line. */
export const line = z
  .string()
  .max(200)
  .refine((text) => hasForm(text) && isPlain(text) && !/[\n\t]/.test(text), ruled('one-line'));

export const dayField = z.string().refine(isDay, ruled('day'));

function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === text;
}

export const levelField = z.int().min(1).max(5);
export const highestField = z.enum(['MAT', 'TOI_MAT']);
export const retentionField = z.int().min(0).max(maxRetentionDays);
export const freshnessField = z.int().min(1).max(maxFreshnessHours);

const isKnownBasis = (id: string): boolean => basisStanding(id, 0).is !== 'unknown';
export const basisField = z
  .array(z.string().refine(isKnownBasis, ruled('legal-basis')))
  .min(1)
  .max(maxBases);

/** Both the signed document and the file of a draft: they differ in how they write the end of an approval. */
export const systemSchema = <T extends z.ZodType>(until: T) =>
  z.strictObject({ level: levelField, decision: line, date: dayField, validUntil: until });

export const cipherSchema = <T extends z.ZodType>(until: T) =>
  z.strictObject({ name: line, approval: line, highest: highestField, validUntil: until });

export const routeSchema = <T extends z.ZodType>(until: T) =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('within-system') }),
    z
      .strictObject({
        kind: z.literal('shared'),
        platform: z.enum(platforms),
        platformName: line.exactOptional(),
      })
      .refine((route) => (route.platform === 'OTHER') === (route.platformName !== undefined), {
        path: ['platformName'],
        ...ruled('platform-name'),
      }),
    z.strictObject({
      kind: z.literal('direct'),
      exception: z.strictObject({ reason: paragraph, approver: line, validUntil: until }),
    }),
  ]);

const texts = Object.fromEntries(termNames.map((name) => [name, paragraph]));
export const termsSchema = z.strictObject(texts as Record<TermName, typeof paragraph>);

/** The parts of the signed document that this file describes. */
export const agreedSchema = {
  terms: termsSchema,
  legalBasis: basisField,
  route: routeSchema(instant),
  retentionDays: retentionField,
  freshnessHours: freshnessField,
  history: z.boolean(),
};

/** Schema fields that cards and agreements share. */
import { z } from 'zod';
import { ruled } from './schema-rule.ts';

/** Lower-case hex of exactly so many bytes. */
export const hexField = (bytes: number) => {
  const form = new RegExp(`^[0-9a-f]{${bytes * 2}}$`);
  return z.string().refine((text) => form.test(text), ruled('hex', { digits: bytes * 2 }));
};

/** An instant as `Date.prototype.toISOString` writes it, so that one instant has one spelling. */
export const instant = z
  .string()
  .max(24)
  .refine((text) => isInstant(text), ruled('instant'));

function isInstant(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}

/** A name shown on screens: no control, format or bidirectional characters that could dress up a terminal. */
export const displayName = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => text === text.normalize('NFC').trim(), ruled('display-name'))
  .refine((text) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(text), ruled('display-name'));

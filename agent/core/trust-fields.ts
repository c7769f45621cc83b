/** Schema fields that cards and agreements share. */
import { z } from 'zod';

/** Lower-case hex of exactly so many bytes. */
export const hexField = (bytes: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`), `${bytes * 2} lower-case hex digits`);

/** An instant as `Date.prototype.toISOString` writes it, so that one instant has one spelling. */
export const instant = z
  .string()
  .max(24)
  .refine((text) => isInstant(text), 'UTC instant such as 2026-07-01T00:00:00.000Z');

function isInstant(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}

/** A name shown on screens: no control, format or bidirectional characters that could dress up a terminal. */
export const displayName = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => text === text.normalize('NFC').trim(), 'NFC, no blanks at the ends')
  .refine((text) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(text), 'no control characters');

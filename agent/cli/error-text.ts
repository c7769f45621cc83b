/** A failure as a person reads it: its code, what happened, what to do. */
import { DongboError } from '#agent/core/errors.ts';
import { render } from '#agent/core/messages/index.ts';
import type { Language } from '#agent/core/messages/language.ts';
import { ConfigError, type ConfigIssue } from './config.ts';

/** English readers get the Vietnamese line too: whoever is at the console may need it. */
export function issueLines({ code, details }: ConfigIssue, language: Language): string[] {
  const { what, todo } = render(code, details, language);
  const lines = [`${code}: ${what}`, `  → ${todo}`];
  if (language === 'en') lines.push(`  vi: ${render(code, details, 'vi').what}`);
  return lines;
}

/** Every fault of a configuration; else the one failure. A failure that has no code is a fault of ours: with its stack. */
export function errorLines(error: unknown, language: Language): string[] {
  const lines =
    error instanceof ConfigError ? error.issues.flatMap((issue) => issueLines(issue, language)) : [];
  if (error instanceof DongboError) return [...lines, ...issueLines(error, language)];
  return [...issueLines({ code: 'UNEXPECTED', details: {} }, language), ...stackOf(error)];
}

const stackOf = (error: unknown): string[] =>
  (error instanceof Error ? (error.stack ?? error.message) : String(error)).split('\n');

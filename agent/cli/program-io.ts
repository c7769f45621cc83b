/** What the commands are given instead of the process. */
import type { Language } from '#agent/core/messages/language.ts';
import type { CliIo } from './init-io.ts';

/** Exit codes of every command. `stopped`: ended at once by a second signal. */
export const exitCodes = { ok: 0, error: 1, usage: 2, notInStep: 3, stopped: 130 } as const;

export interface ProgramIo extends CliIo {
  readonly lang: Language;
  /** One line to standard error. */
  readonly err: (line: string) => void;
  /** Where progress bars are drawn. */
  readonly screen: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Aborted by SIGTERM or SIGINT. */
  readonly signal: AbortSignal;
  /** Who asks, for the record of a release. */
  readonly user: string;
}

/** `--lang`, else the locale of the environment (POSIX order), else English. */
export function languageOf(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Language {
  const at = argv.findIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
  const asked = argv[at]?.split('=')[1] ?? (at >= 0 ? argv[at + 1] : undefined);
  const locale = asked ?? (env.LC_ALL || env.LC_MESSAGES || env.LANG || '');
  return locale.startsWith('vi') ? 'vi' : 'en';
}

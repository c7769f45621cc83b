/** The demo's command line. */
import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** Sync once, compare, report, end; else stay up until Ctrl-C. */
  readonly once: boolean;
  /** Last line: one JSON object. */
  readonly json: boolean;
  /** A folder whose copy agency A shares; sample documents when absent. */
  readonly source?: string;
  /** Keep the temporary folder. */
  readonly keep: boolean;
  readonly timeoutSeconds: number;
}

export const demoUsage = `npm run demo -- [--once] [--json] [--source DIR] [--keep] [--timeout SECONDS]
  (nothing)      two agencies and a relay stay up until Ctrl-C
  --once         sync once, compare both folders, search the relay's disk, end; exit 0 only if identical and not readable
  --json         with --once: the last line is one JSON object
  --source DIR   share a copy of DIR instead of the sample documents
  --keep         leave the temporary folder
  --timeout S    with --once: give up after S seconds (3600)`;

/** Throws with the fault in words. */
export function demoOptions(argv: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      source: { type: 'string' },
      timeout: { type: 'string', default: '3600' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const timeoutSeconds = Number(values.timeout);
  if (!Number.isFinite(timeoutSeconds) || timeoutSeconds <= 0)
    throw new Error('--timeout: a number of seconds');
  const { once, json, keep, source } = values;
  return { once, json, keep, timeoutSeconds, ...(source === undefined ? {} : { source }) };
}

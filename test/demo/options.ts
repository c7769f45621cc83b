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

export function demoOptions(argv: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      source: { type: 'string' },
      timeout: { type: 'string', default: '3600' },
    },
  });
  const timeoutSeconds = Number(values.timeout);
  if (!Number.isFinite(timeoutSeconds) || timeoutSeconds <= 0)
    throw new Error('--timeout: a number of seconds');
  const { once, json, keep, source } = values;
  return { once, json, keep, timeoutSeconds, ...(source === undefined ? {} : { source }) };
}

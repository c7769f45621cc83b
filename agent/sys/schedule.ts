/** Timetables in cron syntax, in the local time of the machine. */
import { createTask, validateDetailed } from 'node-cron';
import { DongboError } from '#agent/core/errors.ts';

export interface CronFault {
  /** Which part of the expression: 'minute', 'hour', … */
  readonly field: string;
  readonly rule: string;
}

/** What is wrong with an expression of five fields (or six, seconds first); undefined when it is fine. */
export function cronFault(expression: string): CronFault | undefined {
  const { valid, errors } = validateDetailed(expression);
  if (valid) return undefined;
  return { field: errors[0]?.field ?? 'expression', rule: errors[0]?.message ?? 'cron syntax' };
}

const nothing = (): void => undefined;
/** A missed or overlapping time is made up for by the next one; the scan itself reports what it does. */
const silent = { info: nothing, warn: nothing, error: nothing, debug: nothing };

const dayMs = 86_400_000;
/** Who was away longer has missed something in any case. */
const longestMs = 8 * 366 * dayMs;

/**
 * Whether a time of `cron` lies after `since` and not after `now`, both in milliseconds since the Unix epoch. For
 * timetables with one time a day at most: minute and hour are plain numbers. Throws SCHEDULE_INVALID.
 */
export function passedSince(cron: string, since: number, now: number): boolean {
  const fault = cronFault(cron);
  if (fault) throw new DongboError('SCHEDULE_INVALID', { cron, ...fault });
  const [minute, hour] = cron.trim().split(/\s+/).map(Number);
  const task = createTask(cron, nothing, { logger: silent });
  try {
    for (let day = Math.max(since, now - longestMs) - dayMs; day < now + dayMs; day += dayMs) {
      const at = new Date(day);
      at.setHours(hour ?? 0, minute ?? 0, 0, 0);
      if (at.getTime() > since && at.getTime() <= now && task.match(at)) return true;
    }
    return false;
  } finally {
    void task.destroy();
  }
}

/**
 * Calls `run` at each time of `cron`; a time that comes while `run` is still at work is left out. Resolves when the
 * signal is aborted and the last run has ended; rejects with what `run` threw, and then runs no more. Throws
 * SCHEDULE_INVALID.
 */
export async function schedule(
  cron: string,
  run: (signal: AbortSignal) => Promise<void> | void,
  signal: AbortSignal,
): Promise<void> {
  const fault = cronFault(cron);
  if (fault) throw new DongboError('SCHEDULE_INVALID', { cron, ...fault });
  if (signal.aborted) return;
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  let running: Promise<void> = Promise.resolve();
  const work = () => {
    running = (async () => run(signal))();
    running.catch(reject);
    return running.catch(() => undefined);
  };
  const task = createTask(cron, work, { noOverlap: true, logger: silent, suppressMissedWarning: true });
  const stop = () => resolve();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await task.start();
    await over;
    await running;
  } finally {
    signal.removeEventListener('abort', stop);
    await task.destroy();
  }
}

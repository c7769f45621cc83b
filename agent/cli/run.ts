/** `dongbo run`: the agent, until it is told to stop. */
import { runAgent } from '#agent/agent.ts';
import { DongboError } from '#agent/core/errors.ts';
import { shownDetails } from '#agent/status/shown-details.ts';
import { createLog } from '#agent/sys/log.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { createNotifier } from '#agent/sys/notify.ts';
import { loadConfig } from './config.ts';
import { exitCodes, type ProgramIo } from './program-io.ts';
import { version } from './version.ts';

export interface RunOptions {
  readonly config: string;
}

/** Resolves once everything is put down after the signal. Throws CONFIG_…, and whatever the agent cannot go on with. */
export async function runRun({ config: file }: RunOptions, io: ProgramIo): Promise<number> {
  const config = await loadConfig(file);
  const { clock, random, signal } = io;
  const log = createLog({ ...config.log, service: 'dongbo', clock });
  const failed = (error: unknown): void => log.warn('NOTIFY_FAILED', { reason: String(error) });
  const notify = createNotifier({ clock, failed });
  try {
    await runAgent(config, { clock, random, disk: nodeDisk, log, notify, version }, signal);
  } catch (error) {
    if (error instanceof DongboError) log.error(error.code, shownDetails(error.details));
    throw error;
  }
  return exitCodes.ok;
}

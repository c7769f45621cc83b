/** `dongbo run`: the agent, until it is told to stop. */
import { runAgent } from '#agent/agent.ts';
import { DongboError } from '#agent/core/errors.ts';
import { shownDetails } from '#agent/status/shown-details.ts';
import { createLog } from '#agent/sys/log.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { createNotifier } from '#agent/sys/notify.ts';
import { ConfigError, loadConfig } from './config.ts';
import type { Config } from './config-schema.ts';
import { errorLines } from './error-text.ts';
import { exitCodes, type ProgramIo } from './program-io.ts';
import { version } from './version.ts';

export interface RunOptions {
  readonly config: string;
}

/** Resolves once everything is put down after the signal. Throws CONFIG_UNREADABLE, and whatever the agent cannot go on with. */
export async function runRun({ config: file }: RunOptions, io: ProgramIo): Promise<number> {
  const config = await configOf(file, io);
  // The service's unit knows the code: trying again mends no configuration.
  if (!config) return exitCodes.usage;
  const { clock, random, signal } = io;
  const log = createLog({ ...config.log, service: 'dongbo', clock });
  const failed = (error: unknown): void => log.warn('NOTIFY_FAILED', { reason: String(error) });
  const notify = createNotifier({ clock, failed });
  try {
    const parts = { clock, random, disk: nodeDisk, log, notify, version, configFile: file };
    await runAgent(config, parts, signal);
  } catch (error) {
    if (error instanceof DongboError) log.error(error.code, shownDetails(error.details));
    throw error;
  }
  return exitCodes.ok;
}

/** Undefined when it has faults: all of them have been told. */
async function configOf(file: string, io: ProgramIo): Promise<Config | undefined> {
  try {
    return await loadConfig(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const line of errorLines(error, io.lang)) io.err(line);
    return undefined;
  }
}

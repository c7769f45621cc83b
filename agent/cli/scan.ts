/** `dongbo scan`: looks through the folders now, not at the next time of the timetable. */
import { DongboError } from '#agent/core/errors.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import { callControl } from '#agent/status/control-client.ts';
import { loadConfig } from './config.ts';
import type { Config } from './config-schema.ts';
import { exitCodes, type ProgramIo } from './program-io.ts';
import { controlSocket } from './status.ts';
import { statusWords } from './status-words.ts';

export interface ScanOptions {
  readonly config: string;
  /** All spaces when absent. */
  readonly space?: string;
}

/** Throws CONFIG_…, SPACE_UNKNOWN, CONTROL_…. Returns as soon as the agent has taken note. */
export async function runScan(options: ScanOptions, io: ProgramIo): Promise<number> {
  const config = await loadConfig(options.config);
  const spaces =
    options.space === undefined ? config.spaces.map((s) => s.space) : [findSpace(config, options.space)];
  for (const space of spaces) {
    await callControl(controlSocket(config), { do: 'rescan', space }, io.signal);
    io.out(`${statusWords[io.lang].rescanning}: ${space}`);
  }
  return exitCodes.ok;
}

/** A configured space by its id. Throws SPACE_UNKNOWN. */
export function findSpace(config: Config, id: string): SpaceId {
  const found = config.spaces.find(({ space }) => space === id);
  if (!found) throw new DongboError('SPACE_UNKNOWN', { space: id.slice(0, 64) });
  return found.space;
}

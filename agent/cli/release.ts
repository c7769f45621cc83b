/** `dongbo release`: a person lifts a safety halt, by name and for a reason; both go on the record. */
import { DongboError } from '#agent/core/errors.ts';
import { parseSpaceId } from '#agent/core/ids.ts';
import { callControl } from '#agent/status/control-client.ts';
import { loadConfig } from './config.ts';
import { exitCodes, type ProgramIo } from './program-io.ts';
import { findSpace } from './scan.ts';
import { controlSocket } from './status.ts';
import { statusWords } from './status-words.ts';

export interface ReleaseOptions {
  readonly config: string;
  readonly space: string;
  readonly reason: string;
  /** Who releases; the user of the operating system when absent. */
  readonly by?: string;
}

/** Throws CONFIG_…, SPACE_UNKNOWN, RELEASE_NO_REASON, RELEASE_NOTHING, CONTROL_…. */
export async function runRelease(options: ReleaseOptions, io: ProgramIo): Promise<number> {
  const config = await loadConfig(options.config);
  // What a relay relays its agreements say, not its configuration.
  const space = config.role === 'relay' ? parseSpaceId(options.space) : findSpace(config, options.space);
  const reason = options.reason.trim();
  if (reason === '') throw new DongboError('RELEASE_NO_REASON');
  const command = { do: 'release', space, by: options.by ?? io.user, reason } as const;
  const answer = await callControl(controlSocket(config), command, io.signal);
  const code = 'released' in answer ? (answer.released ?? '') : '';
  io.out(`${statusWords[io.lang].released}: ${code}`);
  return exitCodes.ok;
}

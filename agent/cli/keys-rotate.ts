/** `dongbo keys rotate`: new epochs for what this node seals from now on; who asks and why goes on the record. */
import { DongboError } from '#agent/core/errors.ts';
import { callControl } from '#agent/status/control-client.ts';
import { loadConfig } from './config.ts';
import { spacesOf } from './keys-call.ts';
import { keysWords } from './keys-words.ts';
import { exitCodes, type ProgramIo } from './program-io.ts';
import { controlSocket } from './status.ts';

export interface KeysRotateOptions {
  readonly config: string;
  readonly space?: string;
  /** A label class, such as `INTERNAL+PD:BASIC`; all of them when absent. */
  readonly label?: string;
  readonly reason?: string;
  readonly by?: string;
}

/** Throws CONFIG_…, SPACE_UNKNOWN, KEYS_…, AUDIT_…, CONTROL_…. */
export async function runKeysRotate(options: KeysRotateOptions, io: ProgramIo): Promise<number> {
  const config = await loadConfig(options.config);
  const say = keysWords[io.lang];
  const spaces = spacesOf(config, options.space);
  if (spaces.length === 0) io.out(say.noSpaces);
  const reason = options.reason?.trim();
  const asked = {
    by: options.by ?? io.user,
    ...(options.label === undefined ? {} : { labelClass: options.label }),
    ...(reason ? { reason } : {}),
  };
  for (const space of spaces) {
    const command = { do: 'keys-rotate', space, ...asked } as const;
    const answer = await callControl(controlSocket(config), command, io.signal);
    if (!('rotated' in answer)) throw new DongboError('CONTROL_MALFORMED');
    io.out(`${say.space} ${space}`);
    if (answer.rotated.length === 0) io.out(`  ${say.nothing}`);
    for (const { labelClass, before, epoch } of answer.rotated)
      io.out(`  ${labelClass}: ${say.rotated} ${before} → ${epoch}`);
  }
  return exitCodes.ok;
}

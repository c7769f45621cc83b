/** `dongbo keys exposed`: what a member was able to read. Names go to the terminal of the officer who asks, and nowhere else. */
import { DongboError, isCode } from '#agent/core/errors.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import type { Party } from '#agent/status/control-keys.ts';
import { loadConfig } from './config.ts';
import type { Config } from './config-schema.ts';
import { epochsOf, exposedPages, spacesOf } from './keys-call.ts';
import { ExposedCsv, ExposedJson, type ExposedReport, ExposedText } from './keys-exposed-report.ts';
import { exitCodes, type ProgramIo } from './program-io.ts';

export interface KeysExposedOptions {
  readonly config: string;
  readonly member: string;
  readonly space?: string;
  readonly format?: string;
}

/** Throws CONFIG_…, SPACE_UNKNOWN, KEYS_MEMBER_UNKNOWN, AUDIT_…, CONTROL_…. */
export async function runKeysExposed(options: KeysExposedOptions, io: ProgramIo): Promise<number> {
  const config = await loadConfig(options.config);
  const report = reportOf(options.format, io);
  const spaces = spacesOf(config, options.space);
  let known = false;
  for (const space of spaces) {
    const told = await tellSpace(config, { space, member: options.member }, report, io);
    known = known || told;
  }
  // A member of one space need not be one of the others.
  const [space = ''] = spaces;
  if (!known) throw new DongboError('KEYS_MEMBER_UNKNOWN', { member: options.member, space });
  return exitCodes.ok;
}

const reportOf = (format: string | undefined, io: ProgramIo): ExposedReport => {
  if (format === 'json') return new ExposedJson(io);
  return format === 'csv' ? new ExposedCsv(io) : new ExposedText(io);
};

/** False when it is and was no member of this space. */
async function tellSpace(
  config: Config,
  asked: { readonly space: SpaceId; readonly member: string },
  report: ExposedReport,
  io: ProgramIo,
): Promise<boolean> {
  let parties: readonly Party[] | undefined;
  try {
    for await (const { members, exposed } of exposedPages(config, asked, io)) {
      if (!parties) await tellEpochs(config, asked.space, members, report, io);
      parties = members;
      for (const line of exposed) report.item(line);
    }
  } catch (error) {
    if (!parties && isCode(error, 'KEYS_MEMBER_UNKNOWN')) return false;
    throw error;
  }
  report.end(parties ?? []);
  return true;
}

async function tellEpochs(
  config: Config,
  space: SpaceId,
  members: readonly Party[],
  report: ExposedReport,
  io: ProgramIo,
): Promise<void> {
  report.begin(space);
  for await (const line of epochsOf(config, space, io))
    for (const member of members) {
      const reader = line.readers.find(({ node }) => node === member.node);
      if (reader && line.publisher.node !== member.node) report.epoch(line, member, reader.granted);
    }
}

/** Asks the running agent about keys, page by page, so that nothing large is held at once. */
import type { SpaceId } from '#agent/core/ids.ts';
import { DongboError } from '#agent/core/errors.ts';
import { callControl } from '#agent/status/control-client.ts';
import type { EpochLine, ExposedLine, Party } from '#agent/status/control-keys.ts';
import type { Config } from './config-schema.ts';
import type { ProgramIo } from './program-io.ts';
import { findSpace } from './scan.ts';
import { controlSocket } from './status.ts';

/** The space that was named, or all of the configuration. Throws SPACE_UNKNOWN. */
export const spacesOf = (config: Config, space: string | undefined): readonly SpaceId[] =>
  space === undefined ? config.spaces.map((s) => s.space) : [findSpace(config, space)];

/** Throws CONTROL_…. */
export async function* epochsOf(config: Config, space: SpaceId, io: ProgramIo): AsyncGenerator<EpochLine> {
  let after: string | undefined;
  do {
    const command = { do: 'keys-list', space, ...(after === undefined ? {} : { after }) } as const;
    const answer = await callControl(controlSocket(config), command, io.signal);
    if (!('epochs' in answer)) throw new DongboError('CONTROL_MALFORMED');
    yield* answer.epochs;
    after = answer.next;
  } while (after !== undefined);
}

export interface ExposedPage {
  readonly members: readonly Party[];
  readonly exposed: readonly ExposedLine[];
}

/** At least one page. Throws CONTROL_…, KEYS_MEMBER_UNKNOWN. */
export async function* exposedPages(
  config: Config,
  { space, member }: { readonly space: SpaceId; readonly member: string },
  io: ProgramIo,
): AsyncGenerator<ExposedPage> {
  let after: string | undefined;
  do {
    const asked = { space, member, by: io.user, ...(after === undefined ? {} : { after }) };
    const command = { do: 'keys-exposed', ...asked } as const;
    const answer = await callControl(controlSocket(config), command, io.signal);
    if (!('exposed' in answer)) throw new DongboError('CONTROL_MALFORMED');
    yield answer;
    after = answer.next;
  } while (after !== undefined);
}

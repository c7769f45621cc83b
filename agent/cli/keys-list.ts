/** `dongbo keys list`: each epoch of this node, and of others that it holds; with `--format json` one object a line. */
import type { EpochLine } from '#agent/status/control-keys.ts';
import { loadConfig } from './config.ts';
import { epochsOf, spacesOf } from './keys-call.ts';
import { type KeysWords, keysWords, plainText, timeText } from './keys-words.ts';
import { exitCodes, type ProgramIo } from './program-io.ts';
import { numberText } from './units.ts';

export interface KeysListOptions {
  readonly config: string;
  readonly space?: string;
  readonly format?: string;
}

/** Throws CONFIG_…, SPACE_UNKNOWN, CONTROL_…. */
export async function runKeysList(options: KeysListOptions, io: ProgramIo): Promise<number> {
  const config = await loadConfig(options.config);
  const say = keysWords[io.lang];
  const json = options.format === 'json';
  const spaces = spacesOf(config, options.space);
  if (spaces.length === 0 && !json) io.out(say.noSpaces);
  for (const space of spaces) {
    if (!json) io.out(`${say.space} ${space}`);
    let epochs = 0;
    for await (const line of epochsOf(config, space, io)) {
      if (line.secret === 'withheld' && !line.own) continue;
      epochs += 1;
      if (json) io.out(JSON.stringify(jsonOf(space, line)));
      else for (const text of textOf(line, say, io)) io.out(text);
    }
    if (epochs === 0 && !json) io.out(`  ${say.none}`);
  }
  return exitCodes.ok;
}

const jsonOf = (space: string, { opened, destroyed, readers, ...line }: EpochLine) => ({
  ...{ space, ...line, opened: timeText(opened) ?? null, destroyed: timeText(destroyed) ?? null },
  readers: readers.map(({ granted, ...reader }) => ({ ...reader, granted: timeText(granted) })),
});

function textOf(line: EpochLine, say: KeysWords, { lang }: ProgramIo): string[] {
  const { publisher, own, labelClass, epoch, suite, opened, why, live, readers } = line;
  const whose = own ? say.this : plainText(`${publisher.agency} ${publisher.name}`);
  const since = timeText(opened) ?? say.unknown;
  const reason = why === '' ? '' : ` (${say.why[why] ?? why})`;
  const head = `  ${whose} ${publisher.node.slice(0, 8)}: ${plainText(labelClass)} ${say.epoch} ${epoch}, ${plainText(suite)}`;
  const state = `${say.since} ${since}${reason}; ${stateOf(line, say)}; ${numberText(live, lang)} ${say.live}`;
  const to = readers.map(
    ({ node, agency, name, granted }) =>
      `      ${plainText(`${agency} ${name}`)} ${node.slice(0, 8)} ${timeText(granted) ?? say.unknown}`,
  );
  return [head, `    ${state}`, `    ${say.grantedTo}:`, ...to];
}

function stateOf({ current, secret, destroyed }: EpochLine, say: KeysWords): string {
  if (secret === 'destroyed') return `${say.destroyed} ${timeText(destroyed)}`;
  if (secret === 'withheld') return say.withheld;
  const stands = destroyed > 0 ? `${say.over} ${timeText(destroyed)}` : current ? say.current : say.earlier;
  return secret === 'device' ? `${stands}, ${say.device}` : stands;
}

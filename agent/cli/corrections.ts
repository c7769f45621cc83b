/** `dongbo corrections`: what others propose to the master owner, and its decisions (R36). */
import { DongboError } from '#agent/core/errors.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import { callControl } from '#agent/status/control-client.ts';
import type { CorrectionShown } from '#agent/status/control-protocol.ts';
import { loadConfig } from './config.ts';
import type { Config } from './config-schema.ts';
import { wordsFor } from './init-io.ts';
import { exitCodes, type ProgramIo } from './program-io.ts';
import { controlSocket } from './status.ts';
import { bytesText } from './units.ts';

export interface CorrectionsOptions {
  readonly config: string;
}

export interface DecideOptions extends CorrectionsOptions {
  /** Needed to refuse. */
  readonly reason?: string;
  /** Who decides; the user of the operating system when absent. */
  readonly by?: string;
}

const words = {
  en: {
    none: 'No proposed correction waits, and none of this node was refused.',
    more: 'There are more.',
    refused: 'refused',
    accepted: 'Accepted; it is published as the version of this agency',
    refusedNow: 'Refused; the proposer is told why',
    from: 'from',
    came: 'came',
    label: 'label',
    kinds: { file: 'file', link: 'link', gone: 'DELETE' } as Readonly<Record<string, string>>,
  },
  vi: {
    none: 'Không có đề nghị đính chính nào đang chờ, và không đề nghị nào của nút này bị từ chối.',
    more: 'Danh sách còn nữa.',
    refused: 'bị từ chối',
    accepted: 'Đã chấp nhận; được công bố thành phiên bản của cơ quan này',
    refusedNow: 'Đã từ chối; bên đề nghị được báo lý do',
    from: 'từ',
    came: 'nhận lúc',
    label: 'nhãn',
    kinds: { file: 'tệp', link: 'liên kết', gone: 'XOÁ' } as Readonly<Record<string, string>>,
  },
};

const limit = 1000;

/** Throws CONFIG_…, CONTROL_…, AGREEMENT_…. */
export async function runCorrectionsList(options: CorrectionsOptions, io: ProgramIo): Promise<number> {
  const say = wordsFor(io, words);
  const all = await gathered(await loadConfig(options.config), io);
  for (const { shown } of all.found) for (const line of lines(shown, io)) io.out(line);
  if (all.found.length === 0) io.out(say.none);
  if (all.more) io.out(say.more);
  return exitCodes.ok;
}

/** Throws CORRECTION_UNKNOWN too. */
export async function runCorrectionsShow(
  id: string,
  options: CorrectionsOptions,
  io: ProgramIo,
): Promise<number> {
  const { shown } = await find(await loadConfig(options.config), id, io);
  for (const line of lines(shown, io)) io.out(line);
  return exitCodes.ok;
}

/** Throws CORRECTION_UNKNOWN, CORRECTION_NOT_OWNER, CORRECTION_NO_REASON, CONFIG_…, CONTROL_…, AUDIT_…. */
export async function runCorrectionsDecide(
  id: string,
  { accept, ...options }: DecideOptions & { readonly accept: boolean },
  io: ProgramIo,
): Promise<number> {
  const reason = options.reason?.trim() ?? '';
  if (!accept && reason === '') throw new DongboError('CORRECTION_NO_REASON');
  const config = await loadConfig(options.config);
  const { space } = await find(config, id, io);
  const by = options.by ?? io.user;
  await callControl(controlSocket(config), { do: 'decide', space, id, accept, by, reason }, io.signal);
  const say = wordsFor(io, words);
  io.out(accept ? say.accepted : say.refusedNow);
  return exitCodes.ok;
}

interface Found {
  readonly space: SpaceId;
  readonly shown: CorrectionShown;
}

async function gathered(config: Config, io: ProgramIo): Promise<{ found: readonly Found[]; more: boolean }> {
  const found: Found[] = [];
  let more = false;
  for (const { space } of config.spaces) {
    const answer = await callControl(controlSocket(config), { do: 'corrections', space, limit }, io.signal);
    if (!('corrections' in answer)) continue;
    found.push(...answer.corrections.map((shown) => ({ space, shown })));
    more ||= answer.more;
  }
  return { found, more };
}

async function find(config: Config, id: string, io: ProgramIo): Promise<Found> {
  const { found } = await gathered(config, io);
  const one = found.find(({ shown }) => 'id' in shown && shown.id === id);
  if (!one) throw new DongboError('CORRECTION_UNKNOWN', { id: id.slice(0, 64) });
  return one;
}

/** Names and reasons come from another machine: nothing in them may drive the terminal. */
const printable = (text: string): string => text.replace(/\p{C}/gu, '\u{fffd}');

function lines(shown: CorrectionShown, io: ProgramIo): string[] {
  const say = wordsFor(io, words);
  if ('refused' in shown) return [`${printable(shown.path)}: ${say.refused}: ${printable(shown.refused)}`];
  const { id, path, from, label, kind, size, came } = shown;
  const what = `${say.kinds[kind] ?? kind}${size === undefined ? '' : ` ${bytesText(size, io.lang)}`}`;
  return [
    `${id} ${printable(path)}`,
    `  ${what}; ${say.from} ${printable(from)}; ${say.came} ${came}; ${say.label} ${label}`,
  ];
}

/** `dongbo agreement new`: drafts the agreement of a new space, with this node's agency as its owner. */
import { type Agreement, type Member, parseAgreement, type Role, roles } from '#agent/core/agreement.ts';
import type { Card } from '#agent/core/card.ts';
import { parseLabelClass } from '#agent/core/clearance.ts';
import { DongboError } from '#agent/core/errors.ts';
import { hexText, parseSpaceId } from '#agent/core/ids.ts';
import { labelClass } from '#agent/core/label.ts';
import { type SuiteName, suiteNames } from '#agent/core/suite-name.ts';
import { loadIdentity } from '#agent/seal/identity.ts';
import { showAgreement } from './agreement-text.ts';
import { readCard, writeNewJson } from './card-file.ts';
import { keysDir } from './init.ts';
import { type CliIo, type NodePlace, wordsFor } from './init-io.ts';

export interface AgreementNewOptions extends NodePlace {
  readonly name: string;
  /** `CARDFILE:publish,subscribe`; without roles a member has both. */
  readonly members: readonly string[];
  /** Card files of relays. */
  readonly relays?: readonly string[];
  /** This node's own roles, comma-separated; `publish,subscribe` when absent. */
  readonly own?: string;
  /** `nacl-pq` when absent. */
  readonly suite?: string;
  /** A label class; INTERNAL when absent. */
  readonly label?: string;
  readonly termDays: number;
  /** The file to write. */
  readonly out: string;
}

const defaultRoles = 'publish,subscribe';
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const maxTermDays = 3653;

const words = {
  en: { written: 'Draft written to', next: 'Read it, then run: dongbo agreement sign' },
  vi: { written: 'Đã ghi dự thảo vào', next: 'Đọc kỹ, rồi chạy: dongbo agreement sign' },
};

/** Throws IDENTITY_…, FILE_…, CARD_…, ROLE_UNKNOWN, LABEL_UNKNOWN, SUITE_UNKNOWN, TERM_MALFORMED, AGREEMENT_MALFORMED. */
export async function runAgreementNew(options: AgreementNewOptions, io: CliIo): Promise<Agreement> {
  const identity = await loadIdentity(keysDir(options));
  const label = parseLabelClass(options.label ?? 'INTERNAL');
  if (!label) throw new DongboError('LABEL_UNKNOWN', { label: options.label ?? '' });
  const highestLabel = labelClass(label);
  const suite = parseSuite(options.suite ?? 'nacl-pq');
  const member = (card: Card, own: readonly Role[]): Member => ({ card, roles: own, highestLabel });
  const members = [member(identity.card, parseRoles(options.own ?? defaultRoles))];
  for (const option of options.members) {
    const { file, roles: theirs } = parseMember(option);
    members.push(member(await readCard(file), theirs));
  }
  for (const file of options.relays ?? []) members.push(member(await readCard(file), ['relay']));
  const agreement = parseAgreement({
    version: 1,
    space: parseSpaceId(hexText(io.random.bytes(16))),
    name: options.name.normalize('NFC'),
    owner: identity.node,
    members,
    label,
    suite,
    ...term(options.termDays, io.clock.now()),
  });
  await writeNewJson(options.out, agreement);
  const say = wordsFor(io, words);
  showAgreement(agreement, io);
  io.out(`${say.written} ${options.out}`);
  io.out(`${say.next} ${options.out}`);
  return agreement;
}

/** Splits `CARDFILE:roles` at the last colon that is followed by roles only. */
function parseMember(option: string): { file: string; roles: Role[] } {
  const colon = option.lastIndexOf(':');
  if (colon < 0) return { file: option, roles: parseRoles(defaultRoles) };
  return { file: option.slice(0, colon), roles: parseRoles(option.slice(colon + 1)) };
}

function parseRoles(text: string): Role[] {
  return text.split(',').map((word) => {
    const role = roles.find((r) => r === word.trim());
    if (!role) throw new DongboError('ROLE_UNKNOWN', { role: word.slice(0, 60) });
    return role;
  });
}

function parseSuite(text: string): SuiteName {
  const suite = suiteNames.find((name) => name === text);
  if (!suite)
    throw new DongboError('SUITE_UNKNOWN', { suite: text.slice(0, 60), known: suiteNames.join(', ') });
  return suite;
}

/** Whole days in UTC. It begins with the day (an hour back, for clocks that are behind) and covers the last day. */
function term(days: number, now: number): { notBefore: string; notAfter: string } {
  if (!Number.isInteger(days) || days < 1 || days > maxTermDays)
    throw new DongboError('TERM_MALFORMED', { days });
  const start = Math.floor((now - hourMs) / dayMs) * dayMs;
  const end = Math.ceil((now + days * dayMs) / dayMs) * dayMs;
  return { notBefore: new Date(start).toISOString(), notAfter: new Date(end).toISOString() };
}

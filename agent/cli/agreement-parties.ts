/** What the options of `agreement new` and `amend` say of members, labels and terms. */
import { type Role, roles } from '#agent/core/agreement.ts';
import { DongboError } from '#agent/core/errors.ts';
import { readCard } from './card-file.ts';
import type { Party } from './trial-terms.ts';

const defaultRoles = 'publish,subscribe';
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const maxTermDays = 3653;

/** Of `CARDFILE:roles` and of relays' card files. Throws FILE_…, CARD_…, ROLE_UNKNOWN. */
export async function readParties(members: readonly string[], relays: readonly string[]): Promise<Party[]> {
  const parties: Party[] = [];
  for (const option of members) {
    const { file, roles: theirs } = parseMember(option);
    parties.push({ card: await readCard(file), roles: theirs });
  }
  for (const file of relays) parties.push({ card: await readCard(file), roles: ['relay'] });
  return parties;
}

/** Splits `CARDFILE:roles` at the last colon that is followed by roles only. */
function parseMember(option: string): { file: string; roles: Role[] } {
  const colon = option.lastIndexOf(':');
  if (colon < 0) return { file: option, roles: parseRoles(defaultRoles) };
  return { file: option.slice(0, colon), roles: parseRoles(option.slice(colon + 1)) };
}

export function parseRoles(text: string = defaultRoles): Role[] {
  return text.split(',').map((word) => {
    const role = roles.find((r) => r === word.trim());
    if (!role) throw new DongboError('ROLE_UNKNOWN', { role: word.slice(0, 60) });
    return role;
  });
}

/** Whole days in UTC. It begins with the day (an hour back, for clocks that are behind) and covers the last day. */
export function termOf(days: number, now: number): { notBefore: string; notAfter: string } {
  if (!Number.isInteger(days) || days < 1 || days > maxTermDays)
    throw new DongboError('TERM_MALFORMED', { days });
  const start = Math.floor((now - hourMs) / dayMs) * dayMs;
  const end = Math.ceil((now + days * dayMs) / dayMs) * dayMs;
  return { notBefore: new Date(start).toISOString(), notAfter: new Date(end).toISOString() };
}

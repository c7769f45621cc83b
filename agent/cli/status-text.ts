/** A snapshot as a person reads it. */
import type { Details } from '#agent/core/errors.ts';
import { render } from '#agent/core/messages/index.ts';
import type { PeerSnapshot, Snapshot, SpaceSnapshot } from '#agent/status/snapshot.ts';
import type { ProgramIo } from './program-io.ts';
import { statusWords } from './status-words.ts';
import { bytesText, numberText } from './units.ts';

type Reader = Pick<ProgramIo, 'lang'>;

export function statusLines(snapshot: Snapshot, { lang }: Reader): string[] {
  const say = statusWords[lang];
  const { agency, node, role, version } = snapshot;
  const lines = [`${say.node} ${agency} (${role}, dongbo ${version}) ${node}`];
  lines.push(...auditLines(snapshot, { lang }));
  if (snapshot.spaces.length === 0) lines.push(say.noSpaces);
  for (const space of snapshot.spaces) lines.push('', ...spaceLines(space, { lang }));
  return lines;
}

/** What stops sharing is shown at each space. */
function auditLines({ audit }: Snapshot, { lang }: Reader): string[] {
  const { code, syslog, peers } = audit ?? {};
  const { bytes = 0, maxBytes = 0 } = audit ?? {};
  return [
    ...(code === 'AUDIT_NEARLY_FULL' ? codeLines(code, { bytes, maxBytes }, lang) : []),
    ...(peers ?? []).flatMap(({ code, ...details }) => codeLines(code, details, lang)),
    ...(syslog?.code === undefined ? [] : codeLines('SYSLOG_BEHIND', { behind: syslog.behind }, lang)),
  ];
}

function codeLines(code: string, details: Details, lang: Reader['lang']): string[] {
  const { what, todo } = render(code, details, lang);
  return [`  ${code}: ${what}`, `  → ${todo}`];
}

function spaceLines(space: SpaceSnapshot, { lang }: Reader): string[] {
  const say = statusWords[lang];
  const number = (n: number) => numberText(n, lang);
  const lines = [
    `${say.space} "${space.name}" ${space.space}`,
    `  ${say.states[space.state]}${space.reason ? ` (${space.reason})` : ''}${sinceText(space, say.since)}`,
    ...reasonLines(space, { lang }),
    `  ${number(space.items)} ${say.items}, ${bytesText(space.bytes, lang)}; ${say.pending} ${number(space.pending)}; ${say.problems} ${number(space.problems)}`,
  ];
  for (const [code, count] of Object.entries(space.problemCodes)) lines.push(`    ${code}: ${number(count)}`);
  lines.push(...freshnessLines(space, { lang }));
  const { open, confirmed, oldest } = space.withdrawals ?? { open: 0, confirmed: 0 };
  if (open + confirmed > 0)
    lines.push(
      `  ${say.withdrawn} ${number(open)}${oldest ? ` (${oldest})` : ''}, ${number(confirmed)} ${say.confirmed}`,
    );
  if (space.lastScan) lines.push(`  ${say.lastScan} ${space.lastScan}`);
  for (const peer of space.peers) lines.push(peerLine(peer, { lang }));
  return lines;
}

const sinceText = ({ since }: SpaceSnapshot, word: string): string => (since ? `, ${word} ${since}` : '');

/** Shown whatever else is the reason (R13). */
function freshnessLines(
  { lastSyncedAt, validUntil, flags }: Pick<SpaceSnapshot, 'lastSyncedAt' | 'validUntil' | 'flags'>,
  { lang }: Reader,
): string[] {
  if (!validUntil) return [];
  const say = statusWords[lang];
  const flag = flags.length > 0 ? `; ${flags.join(', ')}` : '';
  return [`  ${say.lastSynced} ${lastSyncedAt ?? say.never}; ${say.validUntil} ${validUntil}${flag}`];
}

/** In step needs no words; everything else says what it is and what to do. */
function reasonLines(
  { reason, details, space, name, folder = '' }: SpaceSnapshot,
  { lang }: Reader,
): string[] {
  if (!reason) return [];
  const { what, todo } = render(reason, { space, name, folder, ...details }, lang);
  return [`  ${what}`, `  → ${todo}`];
}

function peerLine(peer: PeerSnapshot, { lang }: Reader): string {
  const say = statusWords[lang];
  const parts: string[] = [peer.connected ? say.connected : say.disconnected];
  if (peer.takes) {
    const has = peer.reads ? peer.receiptSeq : peer.sentSeq;
    parts.push(
      `${peer.reads ? say.confirmed : say.sent} ${numberText(has, lang)} ${say.of} ${numberText(peer.ownSeq, lang)} ${say.changes}`,
    );
  }
  if (peer.flags.length > 0)
    parts.push(`${peer.flags.join(', ')} (${say.lastSynced} ${peer.lastSyncedAt ?? say.never})`);
  if (peer.lastFault) parts.push(peer.lastFault);
  if (!peer.connected && peer.lastSeen) parts.push(`${say.lastSeen} ${peer.lastSeen}`);
  return `  ${peer.inStep ? '=' : '…'} ${peer.agency} ${peer.node.slice(0, 8)}: ${parts.join('; ')}`;
}

/** An agreement as a person reads it before signing or accepting. */
import { type Agreement, agreementDigest, agreementState } from '#agent/core/agreement.ts';
import { cardFingerprint } from '#agent/core/card.ts';
import { labelClass } from '#agent/core/label.ts';
import { showApprovals, showTerms } from './agreement-terms-text.ts';
import { type CliIo, wordsFor } from './init-io.ts';

const words = {
  en: {
    agreement: 'Agreement',
    space: 'Space',
    revision: 'Revision',
    label: 'Label',
    suite: 'Cipher suite',
    term: 'Term (UTC)',
    to: 'to',
    members: 'Members',
    owner: 'owner',
    reads: 'may read up to',
    fingerprint: 'card fingerprint',
    digest: 'Digest',
    states: { 'in-force': 'within its term', 'not-yet': 'not yet begun', expired: 'ended' },
    roles: { publish: 'publishes', subscribe: 'subscribes', relay: 'relay (reads nothing)' },
  },
  vi: {
    agreement: 'Nội dung thống nhất chia sẻ',
    space: 'Không gian chia sẻ',
    revision: 'Lần ban hành',
    label: 'Nhãn',
    suite: 'Bộ mật mã',
    term: 'Thời hạn (giờ UTC)',
    to: 'đến',
    members: 'Thành viên',
    owner: 'bên chủ trì',
    reads: 'được đọc đến mức',
    fingerprint: 'dấu vân tay thẻ',
    digest: 'Mã băm',
    states: { 'in-force': 'đang trong thời hạn', 'not-yet': 'chưa đến hạn', expired: 'đã hết hạn' },
    roles: { publish: 'cung cấp', subscribe: 'khai thác', relay: 'trạm trung chuyển (không đọc được)' },
  },
};

export function showAgreement(a: Agreement, io: CliIo): void {
  const say = wordsFor(io, words);
  const state = say.states[agreementState(a, io.clock.now())];
  io.out(`${say.agreement}: ${a.name}`);
  io.out(`${say.space}: ${a.space}`);
  io.out(`${say.revision}: ${a.revision}`);
  io.out(`${say.label}: ${labelClass(a.label)}`);
  io.out(`${say.suite}: ${a.suite}`);
  io.out(`${say.term}: ${a.notBefore} ${say.to} ${a.notAfter} (${state})`);
  io.out(`${say.members}:`);
  for (const member of a.members) {
    const { card, roles, highestLabel } = member;
    const owner = card.node === a.owner ? ` [${say.owner}]` : '';
    const does = roles.map((role) => say.roles[role]).join(', ');
    const reads = roles.includes('relay') ? '' : `; ${say.reads} ${highestLabel}`;
    io.out(`  ${card.agency} ${card.name}${owner}: ${does}${reads}`);
    io.out(`    ${say.fingerprint} ${cardFingerprint(card)}`);
    showApprovals(member, io);
  }
  showTerms(a, io);
  io.out(`${say.digest}: ${agreementDigest(a)}`);
}

/** The texts, approvals and road of an agreement, as a person reads them. */
import type { Agreement, Member } from '#agent/core/agreement.ts';
import { type AgreedRoute, termNames } from '#agent/core/agreement-terms.ts';
import { type CliIo, wordsFor } from './init-io.ts';
import { termWords } from './term-words.ts';
import { trialDecision } from './trial-terms.ts';

const words = {
  en: {
    contact: 'contact',
    system: (level: number) => `system approved at level ${level}`,
    until: 'until',
    cipher: 'state cipher',
    trial: 'TRIAL: this agreement rests on no approval. Not for real data.',
    basis: 'Legal basis',
    route: 'Route',
    within: 'within one system',
    direct: 'directly between agencies, by exception of',
    retention: 'Kept after the end (days)',
    freshness: 'Stale after (hours)',
    history: 'New members get what was published before',
    master: 'Master owner: what others change is proposed to it',
    yes: 'yes',
    no: 'no',
    terms: termWords.en,
  },
  vi: {
    contact: 'đầu mối',
    system: (level: number) => `hệ thống được phê duyệt cấp độ ${level}`,
    until: 'đến',
    cipher: 'sản phẩm mật mã cơ yếu',
    trial: 'CHẠY THỬ: nội dung này không dựa trên phê duyệt nào. Không dùng cho dữ liệu thật.',
    basis: 'Căn cứ pháp lý',
    route: 'Phương án kết nối',
    within: 'trong nội bộ một hệ thống',
    direct: 'trực tiếp giữa các cơ quan, theo ngoại lệ do',
    retention: 'Lưu giữ sau khi kết thúc (ngày)',
    freshness: 'Quá hạn đồng bộ sau (giờ)',
    history: 'Thành viên mới nhận dữ liệu đã công bố trước đó',
    master: 'Cơ quan chủ quản dữ liệu gốc: thay đổi của bên khác là đề nghị đính chính gửi cơ quan này',
    yes: 'có',
    no: 'không',
    terms: termWords.vi,
  },
};

export function showApprovals({ contact, system, stateCipher }: Member, io: CliIo): void {
  const say = wordsFor(io, words);
  io.out(`    ${say.contact}: ${contact}`);
  if (system) {
    const { level, decision, date, validUntil } = system;
    io.out(`    ${say.system(level)}: ${decision} (${date}, ${say.until} ${validUntil})`);
  }
  if (stateCipher) {
    const { name, approval, highest, validUntil } = stateCipher;
    io.out(`    ${say.cipher}: ${name}, ${approval}, ${highest} (${say.until} ${validUntil})`);
  }
}

export function showTerms(a: Agreement, io: CliIo): void {
  const say = wordsFor(io, words);
  for (const name of termNames) io.out(`${say.terms[name]}: ${a.terms[name].replaceAll('\n', '\n  ')}`);
  io.out(`${say.basis}: ${a.legalBasis.join(', ')}`);
  io.out(`${say.route}: ${routeText(a.route, say)}`);
  io.out(`${say.retention}: ${a.retentionDays}`);
  io.out(`${say.freshness}: ${a.freshnessHours}`);
  io.out(`${say.history}: ${a.history ? say.yes : say.no}`);
  const master = a.members.find(({ card }) => card.node === a.masterOwner);
  if (master) io.out(`${say.master}: ${master.card.agency} ${master.card.node}`);
  if (a.members.some(({ system }) => system?.decision === trialDecision)) io.out(say.trial);
}

function routeText(route: AgreedRoute, say: (typeof words)['en']): string {
  if (route.kind === 'within-system') return say.within;
  if (route.kind === 'shared') return route.platformName ?? route.platform;
  const { approver, reason, validUntil } = route.exception;
  return `${say.direct} ${approver} (${say.until} ${validUntil}): ${reason}`;
}

/** What a person must look at first: what could not be read, what is over or ends soon, what is open too widely. */
import { type Block, heading, notes, paragraph } from './block.ts';
import { actText, validityText } from './common-words.ts';
import type { AgreementFacts } from './agreement-schema.ts';
import type { Dossier, Validity } from './dossier-schema.ts';

const words = {
  en: {
    title: 'To look at',
    none: 'Nothing.',
    term: 'term of the agreement',
    system: 'security level of the system of',
    cipher: 'state cipher of',
    exception: 'exception for the direct route',
    basis: 'its legal basis is no longer in force or not yet',
    standing: 'not in force',
    trial: 'a trial: not for real data',
    wide: (path: string, mode: string, most: string) =>
      `${path}: mode ${mode} is wider than it should be (at most ${most})`,
    audit: 'The audit log does not verify',
    stopped: 'The agent does not run, or not where the configuration says',
    debug: 'log.level is debug: names of items go into the log',
  },
  vi: {
    title: 'Những điểm cần xử lý',
    none: 'Không có.',
    term: 'thời hạn nội dung thống nhất',
    system: 'cấp độ an toàn hệ thống của',
    cipher: 'sản phẩm mật mã cơ yếu của',
    exception: 'ngoại lệ kết nối trực tiếp',
    basis: 'căn cứ pháp lý không còn hoặc chưa có hiệu lực',
    standing: 'không có hiệu lực',
    trial: 'bản chạy thử: không dùng cho dữ liệu thật',
    wide: (path: string, mode: string, most: string) =>
      `${path}: quyền ${mode} rộng hơn mức cần thiết (tối đa ${most})`,
    audit: 'Nhật ký kiểm toán không toàn vẹn',
    stopped: 'Chương trình không chạy, hoặc không chạy theo cấu hình này',
    debug: 'log.level là debug: tên mục dữ liệu được ghi vào nhật ký',
  },
} as const;

type Language = Dossier['language'];

export function attentionSection(dossier: Dossier): Block[] {
  const say = words[dossier.language];
  const { faults, agreements, access, language } = dossier;
  const all = [
    ...faults.map(({ code, what, todo }) => `${code}: ${what} → ${todo}`),
    ...agreements.flatMap((agreement) => ofAgreement(agreement, language)),
    ...access.flatMap(({ path, mode, most, wide }) => (wide ? [say.wide(path, mode ?? '', most)] : [])),
    ...ofNode(dossier),
  ];
  return [heading(2, say.title), ...(all.length > 0 ? notes(all) : [paragraph(say.none)])];
}

function ofAgreement(agreement: AgreementFacts, language: Language): string[] {
  const say = words[language];
  const { name, standing, trial, term, members, route, legalBasis } = agreement;
  const ends: [string, Validity | undefined][] = [
    [say.term, term],
    [say.exception, route.exception?.valid],
    ...members.flatMap(({ agency, system, stateCipher }): [string, Validity | undefined][] => [
      [`${say.system} ${agency}`, system?.valid],
      [`${say.cipher} ${agency}`, stateCipher?.valid],
    ]),
  ];
  const texts = [
    ...(standing === 'in-force' ? [] : [`${say.standing} (${standing})`]),
    ...(trial ? [say.trial] : []),
    ...ends.flatMap(([what, valid]) =>
      valid && valid.is !== 'valid' ? [`${what}: ${validityText(valid, language)}`] : [],
    ),
    ...legalBasis.flatMap(({ id, is }) =>
      is === 'in-force' ? [] : [`${say.basis}: ${actText(id, language)}`],
    ),
  ];
  return texts.map((text) => `${name}: ${text}`);
}

function ofNode({ logs, running, language }: Dossier): string[] {
  const say = words[language];
  const { head, verified } = logs.audit;
  const broken = head === 'invalid' ? 'AUDIT_HEAD_INVALID' : typeof verified === 'object' && verified.fault;
  return [
    ...(broken ? [`${say.audit} (${broken})`] : []),
    ...(logs.level === 'debug' ? [say.debug] : []),
    ...(running.is
      ? running.spaces.flatMap(({ name, halt }) => (halt ? [`${name}: ${halt.code}`] : []))
      : [`${say.stopped} (${running.code})`]),
  ];
}

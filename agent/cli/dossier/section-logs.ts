/** The audit log, and what else is logged (R22 to R25). */
import { bytesText, numberText } from '#agent/cli/units.ts';
import { type Block, heading, table } from './block.ts';
import type { Dossier } from './dossier-schema.ts';

const words = {
  en: {
    title: '8. Logs and retention',
    fields: ['What', 'Value'],
    retention: 'Audit log kept for (months)',
    space: 'Space used of that configured',
    files: 'Files, since',
    head: 'Signed head',
    heads: { absent: 'none yet', invalid: 'NOT VALID', unreadable: 'cannot be read by this account' },
    headText: (seq: string, time: string) => `record ${seq}, ${time}`,
    verified: 'Verified for this dossier',
    sound: (first: string, last: string) => `sound, records ${first}–${last}`,
    not: {
      'too-large': 'no: larger than 64 MiB; run "dongbo audit verify"',
      'not-on-record':
        'no: the agent does not run, so that the reading could not go on record; run "dongbo audit verify"',
      unreadable: 'no: the log cannot be read by this account',
    },
    level: 'Log of the service',
    levels: (level: string, format: string) => `level ${level}, format ${format}, to standard output`,
    debug: 'shows names of items: not for ordinary use',
    syslog: 'Syslog to a collector (R25)',
    none: 'not configured',
  },
  vi: {
    title: '8. Nhật ký và thời hạn lưu',
    fields: ['Nội dung', 'Giá trị'],
    retention: 'Thời hạn lưu nhật ký kiểm toán (tháng)',
    space: 'Dung lượng đã dùng trên mức khai báo',
    files: 'Số tệp, từ tháng',
    head: 'Đỉnh nhật ký có chữ ký',
    heads: { absent: 'chưa có', invalid: 'KHÔNG HỢP LỆ', unreadable: 'tài khoản này không đọc được' },
    headText: (seq: string, time: string) => `bản ghi ${seq}, ${time}`,
    verified: 'Kiểm tra khi lập hồ sơ',
    sound: (first: string, last: string) => `toàn vẹn, bản ghi ${first}–${last}`,
    not: {
      'too-large': 'chưa kiểm tra: nhật ký lớn hơn 64 MiB; chạy "dongbo audit verify"',
      'not-on-record':
        'chưa kiểm tra: chương trình không chạy nên không ghi lại được lần đọc; chạy "dongbo audit verify"',
      unreadable: 'chưa kiểm tra: tài khoản này không đọc được nhật ký',
    },
    level: 'Nhật ký vận hành',
    levels: (level: string, format: string) => `mức ${level}, dạng ${format}, ghi ra đầu ra chuẩn`,
    debug: 'có tên mục dữ liệu: không dùng khi vận hành thường ngày',
    syslog: 'Gửi syslog đến hệ thống thu thập (R25)',
    none: 'chưa cấu hình',
  },
} as const;

export function logsSection({ logs, language }: Dossier): Block[] {
  const say = words[language];
  const { audit, level, format, syslog } = logs;
  const bytes = (n: number) => bytesText(n, language);
  const share = numberText((100 * audit.usedBytes) / audit.maxBytes, language, 1);
  const rows = [
    [say.retention, String(audit.retentionMonths)],
    [say.space, `${bytes(audit.usedBytes)} / ${bytes(audit.maxBytes)} (${share} %)`],
    [say.files, `${audit.files}, ${audit.firstMonth ?? '–'}`],
    [say.head, headText(audit.head, language)],
    [say.verified, verifiedText(audit.verified, language)],
    [say.level, `${say.levels(level, format)}${level === 'debug' ? `; ${say.debug}` : ''}`],
    [say.syslog, syslog ?? say.none],
  ];
  return [heading(2, say.title), table(say.fields, rows)];
}

type Audit = Dossier['logs']['audit'];

function headText(head: Audit['head'], language: Dossier['language']): string {
  const say = words[language];
  return typeof head === 'string' ? say.heads[head] : say.headText(numberText(head.seq, language), head.time);
}

function verifiedText(verified: Audit['verified'], language: Dossier['language']): string {
  const say = words[language];
  if (typeof verified === 'string') return say.not[verified];
  return (
    verified.fault ?? say.sound(numberText(verified.first, language), numberText(verified.last, language))
  );
}

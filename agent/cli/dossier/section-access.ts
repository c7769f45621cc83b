/** Accounts and permissions. */
import { type Block, heading, paragraph, table } from './block.ts';
import type { Dossier } from './dossier-schema.ts';

const words = {
  en: {
    title: '7. Accounts and permissions',
    service: (unit: string, user: string, group: string) =>
      `Service account by ${unit}: ${user}, group ${group}.`,
    root: 'root (the unit names none)',
    noUnit: 'No unit of the service is installed on this machine.',
    head: ['What', 'Path', 'Owner', 'Mode', 'At most', 'Finding'],
    what: {
      config: 'configuration',
      state: 'state directory',
      keys: 'keys directory',
      'key-file': 'key file',
      audit: 'audit log',
      agreements: 'agreements',
      control: 'control socket',
      folder: 'shared folder',
    },
    wide: 'WIDER THAN IT SHOULD BE',
    fine: 'fine',
    unseen: 'cannot be looked at',
    sizes: 'Files of the audit log that are fine are not listed one by one.',
  },
  vi: {
    title: '7. Tài khoản và quyền truy cập',
    service: (unit: string, user: string, group: string) =>
      `Tài khoản dịch vụ theo ${unit}: ${user}, nhóm ${group}.`,
    root: 'root (tệp dịch vụ không khai báo)',
    noUnit: 'Máy này chưa cài tệp dịch vụ.',
    head: ['Đối tượng', 'Đường dẫn', 'Chủ sở hữu', 'Quyền', 'Tối đa', 'Nhận xét'],
    what: {
      config: 'tệp cấu hình',
      state: 'thư mục trạng thái',
      keys: 'thư mục khoá',
      'key-file': 'tệp khoá',
      audit: 'nhật ký kiểm toán',
      agreements: 'nội dung thống nhất',
      control: 'socket điều khiển',
      folder: 'thư mục chia sẻ',
    },
    wide: 'RỘNG HƠN MỨC CẦN THIẾT',
    fine: 'phù hợp',
    unseen: 'không xem được',
    sizes: 'Tệp nhật ký kiểm toán có quyền phù hợp không liệt kê từng tệp.',
  },
} as const;

export function accessSection({ access, service, language }: Dossier): Block[] {
  const say = words[language];
  const account = service
    ? say.service(service.unit, service.user ?? say.root, service.group ?? service.user ?? say.root)
    : say.noUnit;
  const rows = access
    .filter(isListed)
    .map(({ what, path, owner, group, mode, most, wide, errno }) => [
      say.what[what],
      path,
      owner === undefined ? '–' : `${owner}:${group}`,
      mode ?? '–',
      most,
      errno === undefined ? (wide ? say.wide : say.fine) : `${say.unseen} (${errno})`,
    ]);
  return [heading(2, say.title), paragraph(account), table(say.head, rows), paragraph(say.sizes)];
}

const isListed = ({ what, path, wide, errno }: Dossier['access'][number]): boolean =>
  what !== 'audit' || wide || errno !== undefined || !/\.jsonl?$/.test(path);

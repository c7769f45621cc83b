/** Every address at which the node listens, and every one that it calls. */
import { type Block, heading, paragraph, table, tableOr } from './block.ts';
import type { Dossier } from './dossier-schema.ts';

const words = {
  en: {
    title: '3. Ports and flows',
    listening: 'Listening',
    outgoing: 'Outgoing',
    head: ['What', 'Address', 'Protocol', 'Who authenticates whom'],
    exchange: [
      'Exchange with other nodes',
      'TCP, HTTP/1.1 over TLS 1.3',
      'both, by the certificates on the cards of accepted agreements',
    ],
    status: ['Status pages', 'TCP, HTTP, this machine only', 'nobody; reading only, no names of items'],
    control: [
      'Commands of this machine',
      'Unix socket, HTTP',
      'the kernel: only the account of the agent and root can open it',
    ],
    outHead: ['To', 'Address', 'Protocol', 'Who authenticates whom'],
    out: ['TCP, HTTP/1.1 over TLS 1.3', 'both, by the certificates on the cards of accepted agreements'],
    none: 'This node calls nobody.',
    nothing: 'Nothing else: no telemetry, no update, no name but those above is looked up.',
  },
  vi: {
    title: '3. Cổng và luồng dữ liệu',
    listening: 'Địa chỉ lắng nghe',
    outgoing: 'Kết nối đi',
    head: ['Mục đích', 'Địa chỉ', 'Giao thức', 'Bên nào xác thực bên nào'],
    exchange: [
      'Trao đổi với các nút khác',
      'TCP, HTTP/1.1 trên TLS 1.3',
      'hai chiều, bằng chứng thư trên thẻ trong nội dung thống nhất đã chấp nhận',
    ],
    status: [
      'Trang trạng thái',
      'TCP, HTTP, chỉ trong máy này',
      'không xác thực; chỉ đọc, không có tên mục dữ liệu',
    ],
    control: [
      'Lệnh quản trị tại máy',
      'Unix socket, HTTP',
      'hệ điều hành: chỉ tài khoản chạy chương trình và root mở được',
    ],
    outHead: ['Đến', 'Địa chỉ', 'Giao thức', 'Bên nào xác thực bên nào'],
    out: [
      'TCP, HTTP/1.1 trên TLS 1.3',
      'hai chiều, bằng chứng thư trên thẻ trong nội dung thống nhất đã chấp nhận',
    ],
    none: 'Nút này không gọi đến nút nào.',
    nothing:
      'Ngoài ra không có kết nối nào: không gửi dữ liệu đo lường, không tự cập nhật, không phân giải tên miền nào khác.',
  },
} as const;

export function flowsSection({ flows, language }: Dossier): Block[] {
  const say = words[language];
  const listening = flows.listening.map(({ what, at }) => {
    const [purpose, protocol, authentication] = say[what];
    return [purpose, at, protocol, authentication];
  });
  const outgoing = flows.outgoing.map(({ to, agency, url }) => [agency ?? to, url, ...say.out]);
  return [
    heading(2, say.title),
    heading(3, say.listening),
    table(say.head, listening),
    heading(3, say.outgoing),
    tableOr(say.outHead, outgoing, say.none),
    paragraph(say.nothing),
  ];
}

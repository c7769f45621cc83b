/** The node, its machine, its place among its peers. */
import { bytesText } from '#agent/cli/units.ts';
import { type Block, heading, paragraph, table } from './block.ts';
import { commonWords, validityText } from './common-words.ts';
import type { Dossier } from './dossier-schema.ts';

const words = {
  en: {
    system: '1. The system',
    fields: ['What', 'Value'],
    agency: 'Agency (e-ID, name)',
    node: 'Node id',
    role: 'Role',
    roles: { agent: 'agent (keeps folders in step)', relay: 'relay (stores and forwards, reads nothing)' },
    version: 'Version of dongbo',
    runtime: 'Runtime',
    machine: 'Machine',
    config: 'Configuration',
    state: 'State directory',
    keys: 'Keys directory',
    folder: 'Shared folder of space',
    cipher: 'State cipher (R02)',
    noCipher: 'none: state secrets are refused',
    architecture: '2. Architecture',
    story:
      'Each agency runs the agent on its own server. It looks through the shared folder, cuts what changed into pieces, seals them for exactly those who may read them, and puts them into a feed that it signs. Feeds and sealed pieces go to the peers directly or through a relay; who receives them verifies, opens and writes them. Plain text is only in the shared folders. A relay holds sealed pieces and no key.',
    me: 'this node',
    folders: 'folders',
    steps: 'scan > label > seal > sign > feed',
    calls: 'called by this node',
    may: 'may call this node',
    through: 'through a relay',
    relay: 'relay: sealed data only',
    nobody: '(no other member, no peer)',
  },
  vi: {
    system: '1. Hệ thống',
    fields: ['Nội dung', 'Giá trị'],
    agency: 'Cơ quan (mã định danh, tên)',
    node: 'Mã nút',
    role: 'Vai trò',
    roles: {
      agent: 'agent (đồng bộ thư mục chia sẻ)',
      relay: 'relay (trạm trung chuyển: lưu và chuyển tiếp, không đọc được)',
    },
    version: 'Phiên bản dongbo',
    runtime: 'Nền chạy',
    machine: 'Máy chủ',
    config: 'Tệp cấu hình',
    state: 'Thư mục trạng thái',
    keys: 'Thư mục khoá',
    folder: 'Thư mục chia sẻ của không gian',
    cipher: 'Sản phẩm mật mã cơ yếu (R02)',
    noCipher: 'không có: bí mật nhà nước bị từ chối',
    architecture: '2. Kiến trúc',
    story:
      'Mỗi cơ quan chạy chương trình trên máy chủ của mình. Chương trình quét thư mục chia sẻ, chia phần thay đổi thành các khối, niêm phong riêng cho những bên được đọc, rồi ghi vào dòng thay đổi có chữ ký của nút. Dòng thay đổi và các khối đã niêm phong được gửi trực tiếp hoặc qua trạm trung chuyển; bên nhận kiểm tra, mở niêm phong và ghi vào thư mục của mình. Bản rõ chỉ có trong thư mục chia sẻ. Trạm trung chuyển chỉ giữ khối đã niêm phong, không giữ khoá.',
    me: 'nút này',
    folders: 'thư mục',
    steps: 'quét > gắn nhãn > niêm phong > ký > dòng thay đổi',
    calls: 'nút này gọi đến',
    may: 'có thể gọi đến nút này',
    through: 'qua trạm trung chuyển',
    relay: 'trạm trung chuyển: chỉ giữ dữ liệu đã niêm phong',
    nobody: '(chưa có thành viên khác, chưa khai báo nút đối tác)',
  },
} as const;

export function systemSection({ system, language }: Dossier): Block[] {
  const say = words[language];
  const { agency, name, node, role, version, nodeVersion, opensslVersion, host, os, cpus } = system;
  const rows = [
    [say.agency, `${agency}, ${name}`],
    [say.node, node],
    [say.role, say.roles[role]],
    [say.version, version],
    [say.runtime, `Node.js ${nodeVersion}, OpenSSL ${opensslVersion}`],
    [say.machine, `${host}: ${os}, ${cpus} CPU, ${bytesText(system.memoryBytes, language)}`],
    [say.config, system.config],
    [say.state, system.state],
    [say.keys, system.keys],
    [say.cipher, cipherText(system.stateCipher, language) ?? say.noCipher],
    ...system.folders.map(({ space, folder }) => [`${say.folder} ${space}`, folder]),
  ];
  return [heading(2, say.system), table(say.fields, rows)];
}

function cipherText(
  cipher: Dossier['system']['stateCipher'],
  language: Dossier['language'],
): string | undefined {
  if (!cipher) return undefined;
  const { product, approval, highest, valid } = cipher;
  return `${product}, ${approval}, ${highest}; ${validityText(valid, language)}`;
}

export function architectureSection(dossier: Dossier): Block[] {
  const say = words[dossier.language];
  return [
    heading(2, say.architecture),
    paragraph(say.story),
    { is: 'diagram', text: [...ownLines(dossier), ...peerLines(dossier)].join('\n') },
  ];
}

function ownLines({ system, language }: Dossier): string[] {
  const say = words[language];
  const work =
    system.role === 'relay' ? say.relay : `${say.folders} (${system.folders.length}) > ${say.steps}`;
  return [`+-- ${system.agency} (${say.me})`, `|   ${work}`, '|', '|   TLS 1.3'];
}

function peerLines({ flows, agreements, language }: Dossier): string[] {
  const say = words[language];
  const relays = new Set(
    agreements.flatMap(({ members }) =>
      members.filter(({ roles }) => roles.includes('relay')).flatMap(({ agency, node }) => [agency, node]),
    ),
  );
  const note = (id: string) => (relays.has(id) ? ` [${commonWords(language).roles.relay}]` : '');
  const listens = flows.listening.some(({ what }) => what === 'exchange');
  const lines = [
    ...flows.outgoing.map(({ to, agency, url }) => `${agency ?? short(to)}${note(to)} ${url} (${say.calls})`),
    ...flows.incoming.map(
      ({ agency, node }) => `${agency} ${short(node)}${note(node)} (${listens ? say.may : say.through})`,
    ),
  ];
  if (lines.length === 0) return [`+-- ${say.nobody}`];
  return lines.map((line, i) => `+--${i < flows.outgoing.length ? '>' : '-'} ${line}`);
}

const short = (id: string): string => id.slice(0, 8);

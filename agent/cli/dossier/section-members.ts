/** Members and the approved security levels of their systems (R09), contacts, roles, state-cipher products (R02). */
import { type Block, heading, paragraph, table } from './block.ts';
import { commonWords, dayText, validityText } from './common-words.ts';
import type { MemberFacts } from './agreement-schema.ts';
import type { Dossier } from './dossier-schema.ts';

const words = {
  en: {
    title: '4. Members and approved security levels',
    head: [
      'Agency',
      'Roles',
      'Highest label',
      'Security level (R09)',
      'State cipher (R02)',
      'Contact officer',
      'Card fingerprint',
    ],
    owner: 'owner',
    me: 'this node',
    level: (level: number, decision: string, day: string) => `level ${level}: ${decision} of ${day}`,
    relay: 'not needed: a relay reads nothing',
    none: 'none',
    absent: 'No accepted agreement, so no member.',
  },
  vi: {
    title: '4. Thành viên và cấp độ an toàn hệ thống được phê duyệt',
    head: [
      'Cơ quan',
      'Vai trò',
      'Nhãn cao nhất được đọc',
      'Cấp độ an toàn (R09)',
      'Sản phẩm mật mã cơ yếu (R02)',
      'Cán bộ đầu mối',
      'Dấu vân tay thẻ',
    ],
    owner: 'bên chủ trì',
    me: 'nút này',
    level: (level: number, decision: string, day: string) => `cấp độ ${level}: ${decision} ngày ${day}`,
    relay: 'không yêu cầu: trạm trung chuyển không đọc được dữ liệu',
    none: 'không có',
    absent: 'Chưa có nội dung thống nhất được chấp nhận nên chưa có thành viên.',
  },
} as const;

export function membersSection({ agreements, language }: Dossier): Block[] {
  const say = words[language];
  const blocks: Block[] = [heading(2, say.title)];
  if (agreements.length === 0) blocks.push(paragraph(say.absent));
  for (const { name, space, members } of agreements) {
    blocks.push(heading(3, `${name} (${space})`));
    blocks.push(
      table(
        say.head,
        members.map((member) => memberRow(member, language)),
      ),
    );
  }
  return blocks;
}

function memberRow(member: MemberFacts, language: Dossier['language']): string[] {
  const say = words[language];
  const { agency, name, node, owner, me, roles, highestLabel, contact, fingerprint, stateCipher } = member;
  const marks = [owner ? say.owner : '', me ? say.me : ''].filter(Boolean).join(', ');
  const cipher = stateCipher
    ? `${stateCipher.name}, ${stateCipher.approval}, ${stateCipher.highest}; ${validityText(stateCipher.valid, language)}`
    : say.none;
  return [
    `${agency} ${name}${marks ? ` (${marks})` : ''}\n${node.slice(0, 16)}…`,
    roles.map((role) => commonWords(language).roles[role]).join(', '),
    roles.includes('relay') ? '–' : highestLabel,
    levelText(member, language),
    cipher,
    contact,
    fingerprint,
  ];
}

function levelText({ system, roles }: MemberFacts, language: Dossier['language']): string {
  const say = words[language];
  if (!system) return roles.includes('relay') ? say.relay : say.none;
  const { level, decision, date, valid } = system;
  const day = dayText(`${date}T00:00:00.000+07:00`, language);
  return `${say.level(level, decision, day)}; ${validityText(valid, language)}`;
}

/** The whole dossier as a document, in the order of Decree 331/2026, article 10. */
import { type Block, heading, paragraph } from './block.ts';
import type { Dossier } from './dossier-schema.ts';
import { accessSection } from './section-access.ts';
import { agreementsSection } from './section-agreements.ts';
import { attentionSection } from './section-attention.ts';
import { flowsSection } from './section-flows.ts';
import { labelsSection } from './section-labels.ts';
import { logsSection } from './section-logs.ts';
import { membersSection } from './section-members.ts';
import { requirementsSection } from './section-requirements.ts';
import { runningSection } from './section-running.ts';
import { suitesSection } from './section-suites.ts';
import { architectureSection, systemSection } from './section-system.ts';

const words = {
  en: {
    title: 'Dossier of the data synchronisation system dongbo',
    made: (agency: string, time: string) =>
      `Made by "dongbo dossier" on the node of ${agency} on ${time}, from its configuration and state (R38; Decree 331/2026, article 10). It holds no document title, no key and no secret.`,
  },
  vi: {
    title: 'Hồ sơ hệ thống đồng bộ dữ liệu dongbo',
    made: (agency: string, time: string) =>
      `Lập bằng lệnh "dongbo dossier" trên nút của ${agency} lúc ${time} (giờ UTC), từ cấu hình và trạng thái đang dùng (R38; Nghị định số 331/2026/NĐ-CP, Điều 10). Hồ sơ không chứa tiêu đề tài liệu, khoá hay bí mật nào.`,
  },
} as const;

const sections: readonly ((dossier: Dossier) => Block[])[] = [
  attentionSection,
  systemSection,
  architectureSection,
  flowsSection,
  membersSection,
  suitesSection,
  labelsSection,
  accessSection,
  logsSection,
  agreementsSection,
  runningSection,
  requirementsSection,
];

export function documentOf(dossier: Dossier): Block[] {
  const say = words[dossier.language];
  const { agency, name } = dossier.system;
  const made = dossier.made.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
  return [
    heading(1, say.title),
    paragraph(say.made(`${agency} ${name}`, made)),
    ...sections.flatMap((section) => section(dossier)),
  ];
}

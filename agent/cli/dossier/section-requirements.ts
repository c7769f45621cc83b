/** The table of requirements R01 to R38. */
import { type Block, heading, paragraph, table } from './block.ts';
import type { Dossier, RequirementKind } from './dossier-schema.ts';

const words = {
  en: {
    title: '11. Requirements R01–R38',
    about:
      "The program's own account, from its configuration and its tests. It replaces no assessment by whoever is competent, and the text of the law in force on the day is to be checked by the agency's lawyer.",
    head: ['Id', 'Asked', 'Standing', 'How; values; tests', "The agency's part"],
    kinds: {
      'by-configuration': 'met by configuration',
      'by-design': 'met by design',
      partly: 'PARTLY',
      'not-met': 'NOT MET',
      'agency-duty': "the agency's own duty",
    },
    more: (count: number) => `and ${count} more`,
  },
  vi: {
    title: '11. Các yêu cầu R01–R38',
    about:
      'Bảng do chương trình tự lập từ cấu hình đang dùng và bộ kiểm thử của mình; không thay thế việc đánh giá của cơ quan, tổ chức có thẩm quyền. Văn bản pháp luật có hiệu lực tại thời điểm áp dụng phải do bộ phận pháp chế của cơ quan kiểm tra.',
    head: ['Mã', 'Yêu cầu', 'Mức đáp ứng', 'Cách đáp ứng; giá trị; tệp kiểm thử', 'Việc của cơ quan'],
    kinds: {
      'by-configuration': 'đáp ứng bằng cấu hình',
      'by-design': 'đáp ứng bằng thiết kế',
      partly: 'MỘT PHẦN',
      'not-met': 'CHƯA ĐÁP ỨNG',
      'agency-duty': 'trách nhiệm của cơ quan',
    },
    more: (count: number) => `và ${count} giá trị khác`,
  },
} as const satisfies Record<
  string,
  { readonly kinds: Record<RequirementKind, string>; [name: string]: unknown }
>;

/** The rest is in the JSON form. */
const shownSettings = 12;

export function requirementsSection({ requirements, language }: Dossier): Block[] {
  const say = words[language];
  const rows = requirements.map(({ id, must, kind, how, settings, tests, duty }) => [
    id,
    must,
    say.kinds[kind],
    [
      how,
      ...settings.slice(0, shownSettings),
      ...(settings.length > shownSettings ? [say.more(settings.length - shownSettings)] : []),
      ...tests,
    ].join('\n'),
    duty ?? '',
  ]);
  return [heading(2, say.title), paragraph(say.about), table(say.head, rows)];
}

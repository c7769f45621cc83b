/** Labels by path. */
import { type Block, heading, paragraph, tableOr } from './block.ts';
import type { Dossier } from './dossier-schema.ts';

const words = {
  en: {
    title: '6. Labels',
    about:
      'The highest rule that applies wins; what no rule names is not shared. Patterns that may name an item, and those of state secrets, are not printed: look at their place in the configuration.',
    head: ['Rule', 'Path', 'Label', 'Decided by, reference'],
    whole: 'No rules: every item has the label of the space',
    hidden: '(not printed)',
    none: 'No folder is shared on this node.',
    counts: 'How many items stand under each label is not told by this version.',
  },
  vi: {
    title: '6. Nhãn dữ liệu',
    about:
      'Quy tắc cao nhất được áp dụng; mục không có quy tắc nào thì không được chia sẻ. Không in mẫu đường dẫn có thể là tên một mục cụ thể và mẫu thuộc bí mật nhà nước: xem tại vị trí đã nêu trong tệp cấu hình.',
    head: ['Quy tắc', 'Đường dẫn', 'Nhãn', 'Người quyết định, số văn bản'],
    whole: 'Không có quy tắc: mọi mục mang nhãn của không gian',
    hidden: '(không in)',
    none: 'Nút này không có thư mục chia sẻ.',
    counts: 'Phiên bản này chưa thống kê số mục theo từng nhãn.',
  },
} as const;

export function labelsSection({ labels, agreements, language }: Dossier): Block[] {
  const say = words[language];
  if (labels.length === 0) return [heading(2, say.title), paragraph(say.none)];
  const each = labels.flatMap(({ space, rules }) => {
    const agreement = agreements.find((one) => one.space === space);
    const rows = rules.map(({ rule, path, sensitivity, secrecy, personalData, decidedBy, decisionRef }) => [
      rule,
      path ?? say.hidden,
      [sensitivity, secrecy, personalData && `PD:${personalData}`].filter(Boolean).join(' + '),
      [decidedBy, decisionRef].filter(Boolean).join(', '),
    ]);
    const whole = agreement ? `${say.whole} (${agreement.label}).` : `${say.whole}.`;
    return [heading(3, agreement ? `${agreement.name} (${space})` : space), tableOr(say.head, rows, whole)];
  });
  return [heading(2, say.title), paragraph(say.about), ...each, paragraph(say.counts)];
}

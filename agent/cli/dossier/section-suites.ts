/** The suites in use (R20). */
import { type Block, heading, paragraph, table } from './block.ts';
import type { Dossier } from './dossier-schema.ts';

const words = {
  en: {
    title: '5. Cipher suites in use',
    head: ['Use', 'Algorithm', 'Provided by'],
    uses: {
      wrap: 'wrapping of keys for readers',
      sign: 'signature of feeds, heads, receipts',
      trust: 'signature of cards, agreements, notices',
      derive: 'derivation of keys',
      seal: 'sealing of content and names',
      transport: 'transport between nodes',
    },
    spaces: 'spaces',
    hybrid: 'Keys are wrapped with X25519 and ML-KEM-768 together; signatures are not post-quantum.',
    classic: 'Not post-quantum.',
    none: 'No accepted agreement, so no suite is in use.',
    library:
      'The program has no cipher of its own; it uses those of the packages named here. It makes no statement about their evaluation.',
  },
  vi: {
    title: '5. Bộ mật mã đang dùng',
    head: ['Mục đích', 'Thuật toán', 'Thư viện cung cấp'],
    uses: {
      wrap: 'bọc khoá cho bên khai thác',
      sign: 'ký dòng thay đổi, đỉnh, biên nhận',
      trust: 'ký thẻ, nội dung thống nhất, thông báo',
      derive: 'dẫn xuất khoá',
      seal: 'niêm phong nội dung và tên',
      transport: 'truyền giữa các nút',
    },
    spaces: 'không gian',
    hybrid: 'Khoá được bọc bằng X25519 kết hợp ML-KEM-768; chữ ký không kháng lượng tử.',
    classic: 'Không kháng lượng tử.',
    none: 'Chưa có nội dung thống nhất được chấp nhận nên chưa dùng bộ mật mã nào.',
    library:
      'Chương trình không tự xây dựng thuật toán mật mã mà dùng của các gói nêu trên, và không đưa ra nhận định nào về kết quả đánh giá các gói đó.',
  },
} as const;

export function suitesSection({ suites, language }: Dossier): Block[] {
  const say = words[language];
  if (suites.length === 0) return [heading(2, say.title), paragraph(say.none)];
  const each = suites.flatMap(({ name, spaces, postQuantum, algorithms }) => [
    heading(3, `${name} (${say.spaces}: ${spaces.join(', ')})`),
    paragraph(postQuantum ? say.hybrid : say.classic),
    table(
      say.head,
      algorithms.map(({ use, name: algorithm, by }) => [say.uses[use], algorithm, by]),
    ),
  ]);
  return [heading(2, say.title), ...each, paragraph(say.library)];
}

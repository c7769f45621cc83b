/** The titles of the texts of an agreement (R12), wherever one is shown. */
import type { TermName } from '#agent/core/agreement-terms.ts';
import type { Language } from '#agent/core/messages/language.ts';

export const termWords: Readonly<Record<Language, Readonly<Record<TermName, string>>>> = {
  en: {
    content: 'Content',
    place: 'Place',
    method: 'Method',
    processing: 'Processing after reception',
    limits: 'Limits of use',
    commitments: 'Commitments',
    security: 'Security and authentication measures',
    storage: 'Storage',
    deletion: 'Deletion at the end',
    other: 'Other',
  },
  vi: {
    content: 'Nội dung chia sẻ',
    place: 'Địa điểm',
    method: 'Phương thức',
    processing: 'Xử lý sau khi tiếp nhận',
    limits: 'Giới hạn sử dụng',
    commitments: 'Cam kết của các bên',
    security: 'Biện pháp an toàn, xác thực',
    storage: 'Lưu trữ',
    deletion: 'Xoá dữ liệu khi kết thúc',
    other: 'Nội dung khác',
  },
};

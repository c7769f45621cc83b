/** Texts of the codes of ids and codecs. */
import type { Messages } from './catalogue.ts';

export const coreMessages = {
  ID_MALFORMED: {
    en: 'An identifier ({what}) is not written as it should be: {rule}.',
    vi: 'Mã định danh ({what}) không đúng dạng quy định: {rule}.',
    doEn: 'Copy the identifier again from where it was issued; do not type it by hand.',
    doVi: 'Sao chép lại mã từ nơi cấp, không gõ tay.',
  },
  CODEC_MALFORMED: {
    en: 'Data received or stored ({what}, field {field}) breaks the format: {rule}. It was refused and nothing was written.',
    vi: 'Dữ liệu nhận được hoặc đang lưu ({what}, trường {field}) sai định dạng: {rule}. Dữ liệu đã bị từ chối, không ghi gì vào kho.',
    doEn: 'Check that all members run a compatible version. If it comes again from the same member, tell that agency: its data may be damaged or forged.',
    doVi: 'Kiểm tra các bên có dùng phiên bản tương thích hay không. Nếu lỗi lặp lại từ cùng một bên, báo cho cơ quan đó: dữ liệu có thể hỏng hoặc bị giả mạo.',
  },
  INVARIANT: {
    en: 'The program found its own state contradictory ({what}) and stopped this operation to keep your data safe.',
    vi: 'Chương trình phát hiện trạng thái nội bộ mâu thuẫn ({what}) và đã dừng thao tác này để bảo vệ dữ liệu.',
    doEn: 'Restart the service. If it comes again, keep the log and report it to the maintainers.',
    doVi: 'Khởi động lại dịch vụ. Nếu lỗi lặp lại, giữ nhật ký và báo cho nhóm phát triển.',
  },
} as const satisfies Messages;

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
  OWN_FAULT: {
    en: 'dongbo met a fault of its own ({what}) in this piece of work and left it as it was; all else goes on',
    vi: 'dongbo gặp lỗi của chính chương trình ({what}) khi xử lý phần việc này và để nguyên hiện trạng; các phần khác vẫn tiếp tục',
    doEn: 'It is tried again by itself. If it stays, keep the log and report it to the maintainers; if the status names a publisher, its data may have led to it.',
    doVi: 'Hệ thống tự thử lại. Nếu lỗi kéo dài, giữ nhật ký và báo nhóm phát triển; nếu trạng thái nêu tên một bên cung cấp thì có thể do dữ liệu của bên đó.',
  },
  INVARIANT: {
    en: 'The program found its own state contradictory ({what}) and stopped this operation to keep your data safe.',
    vi: 'Chương trình phát hiện trạng thái nội bộ mâu thuẫn ({what}) và đã dừng thao tác này để bảo vệ dữ liệu.',
    doEn: 'Restart the service. If it comes again, keep the log and report it to the maintainers.',
    doVi: 'Khởi động lại dịch vụ. Nếu lỗi lặp lại, giữ nhật ký và báo cho nhóm phát triển.',
  },
} as const satisfies Messages;

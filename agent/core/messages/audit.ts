/** Texts of the audit log: what stops sharing, and what `dongbo audit` finds. */
import type { Messages } from './catalogue.ts';

export const auditMessages = {
  AUDIT_UNWRITABLE: {
    en: 'The audit log cannot be written ({errno}); nothing is sent or served until it can be',
    vi: 'Không ghi được nhật ký kiểm toán ({errno}); ngừng gửi và cung cấp dữ liệu cho đến khi ghi lại được',
    doEn: 'Look at the disk of the state directory: free space, permissions, faults. Sharing goes on by itself.',
    doVi: 'Kiểm tra đĩa chứa thư mục trạng thái: dung lượng trống, quyền ghi, lỗi đĩa. Việc chia sẻ sẽ tự tiếp tục.',
  },
  AUDIT_FULL: {
    en: 'The audit log has used up its space ({bytes} of {maxBytes} bytes); nothing is sent or served',
    vi: 'Nhật ký kiểm toán đã dùng hết dung lượng ({bytes} trên {maxBytes} byte); ngừng gửi và cung cấp dữ liệu',
    doEn: 'Raise audit.maxBytes in the configuration and start the agent again. Delete no file of the log by hand.',
    doVi: 'Tăng audit.maxBytes trong cấu hình rồi khởi động lại. Không tự xoá tệp nhật ký nào.',
  },
  AUDIT_NEARLY_FULL: {
    en: 'The audit log has used 80 % or more of its space ({bytes} of {maxBytes} bytes); at 100 % sharing stops',
    vi: 'Nhật ký kiểm toán đã dùng từ 80 % dung lượng ({bytes} trên {maxBytes} byte); đến 100 % sẽ ngừng chia sẻ',
    doEn: 'Raise audit.maxBytes in the configuration before it is full.',
    doVi: 'Tăng audit.maxBytes trong cấu hình trước khi đầy.',
  },
  AUDIT_DAMAGED: {
    en: 'The audit log is damaged or was changed ({file}, record {seq}); nothing is sent or served',
    vi: 'Nhật ký kiểm toán bị hỏng hoặc bị sửa ({file}, bản ghi {seq}); ngừng gửi và cung cấp dữ liệu',
    doEn: 'Run "dongbo audit verify", tell the security officer, and follow docs/operations.md before starting again.',
    doVi: 'Chạy "dongbo audit verify", báo cán bộ an toàn thông tin và làm theo docs/operations.md trước khi khởi động lại.',
  },
  AUDIT_LOST: {
    en: 'The audit log that went up to record {seq} is not there any more; a new one was begun, which says so',
    vi: 'Nhật ký kiểm toán từng có đến bản ghi {seq} nay không còn; đã mở nhật ký mới và ghi nhận việc này',
    doEn: 'Find out who took the audit directory away, and put the old files into safe keeping. Tell the security officer.',
    doVi: 'Làm rõ ai đã lấy đi thư mục nhật ký, cất giữ các tệp cũ và báo cán bộ an toàn thông tin.',
  },
  AUDIT_RECORD_CHANGED: {
    en: '{file}: record {seq} is not as it was written',
    vi: '{file}: bản ghi {seq} không còn như khi được ghi',
    doEn: 'Keep a copy of the audit directory and tell the security officer. Records before it are sound.',
    doVi: 'Sao lưu thư mục nhật ký và báo cán bộ an toàn thông tin. Các bản ghi trước đó vẫn nguyên vẹn.',
  },
  AUDIT_RECORD_MISSING: {
    en: '{file}: record {seq} is missing, and no retention accounts for it',
    vi: '{file}: thiếu bản ghi {seq} mà không phải do hết hạn lưu',
    doEn: 'Keep a copy of the audit directory and tell the security officer.',
    doVi: 'Sao lưu thư mục nhật ký và báo cán bộ an toàn thông tin.',
  },
  AUDIT_CUT_OFF: {
    en: '{file}: the end of the log is missing, from record {seq} on; the signed head says that it was there',
    vi: '{file}: nhật ký bị cắt mất phần cuối, từ bản ghi {seq}; đỉnh đã ký cho biết phần này từng tồn tại',
    doEn: 'Keep a copy of the audit directory and tell the security officer.',
    doVi: 'Sao lưu thư mục nhật ký và báo cán bộ an toàn thông tin.',
  },
  AUDIT_HEAD_INVALID: {
    en: '{file}: the head of the log is missing or not signed by this node',
    vi: '{file}: đỉnh nhật ký bị thiếu hoặc không mang chữ ký của nút này',
    doEn: 'Keep a copy of the audit directory and tell the security officer.',
    doVi: 'Sao lưu thư mục nhật ký và báo cán bộ an toàn thông tin.',
  },
  AUDIT_READING_UNRECORDED: {
    en: 'That the log was read could not be put on record ({code})',
    vi: 'Không ghi nhận được việc đọc nhật ký ({code})',
    doEn: 'Note by hand who read it and when; see "dongbo status".',
    doVi: 'Ghi chép thủ công ai đã đọc và lúc nào; xem "dongbo status".',
  },
  AUDIT_PERIOD: {
    en: 'A period is given as UTC dates, such as 2026-07-01, or times, such as 2026-07-01T08:00; not "{value}"',
    vi: 'Khoảng thời gian ghi theo ngày UTC, ví dụ 2026-07-01, hoặc giờ, ví dụ 2026-07-01T08:00; không phải "{value}"',
    doEn: 'Correct --from or --to.',
    doVi: 'Sửa lại --from hoặc --to.',
  },
  CLOCK_ROLLBACK: {
    en: 'The clock of this machine went back from {before} to {clock}',
    vi: 'Đồng hồ của máy bị lùi từ {before} về {clock}',
    doEn: 'Set up time synchronisation (NTP). The records keep their order.',
    doVi: 'Cấu hình đồng bộ thời gian (NTP). Thứ tự các bản ghi vẫn giữ nguyên.',
  },
} as const satisfies Messages;

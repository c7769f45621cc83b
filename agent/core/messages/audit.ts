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
    en: 'The audit log is damaged or was changed ({log}, record {seq}); nothing is sent or served',
    vi: 'Nhật ký kiểm toán bị hỏng hoặc bị sửa ({log}, bản ghi {seq}); ngừng gửi và cung cấp dữ liệu',
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
    en: '{log}: the end of the log is missing, from record {seq} on; {witness} has record {signed} signed by this node',
    vi: '{log}: nhật ký bị cắt mất phần cuối, từ bản ghi {seq}; {witness} còn giữ bản ghi {signed} do chính nút này ký',
    doEn: 'Keep a copy of the audit directory, find out whether the node was put back from an old copy, and tell the security officer. Where sharing has stopped, it goes on after "dongbo release".',
    doVi: 'Sao lưu thư mục nhật ký, làm rõ nút có bị khôi phục từ bản cũ hay không và báo cán bộ an toàn thông tin. Nếu việc chia sẻ đã dừng, chạy "dongbo release" để tiếp tục.',
  },
  AUDIT_REPLACED: {
    en: '{log}: record {seq} is not the one that this node signed and that {witness} remembers',
    vi: '{log}: bản ghi {seq} không phải là bản ghi nút này đã ký mà {witness} còn lưu',
    doEn: 'Keep a copy of the audit directory, find out whether the node was put back from an old copy, and tell the security officer. Where sharing has stopped, it goes on after "dongbo release".',
    doVi: 'Sao lưu thư mục nhật ký, làm rõ nút có bị khôi phục từ bản cũ hay không và báo cán bộ an toàn thông tin. Nếu việc chia sẻ đã dừng, chạy "dongbo release" để tiếp tục.',
  },
  PEER_AUDIT_WENT_BACK: {
    en: 'The audit log of {agency} ends at record {seq}; it once told this node of record {remembered}',
    vi: 'Nhật ký kiểm toán của {agency} chỉ đến bản ghi {seq}; trước đây đã báo có bản ghi {remembered}',
    doEn: 'Ask the contact officer of that agency: its log was cut, or its machine was put back from an old copy.',
    doVi: 'Liên hệ đầu mối của cơ quan đó: nhật ký đã bị cắt hoặc máy đã được khôi phục từ bản cũ.',
  },
  PEER_AUDIT_FORKED: {
    en: 'The audit log of {agency} has another record {seq} than the one that it had signed before',
    vi: 'Nhật ký kiểm toán của {agency} có bản ghi {seq} khác với bản ghi đã ký trước đây',
    doEn: 'Ask the contact officer of that agency: its log was written anew, or two machines run with its keys.',
    doVi: 'Liên hệ đầu mối của cơ quan đó: nhật ký đã bị viết lại hoặc có hai máy dùng chung khoá của nút.',
  },
  PEER_AUDIT_HEAD_INVALID: {
    en: '{agency} told of an audit log whose head it has not signed (record {seq}); nothing was taken from it',
    vi: '{agency} báo đỉnh nhật ký kiểm toán không đúng chữ ký (bản ghi {seq}); đã bỏ qua',
    doEn: 'Tell the contact officer of that agency.',
    doVi: 'Báo đầu mối của cơ quan đó.',
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
  SYSLOG_UNREACHABLE: {
    en: 'The syslog collector {host}:{port} takes no events ({cause}); they wait in the audit log, and sharing goes on',
    vi: 'Máy thu nhật ký {host}:{port} không nhận sự kiện ({cause}); sự kiện chờ trong nhật ký kiểm toán, việc chia sẻ vẫn tiếp tục',
    doEn: 'Check the collector, the network and the certificates of audit.syslog. What waits is sent by itself.',
    doVi: 'Kiểm tra máy thu, đường mạng và chứng thư trong audit.syslog. Sự kiện đang chờ sẽ tự gửi.',
  },
  SYSLOG_BEHIND: {
    en: 'The syslog collector takes no events; {behind} records of the audit log wait for it, and sharing goes on',
    vi: 'Máy thu nhật ký không nhận sự kiện; {behind} bản ghi kiểm toán đang chờ, việc chia sẻ vẫn tiếp tục',
    doEn: 'The log names the cause (SYSLOG_UNREACHABLE). What waits is sent by itself.',
    doVi: 'Nhật ký chạy có nêu nguyên nhân (SYSLOG_UNREACHABLE). Sự kiện đang chờ sẽ tự gửi.',
  },
  SYSLOG_REACHED: {
    en: 'The syslog collector {host}:{port} takes events again',
    vi: 'Máy thu nhật ký {host}:{port} đã nhận lại sự kiện',
    doEn: 'Nothing to do.',
    doVi: 'Không cần làm gì.',
  },
  CLOCK_ROLLBACK: {
    en: 'The clock of this machine went back from {before} to {clock}',
    vi: 'Đồng hồ của máy bị lùi từ {before} về {clock}',
    doEn: 'Set up time synchronisation (NTP). The records keep their order.',
    doVi: 'Cấu hình đồng bộ thời gian (NTP). Thứ tự các bản ghi vẫn giữ nguyên.',
  },
} as const satisfies Messages;

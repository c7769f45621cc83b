/** Texts of `agent/sys/`. */
import type { Messages } from './catalogue.ts';

export const sysMessages = {
  STATE_LOCKED: {
    en: 'The state directory {dir} is in use by another dongbo process (process {pid}).',
    vi: 'Thư mục trạng thái {dir} đang được một tiến trình dongbo khác sử dụng (tiến trình số {pid}).',
    doEn: 'Stop that process first (systemctl stop dongbo), or give this one a state directory of its own.',
    doVi: 'Dừng tiến trình đó trước (systemctl stop dongbo), hoặc cấu hình cho tiến trình này một thư mục trạng thái riêng.',
  },
  SCHEDULE_INVALID: {
    en: 'The timetable "{cron}" is not a valid cron expression: {field}: {rule}.',
    vi: 'Lịch chạy "{cron}" không phải là biểu thức cron hợp lệ: {field}: {rule}.',
    doEn: 'Write five fields: minute, hour, day of month, month, day of week; for example "*/10 * * * *" for every ten minutes.',
    doVi: 'Viết đủ năm trường: phút, giờ, ngày trong tháng, tháng, thứ trong tuần; ví dụ "*/10 * * * *" nghĩa là mười phút một lần.',
  },
  NATIVE_UNAVAILABLE: {
    en: 'The system library binding could not be loaded on this machine: {reason}.',
    vi: 'Không nạp được thư viện liên kết hệ thống trên máy này: {reason}.',
    doEn: 'Run dongbo on 64-bit Linux and install the package for this processor, with its node_modules unchanged.',
    doVi: 'Chạy dongbo trên Linux 64 bit và cài đúng gói dành cho bộ xử lý của máy, giữ nguyên thư mục node_modules đi kèm.',
  },
  LOG_DROPPED: {
    en: '{lines} log lines were left out because the reader of the log had stopped reading.',
    vi: 'Đã bỏ qua {lines} dòng nhật ký vì nơi nhận nhật ký ngừng đọc.',
    doEn: 'Look why the log collector (journald) is stuck: disk full, or the service is stopped.',
    doVi: 'Kiểm tra vì sao dịch vụ thu nhật ký (journald) bị nghẽn: đầy đĩa hoặc dịch vụ đã dừng.',
  },
  NOTIFY_FAILED: {
    en: 'The service manager could not be told of our state: {errno}.',
    vi: 'Không gửi được thông báo trạng thái tới trình quản lý dịch vụ: {errno}.',
    doEn: 'Check that NOTIFY_SOCKET is the one systemd gave to this service and that AF_UNIX sockets are allowed.',
    doVi: 'Kiểm tra biến NOTIFY_SOCKET đúng là của systemd cấp cho dịch vụ này và socket AF_UNIX được phép dùng.',
  },
} as const satisfies Messages;

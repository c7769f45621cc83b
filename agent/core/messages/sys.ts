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
  LIVED_TIME_DAMAGED: {
    en: 'The file {file} tells how long this node has run, and cannot be used ({reason}).',
    vi: 'Không dùng được tệp {file} ghi thời gian nút đã chạy ({reason}).',
    doEn: 'Check the disk and the rights to the file. If it is lost, see that the clock of the machine is right, move the file away and start again: what is in the trash is then kept for its whole time from now on.',
    doVi: 'Kiểm tra ổ đĩa và quyền đọc tệp. Nếu tệp hỏng hẳn, kiểm tra đồng hồ máy đã đúng, chuyển tệp đi nơi khác rồi khởi động lại: thùng rác khi đó được giữ đủ thời hạn tính từ lúc này.',
  },
  CLOCK_BEHIND: {
    en: 'The clock of this machine is {minutes} minutes before a time that is certainly over; until it is right, agreements and approvals are judged by that time.',
    vi: 'Đồng hồ máy chậm {minutes} phút so với một thời điểm chắc chắn đã qua; cho đến khi đồng hồ đúng, các nội dung thống nhất và phê duyệt được xét theo thời điểm đó.',
    doEn: 'Set the clock right, and look whether it is set by NTP and its battery is good. If it is right now and was ahead before, run "dongbo release" for one of the spaces.',
    doVi: 'Chỉnh lại đồng hồ; kiểm tra NTP và pin đồng hồ. Nếu đồng hồ hiện đã đúng và trước đó chạy nhanh, chạy "dongbo release" cho một không gian chia sẻ.',
  },
  CLOCK_RIGHT: {
    en: 'The clock of this machine is right again.',
    vi: 'Đồng hồ máy đã đúng trở lại.',
    doEn: 'Nothing.',
    doVi: 'Không cần làm gì.',
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

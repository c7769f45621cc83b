/** Texts of `agent/store/`. */
import type { Messages } from './catalogue.ts';

export const storeMessages = {
  STORE_ROOT_GONE: {
    en: 'The folder {folder} is not there ({reason}); its space has stopped, and nothing counts as deleted',
    vi: 'Không tìm thấy thư mục {folder} ({reason}); không gian tạm dừng, không mục nào bị coi là đã xoá',
    doEn: 'Mount the disk or put the folder back: the space then goes on by itself.',
    doVi: 'Gắn lại ổ đĩa hoặc khôi phục thư mục; không gian sẽ tự hoạt động trở lại.',
  },
  STORE_ROOT_FOREIGN: {
    en: 'The folder {folder} is not the one that was shared before ({reason}); its space has stopped',
    vi: 'Thư mục {folder} không phải là thư mục đã chia sẻ trước đây ({reason}); không gian tạm dừng',
    doEn: 'Look whether the right disk is mounted. If this folder is meant to be shared from now on, run "dongbo release".',
    doVi: 'Kiểm tra đã gắn đúng ổ đĩa chưa. Nếu chủ ý chia sẻ thư mục này từ nay, chạy "dongbo release".',
  },
  STORE_ROOT_OVERLAPS: {
    en: 'The folder {folder} and what "{reason}" names lie one inside the other; its space has stopped, and nothing of it is shared',
    vi: 'Thư mục {folder} và nơi ghi tại "{reason}" nằm lồng vào nhau; không gian tạm dừng, không chia sẻ mục nào',
    doEn: 'Look where links and mounts lead (realpath, findmnt), and keep the two apart. The space then goes on by itself.',
    doVi: 'Kiểm tra đích của liên kết và điểm gắn (realpath, findmnt), tách hai nơi khỏi nhau; không gian sẽ tự hoạt động trở lại.',
  },
  STORE_OWN_PLACE: {
    en: 'This is a part of the state, the keys or the configuration of this node, and is not shared',
    vi: 'Mục này thuộc dữ liệu trạng thái, khoá hoặc cấu hình của nút nên không được chia sẻ',
    doEn: 'Remove the hard link, or unmount it.',
    doVi: 'Xoá liên kết cứng hoặc gỡ điểm gắn.',
  },
  STORE_ROOT_UNREADABLE: {
    en: 'The folder {folder} cannot be read ({reason}); its space has stopped',
    vi: 'Không đọc được thư mục {folder} ({reason}); không gian tạm dừng',
    doEn: 'Check the permissions of the folder and the health of its disk.',
    doVi: 'Kiểm tra quyền truy cập thư mục và tình trạng ổ đĩa.',
  },
  STORE_ADOPT_FAILED: {
    en: 'The folder {folder} cannot be marked as shared ({reason})',
    vi: 'Không ghi được dấu nhận diện vào thư mục {folder} ({reason})',
    doEn: 'Give the account of dongbo the right to write into the folder, and look whether the disk is full or read-only.',
    doVi: 'Cấp quyền ghi vào thư mục cho tài khoản chạy dongbo; kiểm tra ổ đĩa có bị đầy hoặc chỉ đọc không.',
  },
  STORE_LIST_FAILED: {
    en: 'A folder cannot be listed ({errno}); nothing below it counts as deleted',
    vi: 'Không liệt kê được một thư mục ({errno}); không mục nào bên trong bị coi là đã xoá',
    doEn: 'Give the account of dongbo the right to read it, or check the disk.',
    doVi: 'Cấp quyền đọc cho tài khoản chạy dongbo, hoặc kiểm tra ổ đĩa.',
  },
  STORE_LOOK_FAILED: {
    en: 'An item cannot be looked at ({errno})',
    vi: 'Không xem được thông tin của một mục ({errno})',
    doEn: 'Check its permissions and the disk; it is tried again at the next scan.',
    doVi: 'Kiểm tra quyền truy cập và ổ đĩa; lần quét sau sẽ thử lại.',
  },
  STORE_READ_FAILED: {
    en: 'A file cannot be read ({errno})',
    vi: 'Không đọc được một tệp ({errno})',
    doEn: 'Give the account of dongbo the right to read it, or check the disk; it is tried again at the next scan.',
    doVi: 'Cấp quyền đọc cho tài khoản chạy dongbo, hoặc kiểm tra ổ đĩa; lần quét sau sẽ thử lại.',
  },
  STORE_AFTER_POWER_CUT: {
    en: 'After the machine went down, a file holds {size} bytes and held {known} before; it is not shared like this, and the other agencies still have the last shared version',
    vi: 'Sau khi máy tắt đột ngột, một tệp chỉ còn {size} byte, trước đó là {known} byte; tệp chưa được chia sẻ ở trạng thái này, các cơ quan khác vẫn giữ bản chia sẻ gần nhất',
    doEn: 'Look at the file. If it is damaged, put back a good copy, from a backup or from another agency. If it is right, save or touch it, or run "dongbo release", which believes all such files of the space.',
    doVi: 'Kiểm tra tệp. Nếu tệp hỏng, khôi phục bản tốt từ bản sao lưu hoặc từ cơ quan khác. Nếu tệp đúng, lưu lại (hoặc "touch") tệp, hoặc chạy "dongbo release" để chấp nhận mọi tệp như vậy trong không gian.',
  },
  STORE_ITEM_GONE: {
    en: 'A file went away before it could be read',
    vi: 'Một tệp đã biến mất trước khi đọc được',
    doEn: 'Nothing: the next look at the folder tells what became of it.',
    doVi: 'Không cần làm gì: lần xem thư mục tiếp theo sẽ cập nhật.',
  },
  STORE_SPECIAL_FILE: {
    en: 'A {kind} is not shared: only files, folders and links are',
    vi: 'Tệp đặc biệt loại {kind} không được chia sẻ; chỉ chia sẻ tệp, thư mục và liên kết',
    doEn: 'Move it out of the shared folder, or leave it out with a pattern.',
    doVi: 'Chuyển ra khỏi thư mục chia sẻ, hoặc loại trừ bằng một mẫu tên.',
  },
  STORE_FILE_TOO_LARGE: {
    en: 'A file of {bytes} bytes is larger than 16 TiB, the most that is shared',
    vi: 'Tệp {bytes} byte vượt quá 16 TiB, dung lượng lớn nhất được chia sẻ',
    doEn: 'Split it, move it out of the shared folder, or leave it out with a pattern.',
    doVi: 'Chia nhỏ tệp, chuyển ra khỏi thư mục chia sẻ, hoặc loại trừ bằng một mẫu tên.',
  },
  STORE_NAME_NOT_UTF8: {
    en: 'A name is not valid text (UTF-8), so the item is not shared',
    vi: 'Tên không phải văn bản UTF-8 hợp lệ nên mục này không được chia sẻ',
    doEn: 'Rename it.',
    doVi: 'Đổi tên mục này.',
  },
  STORE_NAME_UNUSABLE: {
    en: 'A name cannot travel ({rule}), so the item is not shared',
    vi: 'Tên không thể truyền đi ({rule}) nên mục này không được chia sẻ',
    doEn: 'Rename it, or shorten the names of the folders above it.',
    doVi: 'Đổi tên mục này, hoặc rút ngắn tên các thư mục chứa nó.',
  },
  STORE_LINK_NOT_UTF8: {
    en: 'The target of a link is not valid text (UTF-8), so the link is not shared',
    vi: 'Đích của liên kết không phải văn bản UTF-8 hợp lệ nên liên kết này không được chia sẻ',
    doEn: 'Make the link anew with a target that is valid text.',
    doVi: 'Tạo lại liên kết với đích là văn bản hợp lệ.',
  },
  STORE_OTHER_FILESYSTEM: {
    en: 'A folder lies on another file system than the shared folder, so it is not shared',
    vi: 'Một thư mục nằm trên hệ thống tệp khác với thư mục chia sẻ nên không được chia sẻ',
    doEn: 'Make it a space of its own, or move its files into the shared folder.',
    doVi: 'Lập một không gian riêng cho thư mục đó, hoặc chuyển tệp vào thư mục chia sẻ.',
  },
  STORE_RULES_UNREADABLE: {
    en: 'The file .dongboignore cannot be used ({reason}); nothing is shared before it can',
    vi: 'Không dùng được tệp .dongboignore ({reason}); chưa chia sẻ gì cho đến khi khắc phục',
    doEn: 'Make it a readable text file of at most 1 MiB, or remove it.',
    doVi: 'Sửa thành tệp văn bản đọc được, tối đa 1 MiB, hoặc xoá tệp này.',
  },
  STORE_WATCH_BUDGET: {
    en: 'All {directories} folders are watched; up to {limit} can be',
    vi: 'Đang theo dõi toàn bộ {directories} thư mục; tối đa theo dõi được {limit}',
    doEn: 'Nothing.',
    doVi: 'Không cần làm gì.',
  },
  STORE_WATCH_SCAN_ONLY: {
    en: 'There are more folders than the {limit} that the system lets us watch: changes are found by the timetable only',
    vi: 'Số thư mục vượt quá {limit} thư mục mà hệ thống cho phép theo dõi: chỉ phát hiện thay đổi theo lịch quét',
    doEn: 'Set "fs.inotify.max_user_watches = {suggested}" in /etc/sysctl.d/60-dongbo.conf, run "sysctl --system", and restart dongbo.',
    doVi: 'Đặt "fs.inotify.max_user_watches = {suggested}" trong /etc/sysctl.d/60-dongbo.conf, chạy "sysctl --system", rồi khởi động lại dongbo.',
  },
  STORE_WATCH_TOO_LARGE: {
    en: 'There are more than {limit} folders, too many to watch within the memory limit: changes are found by the timetable only',
    vi: 'Có hơn {limit} thư mục, vượt giới hạn bộ nhớ dành cho việc theo dõi: chỉ phát hiện thay đổi theo lịch quét',
    doEn: 'Scan more often ("scan" in the configuration), or split the space.',
    doVi: 'Tăng tần suất quét ("scan" trong cấu hình), hoặc tách không gian.',
  },
  STORE_WATCH_PARTIAL: {
    en: 'Not every folder can be watched ({reason}; {watched} are): in the others, changes are found by the timetable only',
    vi: 'Không theo dõi được mọi thư mục ({reason}; đang theo dõi {watched}): ở các thư mục còn lại chỉ phát hiện thay đổi theo lịch quét',
    doEn: 'With ENOSPC or EMFILE raise fs.inotify.max_user_watches or max_user_instances (sysctl), then restart dongbo.',
    doVi: 'Nếu lý do là ENOSPC hoặc EMFILE, tăng fs.inotify.max_user_watches hoặc max_user_instances (sysctl) rồi khởi động lại dongbo.',
  },
  STORE_WATCH_OVERFLOW: {
    en: 'So many changes came at once that the system may have dropped some; the whole folder is looked through',
    vi: 'Quá nhiều thay đổi cùng lúc, hệ thống có thể đã bỏ sót; đang quét lại toàn bộ thư mục',
    doEn: 'Nothing. If it comes often, raise fs.inotify.max_queued_events (sysctl).',
    doVi: 'Không cần làm gì. Nếu lặp lại thường xuyên, tăng fs.inotify.max_queued_events (sysctl).',
  },
  STORE_WATCH_FAILED: {
    en: 'The folder cannot be watched ({errno}); it is tried again',
    vi: 'Không theo dõi được thư mục ({errno}); đang thử lại',
    doEn: 'Check the folder and the limits fs.inotify.* (sysctl).',
    doVi: 'Kiểm tra thư mục và các giới hạn fs.inotify.* (sysctl).',
  },
} as const satisfies Messages;

/** Texts for the configuration file and `dongbo check`. */
import type { Messages } from './catalogue.ts';

export const configMessages = {
  CONFIG_INVALID: {
    en: 'The configuration {file} has {count} fault(s)',
    vi: 'Tệp cấu hình {file} có {count} lỗi',
    doEn: 'Correct the lines shown, then run "dongbo check" again.',
    doVi: 'Sửa các dòng đã nêu, rồi chạy lại "dongbo check".',
  },
  CONFIG_UNREADABLE: {
    en: 'The configuration {file} cannot be read ({errno})',
    vi: 'Không đọc được tệp cấu hình {file} ({errno})',
    doEn: 'Check the name and the permissions, or name the file: --config FILE.',
    doVi: 'Kiểm tra tên tệp và quyền đọc, hoặc chỉ rõ tệp: --config TỆP.',
  },
  CONFIG_SYNTAX: {
    en: '{file}:{line}:{column}: this is not YAML ({detail})',
    vi: '{file}:{line}:{column}: không đúng cú pháp YAML ({detail})',
    doEn: 'Indent with blanks, never with tabs; put a blank after each colon; give each key once.',
    doVi: 'Thụt dòng bằng dấu cách, không dùng tab; sau dấu hai chấm phải có dấu cách; mỗi khoá chỉ ghi một lần.',
  },
  CONFIG_UNKNOWN_KEY: {
    en: '{file}:{line}:{column}: unknown key "{field}"{because}',
    vi: '{file}:{line}:{column}: khoá "{field}" không có trong quy định{because}',
    doEn: 'Check the spelling, or remove the line. Keys allowed here: {known}.',
    doVi: 'Kiểm tra chính tả hoặc xoá dòng này. Các khoá được dùng ở đây: {known}.',
  },
  CONFIG_MISSING_KEY: {
    en: '{file}:{line}:{column}: the key "{field}" is missing; it must be {rule}{because}',
    vi: '{file}:{line}:{column}: thiếu khoá "{field}"; yêu cầu: {rule}{because}',
    doEn: 'Add it. docs/configuration.md shows every key.',
    doVi: 'Bổ sung khoá này. Xem docs/configuration.md để biết tất cả các khoá.',
  },
  CONFIG_TYPE: {
    en: '{file}:{line}:{column}: "{field}" must be {rule}, not {found}{because}',
    vi: '{file}:{line}:{column}: "{field}" không đúng kiểu; yêu cầu: {rule}, nhưng đang là: {found}{because}',
    doEn: 'Correct the value. Text that looks like a number needs quotes.',
    doVi: 'Sửa lại giá trị. Chuỗi ký tự trông giống số thì phải đặt trong dấu nháy.',
  },
  CONFIG_RULE: {
    en: '{file}:{line}:{column}: "{field}" must be {rule}{because}',
    vi: '{file}:{line}:{column}: "{field}" không hợp lệ; yêu cầu: {rule}{because}',
    doEn: 'Correct the value. docs/configuration.md explains the key.',
    doVi: 'Sửa lại giá trị. Xem giải thích trong docs/configuration.md.',
  },
  DOSSIER_STATE_UNREADABLE: {
    en: '{file}: "state" must be the state directory of a node, readable by this account: {state} is not ({errno}, R38)',
    vi: '{file}: "state" phải là thư mục trạng thái của một nút mà tài khoản này đọc được: {state} không đúng ({errno}, R38)',
    doEn: 'Run it as root or as the account of the agent; else correct the path, or mount the disk that holds it.',
    doVi: 'Chạy bằng root hoặc tài khoản của chương trình; nếu không, sửa đường dẫn hoặc gắn ổ đĩa chứa thư mục.',
  },
  CONFIG_FOLDER_MISSING: {
    en: '{file}:{line}:{column}: "{field}": there is no folder {folder}',
    vi: '{file}:{line}:{column}: "{field}": không có thư mục {folder}',
    doEn: 'Create it, mount the disk that holds it, or correct the path. Nothing is created by dongbo.',
    doVi: 'Tạo thư mục, gắn ổ đĩa chứa nó, hoặc sửa đường dẫn. dongbo không tự tạo thư mục.',
  },
  CONFIG_FOLDER_OVERLAPS: {
    en: '{file}:{line}:{column}: "{field}": the folder {folder} and what "{other}" names lie one inside the other, by links or mounts: they must be apart',
    vi: '{file}:{line}:{column}: "{field}": thư mục {folder} và nơi ghi tại "{other}" nằm lồng vào nhau qua liên kết hoặc điểm gắn: phải tách riêng',
    doEn: 'Look where links and mounts lead (realpath, findmnt), and keep the two apart.',
    doVi: 'Kiểm tra đích của liên kết và điểm gắn (realpath, findmnt), tách hai nơi khỏi nhau.',
  },
  CONFIG_FOLDER_UNREADABLE: {
    en: '{file}:{line}:{column}: "{field}": the folder {folder} cannot be listed ({errno})',
    vi: '{file}:{line}:{column}: "{field}": không đọc được thư mục {folder} ({errno})',
    doEn: 'Give the account that runs dongbo the right to read and write it.',
    doVi: 'Cấp quyền đọc và ghi thư mục này cho tài khoản chạy dongbo.',
  },
  CHECK_PEER_STRANGER: {
    en: '{file}:{line}:{column}: "{field}": {peer} is a member of no agreement accepted here',
    vi: '{file}:{line}:{column}: "{field}": {peer} không phải là thành viên của nội dung thống nhất nào đã chấp nhận tại đây',
    doEn: 'Correct the id, or accept the agreement that names it: "dongbo agreement accept FILE".',
    doVi: 'Sửa lại mã, hoặc chấp nhận nội dung thống nhất có nút này: "dongbo agreement accept TỆP".',
  },
  CHECK_PEER_AMBIGUOUS: {
    en: '{file}:{line}:{column}: "{field}": the agency {peer} has {count} nodes',
    vi: '{file}:{line}:{column}: "{field}": cơ quan {peer} có {count} nút',
    doEn: 'Give the node id (64 digits) in place of the agency e-ID.',
    doVi: 'Ghi mã nút (64 ký tự) thay cho mã định danh cơ quan.',
  },
  CHECK_NO_SPACES: {
    en: '{file}: no space is configured: this agent has nothing to keep in step',
    vi: '{file}: chưa khai báo không gian chia sẻ nào: nút này không có gì để đồng bộ',
    doEn: 'Add "spaces:" with the id from the agreement and a folder.',
    doVi: 'Thêm mục "spaces:" với mã không gian trong nội dung thống nhất và thư mục tương ứng.',
  },
  CHECK_NO_LINKS: {
    en: '{file}: neither "peers" nor "listen" is given: this agent can reach nobody',
    vi: '{file}: không có "peers" lẫn "listen": nút này không kết nối được với bên nào',
    doEn: 'Add the relay or the other agency under "peers:".',
    doVi: 'Thêm trạm trung chuyển hoặc cơ quan kia vào mục "peers:".',
  },
  CHECK_WATCH: {
    en: '{file}:{line}:{column}: "{field}": {directories} directories will be watched (limit {limit})',
    vi: '{file}:{line}:{column}: "{field}": sẽ theo dõi tức thời {directories} thư mục con (giới hạn {limit})',
    doEn: 'Nothing: changes are seen at once.',
    doVi: 'Không cần làm gì: thay đổi được phát hiện ngay.',
  },
  CHECK_WATCH_SCAN: {
    en: '{file}:{line}:{column}: "{field}": more than {limit} directories: changes are found by scans only ({scan})',
    vi: '{file}:{line}:{column}: "{field}": có hơn {limit} thư mục con: thay đổi chỉ được phát hiện khi quét ({scan})',
    doEn: 'Raise fs.inotify.max_user_watches if it is below 12,000, or set "scan:" as often as you need.',
    doVi: 'Tăng fs.inotify.max_user_watches nếu đang dưới 12.000, hoặc đặt "scan:" dày theo nhu cầu.',
  },
  CHECK_PASSED: {
    en: 'The configuration {file} is sound: {spaces} space(s), {peers} peer(s)',
    vi: 'Tệp cấu hình {file} hợp lệ: {spaces} không gian chia sẻ, {peers} bên kết nối',
    doEn: 'Start the agent: "dongbo run --config {file}".',
    doVi: 'Khởi động: "dongbo run --config {file}".',
  },
} as const satisfies Messages;

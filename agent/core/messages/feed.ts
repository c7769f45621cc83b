/** Texts of `agent/feed/`: the durable state, feeds, and the vault of sealed chunks. */
import type { Messages } from './catalogue.ts';

export const feedMessages = {
  STATE_FOREIGN: {
    en: 'The state in {dir} belongs to another node ({owner}), not to this one ({node}).',
    vi: 'Dữ liệu trạng thái trong {dir} thuộc về nút khác ({owner}), không phải nút này ({node}).',
    doEn: 'Set "state" and "keys" in the configuration to directories of the same node. Do not mix the parts of two nodes.',
    doVi: 'Đặt "state" và "keys" trong tệp cấu hình về đúng thư mục của cùng một nút. Không ghép phần của hai nút với nhau.',
  },
  STATE_NEWER: {
    en: 'The state in {dir} was written by a newer version of dongbo (format {format}; this version knows {known}).',
    vi: 'Dữ liệu trạng thái trong {dir} do phiên bản dongbo mới hơn ghi (định dạng {format}; phiên bản này chỉ đọc được đến {known}).',
    doEn: 'Install that newer version again.',
    doVi: 'Cài lại phiên bản mới hơn đó.',
  },
  STATE_DAMAGED: {
    en: 'The state in {dir} is damaged: {rule}.',
    vi: 'Dữ liệu trạng thái trong {dir} bị hỏng: {rule}.',
    doEn: 'Check the disk. Move the directories "db" and "vault" and the file "state.json" out of the state directory and start again: the keys and agreements stay, and this node compares its folders and fetches its feeds anew.',
    doVi: 'Kiểm tra ổ đĩa. Chuyển hai thư mục "db", "vault" và tệp "state.json" ra khỏi thư mục trạng thái rồi khởi động lại: khoá và nội dung thống nhất vẫn giữ nguyên, nút sẽ đối chiếu lại thư mục và nhận lại các dòng thay đổi.',
  },
  STATE_BUSY: {
    en: 'The database in {dir} is in use by another process.',
    vi: 'Cơ sở dữ liệu trong {dir} đang được tiến trình khác sử dụng.',
    doEn: 'Stop the other process, then start dongbo again.',
    doVi: 'Dừng tiến trình kia, sau đó khởi động lại dongbo.',
  },
  STATE_UNREADABLE: {
    en: 'The state in {dir} cannot be read or written.',
    vi: 'Không đọc hoặc ghi được dữ liệu trạng thái trong {dir}.',
    doEn: 'Give the account that runs dongbo the ownership of the state directory and all that is in it.',
    doVi: 'Giao quyền sở hữu thư mục trạng thái và mọi tệp bên trong cho tài khoản chạy dongbo.',
  },
  STATE_WRITE_FAILED: {
    en: 'The state could not be written to the disk: {reason}. Nothing of that step was kept.',
    vi: 'Không ghi được dữ liệu trạng thái xuống đĩa: {reason}. Bước đang làm không được lưu lại.',
    doEn: 'Free some space on the disk of the state directory or repair the disk, then restart dongbo.',
    doVi: 'Giải phóng dung lượng hoặc sửa ổ đĩa chứa thư mục trạng thái, sau đó khởi động lại dongbo.',
  },
  FEED_GAP: {
    en: 'A part of a feed arrived before the part that comes before it.',
    vi: 'Một đoạn của dòng thay đổi đến trước đoạn đứng liền trước nó.',
    doEn: 'Nothing: the missing part is asked for again.',
    doVi: 'Không cần làm gì: đoạn còn thiếu sẽ được yêu cầu lại.',
  },
  FEED_FORK: {
    en: 'A node has signed two different histories of one feed, or someone shows us another history than the one known here. The feed is not taken any further.',
    vi: 'Một nút đã ký hai lịch sử khác nhau cho cùng một dòng thay đổi, hoặc có bên đưa ra lịch sử khác với lịch sử đã biết tại đây. Dòng thay đổi này tạm ngừng tiếp nhận.',
    doEn: 'Call the agency that the feed comes from: was its server cloned, or restored from an old image? Keep the log.',
    doVi: 'Liên hệ cơ quan phát ra dòng thay đổi: máy chủ có bị nhân bản hoặc khôi phục từ bản sao cũ không? Giữ lại nhật ký.',
  },
  FEED_MOVED: {
    en: 'The feed of node {node} moved on while a step was prepared (it is now at {seq}).',
    vi: 'Dòng thay đổi của nút {node} đã tiến thêm trong lúc chuẩn bị một bước (hiện ở số {seq}).',
    doEn: 'Nothing: the step is taken again.',
    doVi: 'Không cần làm gì: bước này sẽ được làm lại.',
  },
  SEGMENT_REFUSED: {
    en: 'A part of a feed was refused: it must keep to the rules of the space and carry the signature of its origin.',
    vi: 'Một đoạn của dòng thay đổi bị từ chối vì không đúng quy tắc của không gian chia sẻ hoặc không có chữ ký hợp lệ của nơi phát.',
    doEn: 'Tell the security officer: someone on the way changed it, or the node that wrote it is faulty. Nothing of it was kept.',
    doVi: 'Báo cán bộ an toàn thông tin: dữ liệu đã bị sửa trên đường truyền, hoặc nút phát bị lỗi. Không lưu phần nào của đoạn này.',
  },
  CHUNKS_UNNAMED: {
    en: '{chunks} sealed chunks that a member brought and no record named were dropped; what is named later is brought again.',
    vi: 'Đã bỏ {chunks} khối niêm phong do thành viên gửi mà không bản ghi nào nhắc tới; khối cần dùng sau này sẽ được gửi lại.',
    doEn: 'Nothing. If it goes on, ask the members that publish to this node whether one of them is broken.',
    doVi: 'Không cần làm gì. Nếu lặp lại mãi, hỏi các thành viên đang gửi dữ liệu xem có nút nào hỏng không.',
  },
  VAULT_DAMAGED: {
    en: '{chunks} sealed chunks were lost or damaged on the disk of the state directory; they are fetched again when needed.',
    vi: '{chunks} khối niêm phong bị mất hoặc hỏng trên ổ đĩa chứa thư mục trạng thái; khi cần sẽ được nhận lại.',
    doEn: 'Check the disk: it has lost what it had confirmed as written.',
    doVi: 'Kiểm tra ổ đĩa: ổ đã làm mất dữ liệu mà nó từng xác nhận là đã ghi.',
  },
  VAULT_WRITE_FAILED: {
    en: 'Sealed chunks could not be written to the disk ({errno}).',
    vi: 'Không ghi được các khối niêm phong xuống đĩa ({errno}).',
    doEn: 'Check the disk and the permissions of the state directory; the sender tries again by itself.',
    doVi: 'Kiểm tra ổ đĩa và quyền của thư mục trạng thái; bên gửi sẽ tự gửi lại.',
  },
} as const satisfies Messages;

/** Texts of label files, of packages and of what people decide about labels. */
import type { Messages } from './catalogue.ts';

export const labelMessages = {
  LABEL_FILE_BROKEN: {
    en: 'A label file cannot be used: {field} must be {rule} ({requirement}). Nothing in its folder is newly shared; what was shared stays',
    vi: 'Không dùng được tệp nhãn: {field} phải là {rule} ({requirement}). Chưa chia sẻ thêm gì trong thư mục đó; phần đã chia sẻ giữ nguyên',
    doEn: 'Mend the file; it is read again by itself. "dongbo status --problems" names it.',
    doVi: 'Sửa tệp; chương trình tự đọc lại. Lệnh "dongbo status --problems" cho biết tên tệp.',
  },
  LABEL_FILE_GONE: {
    en: 'The label file of this folder is gone or empty; the labels that it gave stay in force',
    vi: 'Tệp nhãn của thư mục này đã mất hoặc rỗng; các nhãn do tệp quy định vẫn còn hiệu lực',
    doEn: 'Put it back. If its rules are to end, write a label file that holds only: []',
    doVi: 'Khôi phục tệp. Nếu muốn bỏ các quy tắc đó, tạo tệp nhãn chỉ có: []',
  },
  LABEL_PACKAGE_REFUSED: {
    en: 'What a package must carry cannot be told ({reason}; at most {limit} parts), so nothing of it is newly shared (R04)',
    vi: 'Chưa xác định được nhãn của gói tài liệu ({reason}; tối đa {limit} thành phần) nên chưa chia sẻ thêm gì trong gói (R04)',
    doEn: 'Give the account of dongbo the right to list it, or make several packages of it.',
    doVi: 'Cấp quyền đọc thư mục cho tài khoản chạy dongbo, hoặc tách thành nhiều gói.',
  },
  LABEL_NOT_LOWERED: {
    en: 'The label stays at {label}: the item, or a package that it is part of, had that before, and rules alone never lower a label (R04)',
    vi: 'Nhãn giữ ở mức {label}: mục này, hoặc gói tài liệu chứa nó, đã mang nhãn đó; quy tắc không tự hạ được nhãn (R04)',
    doEn: 'Record the decision that lowers it: dongbo label set PATH --sensitivity …, --secrecy … or --personal-data …, --decided-by WHO --decision-ref REF',
    doVi: 'Ghi nhận quyết định hạ nhãn: dongbo label set ĐƯỜNG_DẪN --sensitivity …, --secrecy … hoặc --personal-data …, --decided-by NGƯỜI --decision-ref SỐ_VĂN_BẢN',
  },
  LABEL_DECISION_EMPTY: {
    en: 'A decision on a label must say something: sensitivity, secrecy, personal data or package',
    vi: 'Quyết định về nhãn phải nêu ít nhất một phần: mức nhạy cảm, độ mật, dữ liệu cá nhân hoặc gói tài liệu',
    doEn: 'Add --sensitivity, --secrecy, --personal-data, --package or --no-package.',
    doVi: 'Thêm --sensitivity, --secrecy, --personal-data, --package hoặc --no-package.',
  },
  LABEL_DECISION_FIELD: {
    en: '{field} must be {rule} ({requirement})',
    vi: '{field} phải là {rule} ({requirement})',
    doEn: 'Give it so; nothing was recorded.',
    doVi: 'Nhập lại cho đúng; chưa ghi nhận gì.',
  },
  LABEL_ABOVE_SHARED: {
    en: 'Nothing was recorded: {items} items there are shared already, and the agreement carries labels up to {limit}. {label} would stop new versions and leave every copy where it is',
    vi: 'Chưa ghi nhận: có {items} mục ở đó đã được chia sẻ, mà nội dung thống nhất chỉ cho phép nhãn đến {limit}. Nhãn {label} chỉ làm ngừng gửi bản mới, các bản đã gửi vẫn còn nguyên',
    doEn: 'Raise it to {limit} first: members that are not cleared for that give up their copies. Or move it out of the shared folder: the others delete it, and have it in their trash until that is purged. Or have the agreement amended. Then decide again.',
    doVi: 'Trước hết nâng lên {limit}: thành viên không được nhận mức đó sẽ huỷ bản đã có. Hoặc chuyển ra khỏi thư mục chia sẻ: các bên sẽ xoá, bản cũ còn trong thùng rác cho đến khi được dọn. Hoặc sửa nội dung thống nhất. Sau đó quyết định lại.',
  },
  LABEL_STAYS_SHARED: {
    en: 'This item is shared, and its label here is now {label}, above what the agreement carries ({limit}): nothing more of it is sent, and the copies of the others stay',
    vi: 'Mục này đã được chia sẻ, nay nhãn tại đây là {label}, cao hơn mức của nội dung thống nhất ({limit}): không gửi thêm gì, nhưng các bản ở bên khác vẫn còn',
    doEn: 'Move it out of the shared folder, so that the others delete it (it rests in their trash until that is purged), and tell them; or have the agreement amended.',
    doVi: 'Chuyển mục ra khỏi thư mục chia sẻ để các bên xoá (bản cũ còn trong thùng rác cho đến khi được dọn) và báo cho họ; hoặc sửa nội dung thống nhất.',
  },
  LABEL_DECISIONS_FULL: {
    en: 'There are {limit} decisions on labels in this space, the most that are kept',
    vi: 'Không gian này đã có {limit} quyết định về nhãn, mức tối đa được lưu',
    doEn: 'Decide about folders instead of single files, or write rules into the configuration or a label file.',
    doVi: 'Quyết định theo thư mục thay vì từng tệp, hoặc viết quy tắc vào cấu hình hay tệp nhãn.',
  },
  LABEL_SECRETS_FULL: {
    en: 'More than {limit} rules have made state secrets in this space; nothing is looked at before some are lifted',
    vi: 'Đã có hơn {limit} quy tắc xác định bí mật nhà nước trong không gian này; tạm ngừng quét cho đến khi gỡ bớt',
    doEn: 'Record a decision on the folders whose rules were taken out: dongbo label set FOLDER --secrecy NONE …',
    doVi: 'Ghi nhận quyết định cho các thư mục đã bỏ quy tắc: dongbo label set THƯ_MỤC --secrecy NONE …',
  },
  LABEL_MEMORY_DAMAGED: {
    en: 'What this node remembers of labels cannot be read, so nothing is shared',
    vi: 'Không đọc được dữ liệu về nhãn mà nút này đã lưu nên chưa chia sẻ gì',
    doEn: 'Put back the state from its backup, as docs/operations.md says.',
    doVi: 'Khôi phục thư mục trạng thái từ bản sao lưu, theo docs/operations.md.',
  },
} as const satisfies Messages;

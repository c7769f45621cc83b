/** Texts of `core/policy.ts` and of labels: why an item is not shared, or not with somebody. */
import type { Messages } from './catalogue.ts';

export const policyMessages = {
  LABEL_MISSING: {
    en: 'No rule gives the item a label, so it is not shared (R12)',
    vi: 'Không có quy tắc nào gắn nhãn cho mục này nên mục không được chia sẻ (R12)',
    doEn: 'Add a rule for it under "labels" of the space; "**" covers everything that no other rule names.',
    doVi: 'Thêm quy tắc vào "labels" của không gian; mẫu "**" áp dụng cho mọi mục chưa có quy tắc.',
  },
  LABEL_ABOVE_AGREEMENT: {
    en: 'The label of the item ({label}) is above what the agreement lets this space carry, so it is not shared (R12)',
    vi: 'Nhãn của mục ({label}) cao hơn mức mà nội dung thống nhất cho phép nên mục không được chia sẻ (R12)',
    doEn: 'Move it out of the shared folder, or agree on a space with a higher label.',
    doVi: 'Chuyển mục ra khỏi thư mục chia sẻ, hoặc thống nhất một không gian có nhãn cao hơn.',
  },
  SECRET_NEVER_ON_NETWORK: {
    en: 'TUYET_MAT never goes on a network (R03)',
    vi: 'Bí mật nhà nước độ Tuyệt mật không bao giờ được truyền trên mạng (R03)',
    doEn: 'Hand it over in the way that the law on state secrets prescribes.',
    doVi: 'Chuyển giao theo đúng quy định của pháp luật về bảo vệ bí mật nhà nước.',
  },
  SECRET_CIPHER_TOO_LOW: {
    en: 'The state cipher of this node is not approved for the secrecy of the item (R02)',
    vi: 'Sản phẩm mật mã của nút này chưa được phê duyệt cho độ mật của mục (R02)',
    doEn: 'Use a product that is approved for this level.',
    doVi: 'Sử dụng sản phẩm mật mã được phê duyệt cho độ mật này.',
  },
  SECRET_CIPHER_EXPIRED: {
    en: 'The approval of the state cipher of this node has ended (R02)',
    vi: 'Phê duyệt sản phẩm mật mã của nút này đã hết hiệu lực (R02)',
    doEn: 'Have it renewed; nothing secret is read until then.',
    doVi: 'Đề nghị gia hạn; cho đến lúc đó không mục mật nào được đọc.',
  },
  SECRET_OWN_SYSTEM_TOO_LOW: {
    en: 'The system of this node is not approved at security level 3 or above (R10)',
    vi: 'Hệ thống của nút này chưa được phê duyệt cấp độ an toàn từ 3 trở lên (R10)',
    doEn: 'A route for secrets needs an approved level of at least 3 that is still valid.',
    doVi: 'Tuyến truyền dữ liệu mật cần hệ thống cấp độ 3 trở lên còn hiệu lực.',
  },
  READER_NOT_SUBSCRIBER: {
    en: 'The member does not subscribe to this space (R12)',
    vi: 'Thành viên không có vai trò nhận dữ liệu của không gian này (R12)',
    doEn: 'If it is to read, give it the role "subscribe" in the agreement.',
    doVi: 'Nếu cần nhận dữ liệu, bổ sung vai trò "subscribe" trong nội dung thống nhất.',
  },
  READER_NOT_CLEARED: {
    en: 'The label of the item is above what the member may read (R12)',
    vi: 'Nhãn của mục cao hơn mức mà thành viên được đọc (R12)',
    doEn: 'This is as agreed; a higher clearance needs a new agreement.',
    doVi: 'Đúng theo thống nhất; muốn nâng mức phải có nội dung thống nhất mới.',
  },
  READER_SYSTEM_UNKNOWN: {
    en: "The agreement names no approved security level of the member's system (R09)",
    vi: 'Nội dung thống nhất chưa ghi cấp độ an toàn được phê duyệt của hệ thống thành viên (R09)',
    doEn: 'Have the decision on its level put into the agreement.',
    doVi: 'Bổ sung quyết định phê duyệt cấp độ vào nội dung thống nhất.',
  },
  READER_SYSTEM_TOO_LOW: {
    en: "The security level of the member's system is below what the label needs (R09)",
    vi: 'Cấp độ an toàn của hệ thống thành viên thấp hơn mức mà nhãn yêu cầu (R09)',
    doEn: 'It gets such items once its system is approved at the level.',
    doVi: 'Thành viên chỉ nhận được khi hệ thống được phê duyệt cấp độ tương ứng.',
  },
  READER_NO_APPROVED_CIPHER: {
    en: 'The member has no approved state cipher (R02)',
    vi: 'Thành viên không có sản phẩm mật mã được phê duyệt (R02)',
    doEn: 'Secrets go only to members with a product that is approved for their level.',
    doVi: 'Dữ liệu mật chỉ gửi cho thành viên có sản phẩm được phê duyệt đúng độ mật.',
  },
  READER_CIPHER_TOO_LOW: {
    en: "The member's state cipher is not approved for the secrecy of the item (R02)",
    vi: 'Sản phẩm mật mã của thành viên chưa được phê duyệt cho độ mật của mục (R02)',
    doEn: 'The member needs a product that is approved for this level.',
    doVi: 'Thành viên cần sản phẩm được phê duyệt cho độ mật này.',
  },
  READER_CIPHER_EXPIRED: {
    en: "The approval of the member's state cipher has ended (R02)",
    vi: 'Phê duyệt sản phẩm mật mã của thành viên đã hết hiệu lực (R02)',
    doEn: 'The member has it renewed, and the agreement is amended.',
    doVi: 'Thành viên đề nghị gia hạn; sau đó sửa đổi nội dung thống nhất.',
  },
  ROUTE_NONE: {
    en: 'No route leads to the member (R11)',
    vi: 'Không có tuyến truyền nào đến thành viên (R11)',
    doEn: 'Name a route in the agreement, and the peer or relay in the configuration.',
    doVi: 'Khai báo tuyến trong nội dung thống nhất, và trạm hoặc nút đối tác trong cấu hình.',
  },
  ROUTE_NEEDS_EXCEPTION: {
    en: 'A direct route between agencies needs a recorded exception (R11)',
    vi: 'Kết nối trực tiếp giữa các cơ quan cần có ngoại lệ được ghi nhận (R11)',
    doEn: 'Use a shared platform, or record reason, approver and end of the exception in the agreement.',
    doVi: 'Dùng nền tảng chia sẻ dùng chung, hoặc ghi lý do, người phê duyệt và thời hạn ngoại lệ.',
  },
  EXPLAIN_NO_SPACE: {
    en: 'No configured space has the path {path}',
    vi: 'Không có không gian nào được khai báo chứa đường dẫn {path}',
    doEn: 'Give the whole path; with one space, the path within its folder will do.',
    doVi: 'Nhập đường dẫn đầy đủ; nếu chỉ có một không gian thì nhập đường dẫn trong thư mục của nó.',
  },
  EXPLAIN_NO_MEMBER: {
    en: '{member} is no member of the space',
    vi: '{member} không phải là thành viên của không gian',
    doEn: 'Look up the members with "dongbo agreement show".',
    doVi: 'Xem danh sách thành viên bằng "dongbo agreement show".',
  },
} as const satisfies Messages;

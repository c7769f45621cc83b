/** Texts for what an agreement rests on: revisions, notices, approvals, roads. */
import type { Messages } from './catalogue.ts';

export const agreementMessages = {
  AGREEMENT_OLDER: {
    en: 'This is revision {revision} of the agreement "{name}"; revision {held} has replaced it here (space {space})',
    vi: 'Đây là lần ban hành thứ {revision} của nội dung thống nhất "{name}"; tại đây lần thứ {held} đã thay thế (không gian {space})',
    doEn: 'Nothing: the newer revision stays in force. If a still newer one is meant, ask the owner for that file.',
    doVi: 'Không cần làm gì: lần ban hành mới hơn vẫn có hiệu lực. Nếu cần lần mới hơn nữa, xin bên chủ trì đúng tệp đó.',
  },
  AGREEMENT_SUSPENDED: {
    en: 'The owner has suspended the agreement "{name}" on {issued}: {reason} (R15, space {space})',
    vi: 'Bên chủ trì đã tạm dừng nội dung thống nhất "{name}" từ {issued}: {reason} (R15, không gian {space})',
    doEn: 'Nothing is lost: what was under way goes on after "dongbo agreement accept" of the notice that resumes it.',
    doVi: 'Không mất dữ liệu: phần đang dở sẽ tiếp tục sau khi chấp nhận thông báo cho chạy lại bằng "dongbo agreement accept".',
  },
  AGREEMENT_ENDED: {
    en: 'The owner has ended the agreement "{name}" on {issued}: {reason} (R15, space {space})',
    vi: 'Bên chủ trì đã chấm dứt nội dung thống nhất "{name}" từ {issued}: {reason} (R15, không gian {space})',
    doEn: 'Delete what was received as the agreement says. Sharing again needs a new agreement.',
    doVi: 'Xoá dữ liệu đã nhận theo đúng nội dung thống nhất. Muốn chia sẻ lại phải lập nội dung thống nhất mới.',
  },
  AGREEMENT_IN_FORCE: {
    en: 'The agreement "{name}" is in force in revision {revision} (space {space})',
    vi: 'Nội dung thống nhất "{name}" có hiệu lực, lần ban hành thứ {revision} (không gian {space})',
    doEn: 'Nothing: sharing goes on under it.',
    doVi: 'Không cần làm gì: việc chia sẻ tiếp tục theo nội dung này.',
  },
  AGREEMENT_NOT_TAKEN_UP: {
    en: 'The running agent has not yet taken up what was accepted ({code})',
    vi: 'Tác tử đang chạy chưa tiếp nhận nội dung vừa chấp nhận ({code})',
    doEn: 'Wait a few seconds, then look at dongbo status: until then items are still sealed for the readers of before.',
    doVi: 'Đợi vài giây rồi xem dongbo status: cho tới lúc đó dữ liệu vẫn được niêm phong cho các bên nhận như trước.',
  },
  READER_SYSTEM_EXPIRED: {
    en: 'The approval {decision} of the system of {agency} ended on {validUntil}: it takes no part in "{name}" any more (R09, space {space})',
    vi: 'Quyết định {decision} phê duyệt cấp độ hệ thống của {agency} hết hiệu lực từ {validUntil}: không còn tham gia "{name}" (R09, không gian {space})',
    doEn: 'Have the level approved anew; the owner then amends the agreement: "dongbo agreement amend". The others go on.',
    doVi: 'Phê duyệt lại cấp độ; sau đó bên chủ trì sửa đổi bằng "dongbo agreement amend". Các bên khác vẫn tiếp tục.',
  },
  ROUTE_EXCEPTION_EXPIRED: {
    en: 'The exception that lets "{name}" flow directly between agencies ended on {validUntil} (R11, space {space})',
    vi: 'Ngoại lệ cho phép "{name}" kết nối trực tiếp giữa các cơ quan hết hiệu lực từ {validUntil} (R11, không gian {space})',
    doEn: 'Move to a shared platform, or have the exception approved anew, and amend the agreement.',
    doVi: 'Chuyển sang nền tảng dùng chung, hoặc xin duyệt lại ngoại lệ, rồi sửa đổi nội dung thống nhất.',
  },
  AGREEMENT_TERMS_NEEDED: {
    en: 'Without --terms only a trial can be drafted, and a trial is no place for this: {rule} ({requirement})',
    vi: 'Không có --terms thì chỉ lập được bản chạy thử, và bản chạy thử không dùng được cho: {rule} ({requirement})',
    doEn: 'Fill in a copy of config/agreement-terms.yaml and give it with --terms FILE.',
    doVi: 'Điền vào bản sao của config/agreement-terms.yaml rồi chỉ ra bằng --terms TỆP.',
  },
  TERMS_INVALID: {
    en: '{file} has {count} fault(s)',
    vi: '{file} có {count} lỗi',
    doEn: 'Correct the lines shown, then run "dongbo agreement validate {file}" again.',
    doVi: 'Sửa các dòng đã nêu, rồi chạy lại "dongbo agreement validate {file}".',
  },
  TERMS_FAULT: {
    en: '{file}:{line}:{column}: "{field}" must be {rule} ({requirement})',
    vi: '{file}:{line}:{column}: "{field}" không hợp lệ; yêu cầu: {rule} ({requirement})',
    doEn: 'Correct the value. config/agreement-terms.yaml shows every field.',
    doVi: 'Sửa lại giá trị. Xem mọi trường trong config/agreement-terms.yaml.',
  },
  TERMS_MISSING: {
    en: '{file}:{line}:{column}: "{field}" is missing; it must be {rule} ({requirement})',
    vi: '{file}:{line}:{column}: thiếu "{field}"; yêu cầu: {rule} ({requirement})',
    doEn: 'Add it. config/agreement-terms.yaml shows every field.',
    doVi: 'Bổ sung trường này. Xem mọi trường trong config/agreement-terms.yaml.',
  },
  TERMS_UNKNOWN: {
    en: '{file}:{line}:{column}: there is no field "{field}" ({requirement})',
    vi: '{file}:{line}:{column}: không có trường "{field}" trong quy định ({requirement})',
    doEn: 'Check the spelling, or remove the line. config/agreement-terms.yaml shows every field.',
    doVi: 'Kiểm tra chính tả hoặc xoá dòng này. Xem mọi trường trong config/agreement-terms.yaml.',
  },
  NOTICE_MALFORMED: {
    en: 'This is not a notice: field {field} must be {rule} (R15)',
    vi: 'Đây không phải là thông báo hợp lệ: trường {field} phải đúng quy tắc: {rule} (R15)',
    doEn: 'Ask the owner for the file again, unchanged. A reason must be given.',
    doVi: 'Đề nghị bên chủ trì gửi lại nguyên vẹn tệp. Thông báo phải nêu lý do.',
  },
  NOTICE_FOREIGN: {
    en: 'This notice is not of the owner of the agreement "{name}" but of {owner} (R15, space {space})',
    vi: 'Thông báo này không phải của bên chủ trì nội dung thống nhất "{name}" mà của {owner} (R15, không gian {space})',
    doEn: 'Do not accept it. Only the owner can suspend, resume or end.',
    doVi: 'Không chấp nhận. Chỉ bên chủ trì mới được tạm dừng, cho chạy lại hoặc chấm dứt.',
  },
  NOTICE_BAD_SIGNATURE: {
    en: 'The notice for "{name}" was changed after its owner {owner} signed it (R15, space {space})',
    vi: 'Thông báo cho "{name}" đã bị sửa sau khi bên chủ trì {owner} ký (R15, không gian {space})',
    doEn: 'Do not accept it. Ask the owner for the signed file again.',
    doVi: 'Không chấp nhận. Đề nghị bên chủ trì gửi lại tệp đã ký.',
  },
  NOTICE_OLDER: {
    en: 'Notice {number} for "{name}" comes after notice {held} ({notice}), which stays (R15, space {space})',
    vi: 'Thông báo số {number} cho "{name}" đến sau thông báo số {held} ({notice}); thông báo số {held} vẫn có hiệu lực (R15, không gian {space})',
    doEn: 'Nothing, if this is an old file. After an end nothing can be resumed: make a new agreement.',
    doVi: 'Không cần làm gì nếu đây là tệp cũ. Đã chấm dứt thì không thể chạy lại: phải lập nội dung thống nhất mới.',
  },
  NOTICE_OUT_OF_TURN: {
    en: 'The agreement "{name}" cannot be put to "{notice}" now (space {space})',
    vi: 'Hiện không thể thực hiện "{notice}" với nội dung thống nhất "{name}" (không gian {space})',
    doEn: 'Only what is suspended can be resumed, and only once; what has ended stays ended.',
    doVi: 'Chỉ có thể cho chạy lại phần đang tạm dừng; nội dung đã chấm dứt thì không thay đổi được nữa.',
  },
  MEMBER_UNKNOWN: {
    en: '{member} is no member of the agreement "{name}", or several of its nodes are',
    vi: '{member} không phải là thành viên của nội dung thống nhất "{name}", hoặc có nhiều nút là thành viên',
    doEn: 'Give the agency e-ID or, when it has several nodes, the node id (64 digits).',
    doVi: 'Ghi mã định danh cơ quan; nếu cơ quan có nhiều nút thì ghi mã nút (64 ký tự).',
  },
} as const satisfies Messages;

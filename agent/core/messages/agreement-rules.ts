/** The rules that an agreement or its terms can break, as people read them. */
export const agreementRules = {
  paragraph: {
    en: 'a text that is not empty, without blanks at its ends and without control characters',
    vi: 'đoạn văn bản không để trống, không có khoảng trắng ở hai đầu, không có ký tự điều khiển',
  },
  'one-line': {
    en: 'one line of text that is not empty, without blanks at its ends',
    vi: 'một dòng văn bản không để trống, không có khoảng trắng ở hai đầu',
  },
  day: { en: 'a day such as "2026-07-31"', vi: 'một ngày, ví dụ "2026-07-31"' },
  'label-class': {
    en: 'a label such as INTERNAL or RESTRICTED+PD:BASIC',
    vi: 'một nhãn, ví dụ INTERNAL hoặc RESTRICTED+PD:BASIC',
  },
  'legal-basis': {
    en: 'an act of the table in agent/core/legal-basis.ts, such as ND-278-2025',
    vi: 'mã văn bản có trong bảng agent/core/legal-basis.ts, ví dụ ND-278-2025',
  },
  'basis-in-force': {
    en: 'in force when the agreement begins: {basis} was replaced on {day} by {successor}',
    vi: 'văn bản còn hiệu lực khi nội dung thống nhất bắt đầu: {basis} đã được thay thế từ {day} bởi {successor}',
  },
  'basis-begun': {
    en: 'in force when the agreement begins: {basis} is in force from {day} only',
    vi: 'văn bản còn hiệu lực khi nội dung thống nhất bắt đầu: {basis} chỉ có hiệu lực từ {day}',
  },
  'platform-name': {
    en: 'given exactly when the platform is OTHER',
    vi: 'khai báo khi và chỉ khi nền tảng là OTHER',
  },
  'one-system': {
    en: 'within-system only among agencies of one system: their e-IDs begin alike. Else a shared platform, or direct with an exception',
    vi: 'within-system chỉ khi các cơ quan thuộc cùng một hệ thống (mã định danh cùng gốc). Nếu không: qua nền tảng dùng chung, hoặc direct kèm ngoại lệ được duyệt',
  },
  'system-approval': {
    en: 'given for each member that publishes or subscribes: level, decision, date, validUntil',
    vi: 'bắt buộc với mỗi thành viên cung cấp hoặc khai thác: level, decision, date, validUntil',
  },
  'after-date': { en: 'after the date of the decision', vi: 'sau ngày ban hành quyết định' },
  'after-begin': { en: 'after notBefore', vi: 'sau notBefore' },
  'member-once': { en: 'different for each member', vi: 'khác nhau giữa các thành viên' },
  'role-once': { en: 'a list with each role once', vi: 'danh sách không lặp lại vai trò' },
  'owner-member': { en: 'a member', vi: 'một thành viên' },
  'master-member': {
    en: 'a member with the roles publish and subscribe: its e-ID, if it has one node here, or its node id',
    vi: 'một thành viên có cả hai vai trò publish và subscribe: mã định danh nếu cơ quan có một nút, hoặc mã nút',
  },
  'relay-alone': { en: 'relay alone, or without it', vi: 'chỉ riêng relay, hoặc không có relay' },
  'revision-chain': {
    en: 'the digests of all revisions before this one, in order: one fewer than the number of this revision',
    vi: 'mã băm của mọi lần ban hành trước, theo thứ tự: ít hơn số lần của bản này một',
  },
  hex: {
    en: '{digits} digits 0–9, a–f',
    vi: '{digits} ký tự 0–9, a–f',
  },
  instant: {
    en: 'a UTC time such as 2026-07-01T00:00:00.000Z',
    vi: 'thời điểm theo giờ UTC, ví dụ 2026-07-01T00:00:00.000Z',
  },
  'display-name': {
    en: 'a name in Unicode NFC that is not empty, without blanks at its ends and without control characters',
    vi: 'tên theo Unicode NFC, không để trống, không có khoảng trắng ở hai đầu, không có ký tự điều khiển',
  },
  'agency-id': {
    en: 'an agency e-ID by Decision 20/2020, such as H29.12',
    vi: 'mã định danh cơ quan theo Quyết định 20/2020/QĐ-TTg, ví dụ H29.12',
  },
  pem: { en: 'one certificate as PEM text', vi: 'một chứng thư dạng văn bản PEM' },
  'no-such-field': { en: 'left out: there is no such field', vi: 'bỏ trường này: không có trong quy định' },
  'never-on-network': {
    en: 'NONE, MAT or TOI_MAT: TUYET_MAT never goes on a network',
    vi: 'NONE, MAT hoặc TOI_MAT: độ Tuyệt mật không bao giờ được truyền trên mạng',
  },
  'secrets-cipher': {
    en: 'given for each member that may publish or read state secrets here: name, approval, highest, validUntil',
    vi: 'bắt buộc với mỗi thành viên cung cấp hoặc được đọc bí mật nhà nước ở đây: name, approval, highest, validUntil',
  },
  'secrets-highest': {
    en: 'at least {needed}, since the member may publish or read up to it',
    vi: 'không thấp hơn {needed}, vì thành viên cung cấp hoặc được đọc đến độ mật này',
  },
  'secrets-level': {
    en: 'at least 3, since the space carries state secrets',
    vi: 'từ cấp độ 3 trở lên, vì không gian chứa bí mật nhà nước',
  },
  'terms-member': {
    en: 'the e-ID of a member agency with one node here, or the node id of a member; each once',
    vi: 'mã định danh của cơ quan thành viên có một nút, hoặc mã nút của thành viên; mỗi thành viên một lần',
  },
} as const;

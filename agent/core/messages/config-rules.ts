/** The rules that a value in the configuration can break, as people read them. */
import { agreementRules } from './agreement-rules.ts';
import type { Language } from './language.ts';

const rules = {
  ...agreementRules,
  text: { en: 'text', vi: 'chuỗi ký tự' },
  number: { en: 'a number', vi: 'số' },
  nothing: { en: 'empty', vi: 'giá trị trống' },
  integer: { en: 'a whole number', vi: 'số nguyên' },
  boolean: { en: 'true or false', vi: 'true hoặc false' },
  list: { en: 'a list', vi: 'danh sách' },
  map: { en: 'a group of keys and values', vi: 'nhóm các khoá và giá trị' },
  'one-of': { en: 'one of: {values}', vi: 'một trong các giá trị: {values}' },
  'at-least': { en: 'at least {limit}', vi: 'không nhỏ hơn {limit}' },
  'at-most': { en: 'at most {limit}', vi: 'không lớn hơn {limit}' },
  'at-least-entries': { en: 'at least {limit} entries', vi: 'có ít nhất {limit} phần tử' },
  'at-most-entries': { en: 'at most {limit} entries', vi: 'có nhiều nhất {limit} phần tử' },
  'at-least-characters': { en: 'at least {limit} characters', vi: 'có ít nhất {limit} ký tự' },
  'at-most-characters': { en: 'at most {limit} characters', vi: 'có nhiều nhất {limit} ký tự' },
  'absolute-path': {
    en: 'an absolute path without "." or ".." that is not "/" itself',
    vi: 'đường dẫn tuyệt đối, không chứa "." hoặc "..", và không phải là "/"',
  },
  'host-name': {
    en: 'the name of a machine, such as siem.example.gov.vn, or an IP address',
    vi: 'tên máy, ví dụ siem.example.gov.vn, hoặc địa chỉ IP',
  },
  'cert-and-key': {
    en: 'there together with the other: a certificate is of no use without its key',
    vi: 'có đủ cả hai: chứng thư không dùng được nếu thiếu khoá',
  },
  'space-id': {
    en: 'the id of a space: 32 digits 0–9, a–f, as the agreement shows it',
    vi: 'mã không gian chia sẻ: 32 ký tự 0–9, a–f, như ghi trong nội dung thống nhất',
  },
  'node-or-agency': {
    en: 'a node id (64 digits 0–9, a–f) or an agency e-ID such as H29.12',
    vi: 'mã nút (64 ký tự 0–9, a–f) hoặc mã định danh cơ quan, ví dụ H29.12',
  },
  'https-url': {
    en: 'an https:// address with a host and, if needed, a port; no user, path or query',
    vi: 'địa chỉ https:// gồm tên máy và cổng (nếu cần); không có tên người dùng, đường dẫn hay tham số',
  },
  'ip-address': {
    en: 'an IP address, such as 0.0.0.0 or 10.1.2.3',
    vi: 'địa chỉ IP, ví dụ 0.0.0.0 hoặc 10.1.2.3',
  },
  loopback: {
    en: 'a loopback address (127.0.0.1 or ::1): the status pages are for this machine only',
    vi: 'địa chỉ nội bộ của máy (127.0.0.1 hoặc ::1): trang trạng thái chỉ dành cho máy này',
  },
  cron: {
    en: 'a timetable in cron syntax with five fields, such as "*/10 * * * *"',
    vi: 'lịch theo cú pháp cron năm trường, ví dụ "*/10 * * * *"',
  },
  'cron-daily': {
    en: 'a timetable in cron syntax with five fields, at most once a day: minute and hour are plain numbers, such as "0 2 1 * *"',
    vi: 'lịch theo cú pháp cron năm trường, tối đa một lần mỗi ngày: phút và giờ là số cụ thể, ví dụ "0 2 1 * *"',
  },
  retention: {
    en: 'at least 12: QCVN 12:2026/BCA 2.2.9 asks for 12 months',
    vi: 'không nhỏ hơn 12: QCVN 12:2026/BCA mục 2.2.9 yêu cầu lưu ít nhất 12 tháng',
  },
  pattern: {
    en: 'a pattern as in .gitignore, on one line',
    vi: 'mẫu loại trừ như trong .gitignore, trên một dòng',
  },
  line: {
    en: 'one line of text, without blanks at its ends',
    vi: 'một dòng chữ, không có khoảng trắng ở đầu và cuối',
  },
  'secrecy-decided': {
    en: 'given, because nothing sets a level of secrecy without a person and a decision',
    vi: 'bắt buộc khai báo: mức độ mật chỉ được đặt khi có người quyết định và số văn bản',
  },
  'label-says-something': {
    en: 'a rule that names a sensitivity, a level of secrecy, personal data or a package',
    vi: 'một quy tắc nêu mức nhạy cảm, mức độ mật, dữ liệu cá nhân hoặc gói tài liệu',
  },
  'label-file': {
    en: 'a readable text file (UTF-8) of at most {limit} bytes',
    vi: 'tệp văn bản UTF-8 đọc được, tối đa {limit} byte',
  },
  'label-files-few': {
    en: 'one of at most {limit} label files, with {rules} rules in all of them',
    vi: 'một trong tối đa {limit} tệp nhãn, với tổng cộng không quá {rules} quy tắc',
  },
  yaml: { en: 'correct YAML ({detail})', vi: 'YAML đúng cú pháp ({detail})' },
  'known-key': { en: 'a map of no other keys than {values}', vi: 'nhóm chỉ gồm các khoá {values}' },
  'each-once': { en: 'different from {other}', vi: 'khác với {other}' },
  apart: {
    en: 'apart from {other}: neither may lie inside the other',
    vi: 'thư mục tách rời với {other}: không thư mục nào nằm trong thư mục kia',
  },
  'relay-listens': {
    en: 'given, because the role is relay',
    vi: 'bắt buộc khai báo, vì vai trò là relay',
  },
  'cipher-approved': {
    en: 'given as in the approval of the product: without name, number, level and end it counts for nothing (R02)',
    vi: 'khai báo theo giấy phê duyệt sản phẩm: thiếu tên, số, độ mật hoặc thời hạn thì không có giá trị (R02)',
  },
  'relay-no-cipher': {
    en: 'left out, because a relay opens nothing and needs no state cipher',
    vi: 'bỏ khoá này, vì trạm trung chuyển không mở dữ liệu nên không cần thiết bị mật mã',
  },
  'relay-no-folders': {
    en: 'left out, because a relay keeps no folders; its spaces come from the agreements that it accepted',
    vi: 'bỏ khoá này, vì trạm trung chuyển không có thư mục; các không gian lấy từ nội dung thống nhất đã chấp nhận',
  },
} as const;

export type Rule = keyof typeof rules;

export const isRule = (value: unknown): value is Rule =>
  typeof value === 'string' && Object.hasOwn(rules, value);

export const ruleText = (rule: Rule, language: Language): string => rules[rule][language];

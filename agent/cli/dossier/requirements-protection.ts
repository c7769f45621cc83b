/** R16 to R26: integrity, cryptography, logs, personal data. */
import type { Requirements } from './requirement.ts';

export const protectionRequirements: Requirements = {
  R16: {
    kind: 'not-met',
    must: {
      en: 'Hash at intake, verify periodically, repair from a good replica.',
      vi: 'Tính mã băm khi tiếp nhận, kiểm tra định kỳ, khôi phục từ bản sao tốt.',
    },
    how: {
      en: 'What arrives is hashed and verified; there is no periodic verification, and no repair by it, yet.',
      vi: 'Dữ liệu nhận về được tính và kiểm tra mã băm; chưa có kiểm tra định kỳ và khôi phục theo kết quả kiểm tra.',
    },
    tests: ['test/apply/content.test.ts'],
  },
  R17: {
    kind: 'by-design',
    must: {
      en: 'TLS 1.2 or better with verified certificates on every link; no plaintext, no switch.',
      vi: 'Mọi kết nối dùng TLS 1.2 trở lên, kiểm tra chứng thư; không truyền rõ, không có tuỳ chọn tắt.',
    },
    how: {
      en: 'TLS 1.3 only, both ends by certificate; the configuration takes https:// alone.',
      vi: 'Chỉ dùng TLS 1.3, hai đầu đều xác thực bằng chứng thư; cấu hình chỉ nhận địa chỉ https://.',
    },
    tests: ['test/exchange/server-trust.test.ts', 'test/tidy.test.ts'],
    settings: ({ flows }) => flows.outgoing.map(({ to, url }) => `peers: ${to}: ${url}`),
  },
  R18: {
    kind: 'by-design',
    must: {
      en: 'Seal end to end, independent of TLS.',
      vi: 'Niêm phong từ đầu đến cuối, không phụ thuộc TLS.',
    },
    how: {
      en: 'Content, names, sizes and times are sealed for the readers alone; a relay holds no key.',
      vi: 'Nội dung, tên, kích thước, thời gian được niêm phong riêng cho bên khai thác; trạm trung chuyển không giữ khoá.',
    },
    tests: ['test/seal/epoch.test.ts', 'test/seal/keyring.test.ts'],
  },
  R19: {
    kind: 'by-design',
    must: {
      en: 'One key, one purpose; a nonce never twice under a key.',
      vi: 'Mỗi khoá một mục đích; không dùng lại giá trị ngẫu nhiên (nonce) với cùng khoá.',
    },
    how: {
      en: 'Keys of another purpose do not compile; each sealing key is bound to one plaintext.',
      vi: 'Dùng khoá sai mục đích thì không biên dịch được; mỗi khoá niêm phong gắn với một bản rõ.',
    },
    tests: ['test/seal/key-types.test.ts', 'test/seal/epoch.test.ts'],
  },
  R20: {
    kind: 'by-design',
    must: {
      en: 'Only library cryptography; the suite in use is shown.',
      vi: 'Chỉ dùng thư viện mật mã; nêu rõ bộ mật mã đang dùng.',
    },
    how: {
      en: 'Primitives come from the packages named under "Suites"; published vectors run in the tests.',
      vi: 'Thuật toán lấy từ các gói nêu ở phần "Bộ mật mã"; các véc-tơ kiểm thử đã công bố được chạy trong bộ kiểm thử.',
    },
    tests: ['test/seal/published.test.ts', 'test/seal/published-kem.test.ts'],
    settings: ({ suites }) => suites.map(({ name, spaces }) => `suite: ${name} (${spaces.length})`),
  },
  R21: {
    kind: 'partly',
    must: {
      en: 'Sign each change set; keys may live in a PKCS#11 device.',
      vi: 'Ký từng lô thay đổi; khoá có thể đặt trong thiết bị PKCS#11.',
    },
    how: {
      en: "Every segment, head and receipt is signed, and checked before any write. The node's keys are files; no PKCS#11 device holds them yet.",
      vi: 'Mọi đoạn thay đổi, đỉnh và biên nhận đều được ký, kiểm tra trước khi ghi. Khoá của nút là tệp; chưa dùng thiết bị PKCS#11.',
    },
    tests: ['test/cycle/accept.test.ts', 'test/bad-input/wire.test.ts'],
  },
  R22: {
    kind: 'by-configuration',
    must: {
      en: 'Append-only, hash-chained audit log, at least 12 months, no document content.',
      vi: 'Nhật ký kiểm toán chỉ ghi thêm, móc xích bằng mã băm, lưu ít nhất 12 tháng, không chứa nội dung tài liệu.',
    },
    how: {
      en: 'Chained and signed; fewer than 12 months do not validate; "dongbo audit verify" finds what was changed; peers remember the signed head, so that an end cut off shows too.',
      vi: 'Có móc xích và chữ ký; dưới 12 tháng thì cấu hình không hợp lệ; "dongbo audit verify" phát hiện thay đổi; các nút khác nhớ đỉnh đã ký nên phần cuối bị cắt cũng lộ ra.',
    },
    duty: {
      en: 'Back up the audit directory; verify it on a timetable, and keep the verified head elsewhere.',
      vi: 'Sao lưu thư mục nhật ký; kiểm tra định kỳ và lưu đỉnh đã kiểm tra ở nơi khác.',
    },
    tests: [
      'test/audit/verify.test.ts',
      'test/audit/witnesses.test.ts',
      'test/audit/retention.test.ts',
      'test/cli/config.test.ts',
    ],
    settings: ({ logs }) => [`audit.retentionMonths: ${logs.audit.retentionMonths}`],
  },
  R23: {
    kind: 'by-configuration',
    must: {
      en: 'Warn at 80 % of the log space, stop sharing at 100 %, log who reads the log.',
      vi: 'Cảnh báo khi nhật ký dùng 80 % dung lượng, dừng chia sẻ khi đủ 100 %, ghi lại người đọc nhật ký.',
    },
    how: {
      en: 'By the configured space; each reading is on record.',
      vi: 'Theo dung lượng khai báo; mỗi lần đọc nhật ký đều được ghi.',
    },
    tests: ['test/process/audit.test.ts', 'test/audit/log.test.ts', 'test/cli/audit.test.ts'],
    settings: ({ logs }) => [`audit.maxBytes: ${logs.audit.maxBytes}`, `audit: ${logs.audit.usedBytes} B`],
  },
  R24: {
    kind: 'by-design',
    must: {
      en: 'UTC, unique and ordered event times; notice a clock that went back.',
      vi: 'Thời gian sự kiện theo UTC, duy nhất, đúng thứ tự; phát hiện đồng hồ bị lùi.',
    },
    how: {
      en: 'Each record has a time of its own; CLOCK_ROLLBACK goes on record.',
      vi: 'Mỗi bản ghi có thời điểm riêng; CLOCK_ROLLBACK được ghi lại.',
    },
    duty: {
      en: "Keep the machine's clock right from an approved time source.",
      vi: 'Đồng bộ đồng hồ máy chủ theo nguồn thời gian được phê duyệt.',
    },
    tests: ['test/audit/log.test.ts'],
  },
  R25: {
    kind: 'by-configuration',
    must: {
      en: 'Send events to the SIEM: syslog RFC 5424 over TLS.',
      vi: 'Gửi sự kiện đến hệ thống giám sát an toàn thông tin: syslog RFC 5424 qua TLS.',
    },
    how: {
      en: 'Where audit.syslog names a collector: each audit record as syslog RFC 5424 over verified TLS, with the e-ID of the agency; what a collector that is away missed is sent again.',
      vi: 'Khi audit.syslog khai báo hệ thống thu thập: từng bản ghi kiểm toán được gửi theo syslog RFC 5424 qua TLS có kiểm tra chứng thư, kèm mã định danh cơ quan; phần chưa gửi được sẽ gửi lại.',
    },
    duty: {
      en: 'Configure audit.syslog, and watch at the collector that the sequence numbers have no gap.',
      vi: 'Khai báo audit.syslog và theo dõi tại hệ thống thu thập để số thứ tự không bị khuyết.',
    },
    tests: ['test/audit/syslog.test.ts', 'test/process/audit.test.ts'],
    settings: ({ logs }) => [`audit.syslog: ${logs.syslog ?? '–'}`],
    kindNow: ({ logs }) => (logs.syslog === undefined ? 'agency-duty' : undefined),
  },
  R26: {
    kind: 'partly',
    must: {
      en: 'Tag personal data down to the column; sensitive data only sealed or anonymised, under an agreement.',
      vi: 'Đánh dấu dữ liệu cá nhân đến từng cột; dữ liệu nhạy cảm chỉ truyền khi niêm phong hoặc ẩn danh, theo nội dung thống nhất.',
    },
    how: {
      en: 'Items are tagged by path, everything is sealed, and an item above the label of its agreement is refused. There are no columns and no anonymising.',
      vi: 'Mục được đánh dấu theo đường dẫn, mọi dữ liệu đều niêm phong, mục vượt nhãn của nội dung thống nhất bị từ chối. Chưa có mức cột và ẩn danh.',
    },
    duty: {
      en: 'Name personal data in the rules, and in the label of the agreement.',
      vi: 'Khai báo dữ liệu cá nhân trong quy tắc nhãn và trong nhãn của nội dung thống nhất.',
    },
    tests: ['test/core/policy.test.ts', 'test/cycle/label-gate.test.ts'],
    settings: ({ labels }) =>
      labels.flatMap(({ rules }) =>
        rules.flatMap(({ rule, personalData }) =>
          personalData === undefined ? [] : [`${rule}: ${personalData}`],
        ),
      ),
  },
};

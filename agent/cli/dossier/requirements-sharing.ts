/** R01 to R15: secrets, labels, agencies, agreements, sharing. */
import { named, needsAgreements, type Requirements } from './requirement.ts';

export const sharingRequirements: Requirements = {
  R01: {
    kind: 'by-design',
    must: {
      en: 'Never carry state secrets under the civil cipher; refuse by default.',
      vi: 'Không truyền bí mật nhà nước bằng mật mã dân sự; mặc định từ chối.',
    },
    how: {
      en: 'An item that a rule, a label file or a decision makes a secret is sealed by an approved device, or not listed, opened or taken down (SECRET_NO_APPROVED_CIPHER).',
      vi: 'Mục được quy tắc, tệp nhãn hoặc quyết định xác định là bí mật nhà nước chỉ được niêm phong bằng thiết bị được phê duyệt; nếu không thì không được liệt kê, không được mở, không lưu lại bất kỳ nội dung nào (SECRET_NO_APPROVED_CIPHER).',
    },
    duty: {
      en: 'Write rules by path for every place where secrets lie, or keep them out of shared folders.',
      vi: 'Khai báo quy tắc theo đường dẫn cho mọi nơi có bí mật nhà nước, hoặc không đặt trong thư mục chia sẻ.',
    },
    tests: [
      'test/core/policy.test.ts',
      'test/cycle/labels.test.ts',
      'test/cycle/state-secrets.test.ts',
      'test/seal/device-grant.test.ts',
    ],
  },
  R02: {
    kind: 'by-configuration',
    must: {
      en: 'Use the state-cipher product of the matching level.',
      vi: 'Sử dụng sản phẩm mật mã của cơ yếu phù hợp với độ mật.',
    },
    how: {
      en: 'Secrets go only under the keys of a PKCS#11 device that configuration (stateCipher) and agreement name alike, up to the lower of their levels and until the earlier of their ends. Without it they are refused (R01).',
      vi: 'Bí mật nhà nước chỉ được niêm phong bằng khoá của thiết bị PKCS#11 mà cấu hình (stateCipher) và nội dung thống nhất cùng ghi, đến độ mật thấp hơn và thời hạn sớm hơn trong hai nơi. Nếu không có thì bị từ chối (R01).',
    },
    duty: {
      en: 'Have the product and its key brought into service by the authority for state ciphers; name it in the configuration and in the agreements.',
      vi: 'Đề nghị cơ quan cơ yếu đưa sản phẩm và khoá vào sử dụng; khai báo trong cấu hình và trong nội dung thống nhất.',
    },
    tests: [
      'test/core/policy.test.ts',
      'test/cycle/state-secrets.test.ts',
      'test/cycle/state-secrets-away.test.ts',
      'test/trust/secret-rules.test.ts',
    ],
    settings: ({ config: { stateCipher: cipher } }) => [
      cipher
        ? `stateCipher: ${cipher.product}, ${cipher.approval}, ${cipher.highest}, ${cipher.validUntil}`
        : 'stateCipher: –',
    ],
  },
  R03: {
    kind: 'by-design',
    must: {
      en: 'Keep TUYỆT MẬT off every network, and store no abstract or title of it.',
      vi: 'Không đưa bí mật độ Tuyệt mật lên mạng; không lưu trích yếu, tiêu đề của tài liệu.',
    },
    how: {
      en: 'No agreement, route or product lets it through, and its name is not taken down.',
      vi: 'Không có nội dung thống nhất, phương án kết nối hay sản phẩm nào cho phép truyền; tên tài liệu không được ghi lại.',
    },
    tests: [
      'test/core/policy.test.ts',
      'test/trust/secret-rules.test.ts',
      'test/cycle/labels.test.ts',
      'test/cycle/state-secrets.test.ts',
    ],
  },
  R04: {
    kind: 'by-design',
    must: {
      en: 'The label of a package is the highest inside; it is lowered only by a recorded declassification.',
      vi: 'Nhãn của gói là nhãn cao nhất bên trong; chỉ hạ khi có quyết định giải mật được ghi nhận.',
    },
    how: {
      en: 'The highest of rules, label files, decisions and parts wins. A package keeps it when the part is taken out; only "dongbo label set", with who decided and the reference, lowers a label.',
      vi: 'Nhãn cao nhất trong quy tắc, tệp nhãn, quyết định và các phần được áp dụng. Bỏ phần đó ra gói vẫn giữ nhãn; chỉ "dongbo label set", ghi người quyết định và số văn bản, mới hạ được nhãn.',
    },
    tests: [
      'test/store/packages.test.ts',
      'test/cycle/label-decisions.test.ts',
      'test/cycle/label-gate.test.ts',
    ],
  },
  R05: {
    kind: 'by-design',
    must: {
      en: 'Never set a secrecy level by itself.',
      vi: 'Không tự xác định độ mật.',
    },
    how: {
      en: 'A rule of secrecy without decidedBy and decisionRef does not validate.',
      vi: 'Quy tắc về độ mật thiếu người quyết định (decidedBy) hoặc số văn bản (decisionRef) thì cấu hình không hợp lệ.',
    },
    duty: {
      en: 'Decide on secrecy by the law, and name the decision in the rule.',
      vi: 'Xác định độ mật theo quy định của pháp luật và ghi số văn bản vào quy tắc.',
    },
    tests: ['test/cli/config.test.ts', 'test/cli/broken-inputs.test.ts'],
    settings: ({ labels }) =>
      labels.flatMap(({ rules }) =>
        rules
          .filter(({ secrecy }) => secrecy !== undefined && secrecy !== 'NONE')
          .map(
            ({ rule, secrecy, decidedBy, decisionRef }) =>
              `${rule}: ${secrecy}, ${decidedBy}, ${decisionRef}`,
          ),
      ),
  },
  R06: {
    kind: 'not-met',
    must: {
      en: 'Carry declassification and extension to every holder, and show the 15-day deadline.',
      vi: 'Chuyển quyết định giải mật, gia hạn đến mọi nơi lưu giữ và báo thời hạn 15 ngày.',
    },
    how: { en: 'Not in this version.', vi: 'Phiên bản này chưa có.' },
    duty: {
      en: 'Send such decisions to the holders in writing, within the deadline.',
      vi: 'Thông báo bằng văn bản đến các nơi lưu giữ trong thời hạn quy định.',
    },
  },
  R07: {
    kind: 'by-design',
    must: {
      en: 'Authenticate the agency, not the host.',
      vi: 'Xác thực cơ quan, không xác thực theo máy chủ.',
    },
    how: {
      en: 'Both ends accept exactly the certificates on the cards of the agreement; any other is refused and logged.',
      vi: 'Hai đầu chỉ chấp nhận đúng chứng thư trên thẻ trong nội dung thống nhất; chứng thư khác bị từ chối và ghi nhật ký.',
    },
    duty: {
      en: "Read out each card's fingerprint over the telephone before it goes into an agreement.",
      vi: 'Đọc đối chiếu dấu vân tay của từng thẻ qua điện thoại trước khi đưa vào nội dung thống nhất.',
    },
    tests: ['test/exchange/server-trust.test.ts', 'test/exchange/other-agency.test.ts'],
  },
  R08: {
    kind: 'partly',
    must: {
      en: 'Validate agency e-IDs, know their tree; load the agency list with aliases and successors.',
      vi: 'Kiểm tra mã định danh điện tử cơ quan và quan hệ cấp trên, cấp dưới; nạp danh mục cơ quan kèm mã cũ, mã kế thừa.',
    },
    how: {
      en: 'Form, length, tree and the reversed form of QCVN 102 are checked. There is no agency list, alias or successor yet.',
      vi: 'Đã kiểm tra dạng mã, độ dài, quan hệ theo dấu chấm và dạng đảo của QCVN 102. Chưa có danh mục cơ quan, mã cũ, mã kế thừa.',
    },
    tests: ['test/trust/agency.test.ts'],
  },
  R09: {
    kind: 'by-configuration',
    must: {
      en: "Know each member's approved security level, and give nothing to a member below the level or expired.",
      vi: 'Biết cấp độ an toàn được phê duyệt của từng thành viên; không cung cấp dữ liệu cho thành viên thấp hơn cấp độ cần thiết hoặc hết hiệu lực.',
    },
    how: {
      en: 'The agreement holds level, decision, date and validity; the policy looks at them for every item.',
      vi: 'Nội dung thống nhất ghi cấp độ, số quyết định, ngày ban hành, thời hạn; chính sách kiểm tra với từng mục.',
    },
    duty: {
      en: 'Have the level of the own system approved, and renew it before it ends.',
      vi: 'Trình phê duyệt cấp độ cho hệ thống của mình và gia hạn trước khi hết hiệu lực.',
    },
    tests: ['test/core/agreement-policy.test.ts', 'test/trust/amendment.test.ts'],
    settings: ({ agreements }) =>
      agreements.flatMap((agreement) =>
        agreement.members.flatMap(({ agency, system }) =>
          system
            ? [
                `${named(agreement)}: ${agency}: ${system.level}, ${system.decision}, ${system.valid.until.slice(0, 10)}`,
              ]
            : [],
        ),
      ),
    kindNow: needsAgreements,
  },
  R10: {
    kind: 'by-design',
    must: {
      en: 'Allow a secret route only if the own system is at level 3 or more.',
      vi: 'Chỉ cho phép đường truyền bí mật khi hệ thống của mình từ cấp độ 3 trở lên.',
    },
    how: {
      en: 'An agreement that carries secrets must show level 3 for each member that publishes or reads them; below it, or once that approval has ended, the policy refuses.',
      vi: 'Nội dung thống nhất có bí mật nhà nước phải ghi cấp độ 3 trở lên cho từng thành viên cung cấp hoặc được đọc; dưới cấp độ đó, hoặc khi phê duyệt hết hạn, chính sách từ chối.',
    },
    tests: ['test/core/policy.test.ts', 'test/trust/secret-rules.test.ts'],
  },
  R11: {
    kind: 'by-configuration',
    must: {
      en: 'Route data of mandatory sharing through a shared platform; a direct route needs a recorded exception.',
      vi: 'Dữ liệu chia sẻ bắt buộc đi qua nền tảng dùng chung; kết nối trực tiếp phải có ngoại lệ được ghi nhận.',
    },
    how: {
      en: 'An agreement without a shared platform, one system or an exception with reason, approver and end does not validate.',
      vi: 'Nội dung thống nhất không có nền tảng dùng chung, không trong nội bộ một hệ thống và không có ngoại lệ (lý do, người duyệt, thời hạn) thì không hợp lệ.',
    },
    duty: {
      en: 'Make the peers of the configuration lie on the agreed route: the program cannot see what a line is.',
      vi: 'Bảo đảm địa chỉ khai báo trong cấu hình đúng phương án kết nối: chương trình không tự nhận biết được đường truyền.',
    },
    tests: ['test/trust/agreement-rules.test.ts', 'test/core/agreement-policy.test.ts'],
    settings: ({ agreements }) =>
      agreements.map((agreement) => {
        const { kind, platform, exception } = agreement.route;
        const until = exception && `${exception.approver}, ${exception.valid.until.slice(0, 10)}`;
        return `${named(agreement)}: ${[kind, platform, until].filter(Boolean).join(', ')}`;
      }),
    kindNow: needsAgreements,
  },
  R12: {
    kind: 'by-configuration',
    must: {
      en: 'Let nothing flow without an agreement in force, of twelve items.',
      vi: 'Không chia sẻ khi chưa có nội dung thống nhất đủ mười hai mục đang có hiệu lực.',
    },
    how: {
      en: 'Each item must be filled in; absence, end or damage stops the space within seconds, on record.',
      vi: 'Từng mục phải được điền; thiếu, hết hạn hoặc hỏng thì không gian ngừng trong vài giây và được ghi nhật ký.',
    },
    duty: {
      en: 'Agree on the twelve items, have them signed, and renew them before the term ends.',
      vi: 'Thống nhất mười hai mục, ký ban hành và gia hạn trước khi hết thời hạn.',
    },
    tests: ['test/trust/agreement-rules.test.ts', 'test/bad-input/agreement.test.ts'],
    settings: ({ agreements }) =>
      agreements.map(
        (agreement) => `${named(agreement)}: ${agreement.standing}, ${agreement.term.until.slice(0, 10)}`,
      ),
    kindNow: needsAgreements,
  },
  R13: {
    kind: 'by-configuration',
    must: {
      en: 'Know how fresh a replica is, and flag an expired one.',
      vi: 'Biết độ mới của bản sao và cảnh báo bản sao quá hạn.',
    },
    how: {
      en: 'By the newest word that each author has signed: past the hours of the agreement the copy is STALE_EXPIRED in status, metrics and audit log. The files stay readable on the disk.',
      vi: 'Theo lời xác nhận mới nhất mà từng bên phát hành đã ký: quá số giờ trong nội dung thống nhất thì bản sao bị gắn STALE_EXPIRED trong trạng thái, số đo và nhật ký kiểm toán. Tệp trên đĩa vẫn đọc được.',
    },
    tests: ['test/core/freshness.test.ts', 'test/cycle/freshness.test.ts'],
    kindNow: needsAgreements,
    settings: ({ agreements }) =>
      agreements.map((agreement) => `${named(agreement)}: freshnessHours ${agreement.freshnessHours}`),
  },
  R14: {
    kind: 'by-design',
    must: {
      en: 'Log each sharing: time and form, requester, content asked, result; export by period and agency.',
      vi: 'Ghi nhật ký mỗi lần chia sẻ: thời gian, hình thức, bên yêu cầu, nội dung, kết quả; kết xuất theo kỳ và cơ quan.',
    },
    how: {
      en: 'One record each in the audit log, without names of items; "dongbo audit export" in CSV and JSON.',
      vi: 'Mỗi lần một bản ghi trong nhật ký kiểm toán, không ghi tên mục; "dongbo audit export" xuất CSV và JSON.',
    },
    tests: ['test/process/audit.test.ts', 'test/cli/audit.test.ts'],
  },
  R15: {
    kind: 'by-design',
    must: {
      en: 'Suspend or end sharing with notice, keeping what can be resumed.',
      vi: 'Tạm dừng hoặc chấm dứt chia sẻ có thông báo, giữ trạng thái để tiếp tục.',
    },
    how: {
      en: "The owner's signed notice holds at the owner at once, elsewhere when accepted.",
      vi: 'Thông báo có chữ ký của bên chủ trì có hiệu lực ngay tại bên chủ trì, tại bên khác khi được chấp nhận.',
    },
    tests: ['test/trust/amendment.test.ts', 'test/process/agreement-changes.test.ts'],
    settings: ({ agreements }) =>
      agreements.flatMap((agreement) =>
        agreement.notice
          ? [`${named(agreement)}: ${agreement.notice.notice} ${agreement.notice.issued}`]
          : [],
      ),
  },
};

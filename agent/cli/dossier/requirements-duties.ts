/** R27 to R38: erasure, incidents, media, recovery, operation. */
import type { Requirements, Words } from './requirement.ts';

const notBuilt: Words = { en: 'Not in this version.', vi: 'Phiên bản này chưa có.' };

export const dutyRequirements: Requirements = {
  R27: {
    kind: 'not-met',
    must: {
      en: 'Erase personal data everywhere within 20 or 30 days, with signed proof.',
      vi: 'Xoá dữ liệu cá nhân ở mọi nơi trong 20 hoặc 30 ngày, có xác nhận bằng chữ ký số.',
    },
    how: {
      en: 'Not in this version: a delete goes into the trash of the receivers.',
      vi: 'Phiên bản này chưa có: mục bị xoá được chuyển vào thùng rác của bên nhận.',
    },
    duty: {
      en: 'Order the erasure at every member in writing, and keep their confirmations.',
      vi: 'Yêu cầu từng thành viên xoá bằng văn bản và lưu xác nhận.',
    },
    settings: ({ config }) => config.spaces.map(({ trashDays }, i) => `spaces[${i}].trashDays: ${trashDays}`),
  },
  R28: {
    kind: 'not-met',
    must: {
      en: 'Incident pack: what, whom, when; countdown of 24 and 72 hours.',
      vi: 'Hồ sơ sự cố: việc gì, với ai, khi nào; đếm ngược 24 giờ và 72 giờ.',
    },
    how: {
      en: 'Not in this version; "dongbo audit export" gives the sharings of any period.',
      vi: 'Phiên bản này chưa có; "dongbo audit export" kết xuất các lần chia sẻ trong kỳ bất kỳ.',
    },
    duty: {
      en: 'Report incidents within the terms of the law.',
      vi: 'Báo cáo sự cố đúng thời hạn theo quy định.',
    },
  },
  R29: {
    kind: 'not-met',
    must: {
      en: 'Sealed packages on removable media, with a register, and no automatic import.',
      vi: 'Gói niêm phong trên vật mang tin rời, có sổ theo dõi, không tự động nhập.',
    },
    how: notBuilt,
    duty: {
      en: 'Register media by hand; do not copy shared folders by media.',
      vi: 'Lập sổ theo dõi vật mang tin; không sao chép thư mục chia sẻ bằng vật mang tin.',
    },
  },
  R30: {
    kind: 'partly',
    must: {
      en: 'Restore without losing data, metadata or log.',
      vi: 'Khôi phục mà không mất dữ liệu, siêu dữ liệu, nhật ký.',
    },
    how: {
      en: 'Killed in any phase nothing acknowledged is lost or doubled. Restored from an old image the node rejoins by itself, with the limits that docs/guarantees.md, 11, names.',
      vi: 'Bị dừng ở bất kỳ bước nào cũng không mất, không nhân đôi dữ liệu đã xác nhận. Khôi phục từ bản sao cũ thì nút tự nhập lại, với giới hạn nêu ở docs/guarantees.md, mục 11.',
    },
    duty: {
      en: 'Back up keys, shared folders and the audit directory.',
      vi: 'Sao lưu thư mục khoá, thư mục chia sẻ và thư mục nhật ký kiểm toán.',
    },
    tests: ['test/process/kill.test.ts', 'test/process/power-cut.test.ts', 'test/process/rejoin.test.ts'],
  },
  R31: {
    kind: 'not-met',
    must: {
      en: 'Bandwidth cap by window, with counters of five minutes.',
      vi: 'Giới hạn băng thông theo khung giờ, có bộ đếm năm phút.',
    },
    how: notBuilt,
    duty: { en: 'Cap the port on the network device.', vi: 'Giới hạn cổng trên thiết bị mạng.' },
  },
  R32: {
    kind: 'partly',
    must: {
      en: 'No telemetry, no self-update, no CDN, no outbound name but the configured.',
      vi: 'Không gửi dữ liệu đo lường, không tự cập nhật, không dùng CDN, không kết nối ra ngoài địa chỉ đã khai báo.',
    },
    how: {
      en: 'The program calls the addresses under "Ports and flows" only; a capture that shows it is not among the tests yet.',
      vi: 'Chương trình chỉ gọi các địa chỉ ở phần "Cổng và luồng dữ liệu"; bộ kiểm thử chưa có phép bắt gói chứng minh điều này.',
    },
    duty: {
      en: 'Let the firewall allow these addresses only.',
      vi: 'Cấu hình tường lửa chỉ cho phép các địa chỉ này.',
    },
    settings: ({ flows }) => flows.outgoing.map(({ url }) => `peers: ${url}`),
  },
  R33: {
    kind: 'not-met',
    must: {
      en: 'SBOM (CycloneDX) and a reproducible package.',
      vi: 'Danh mục thành phần phần mềm (SBOM, CycloneDX) và gói cài đặt tái lập được.',
    },
    how: {
      en: 'Not in this version; package-lock.json fixes every dependency with its hash.',
      vi: 'Phiên bản này chưa có; package-lock.json cố định từng thành phần kèm mã băm.',
    },
  },
  R34: {
    kind: 'partly',
    must: {
      en: 'Local administration: loopback, token, lock after five tries, idle limits.',
      vi: 'Quản trị tại chỗ: địa chỉ nội bộ, mã truy cập, khoá sau năm lần sai, giới hạn thời gian chờ.',
    },
    how: {
      en: "Status pages on loopback, for reading only; commands through a socket that only the service's account opens. There is no token and no lock.",
      vi: 'Trang trạng thái chỉ ở địa chỉ nội bộ và chỉ đọc; lệnh đi qua socket chỉ tài khoản dịch vụ mở được. Chưa có mã truy cập và khoá tạm thời.',
    },
    tests: ['test/status/server.test.ts', 'test/status/control.test.ts'],
    settings: ({ config }) => [`status: ${config.status.address}:${config.status.port}`],
  },
  R35: {
    kind: 'not-met',
    must: {
      en: 'Business states of a shared item: arrived, accepted, refused, recalled, replaced.',
      vi: 'Trạng thái nghiệp vụ của mục chia sẻ: đã đến, đã nhận, từ chối, thu hồi, thay thế.',
    },
    how: notBuilt,
  },
  R36: {
    kind: 'by-design',
    must: {
      en: "One owner per master record; another's write is a proposed correction.",
      vi: 'Mỗi dữ liệu chủ có một bên sở hữu; sửa đổi của bên khác chỉ là đề nghị hiệu chỉnh.',
    },
    how: {
      en: 'Where the agreement names a masterOwner, what others write is a proposed correction for that owner, who accepts or refuses it ("dongbo corrections"). Nothing of it reaches the copies of others before.',
      vi: 'Khi nội dung thống nhất có masterOwner, nội dung bên khác sửa chỉ là đề nghị đính chính gửi bên sở hữu, bên này chấp nhận hoặc từ chối ("dongbo corrections"). Trước đó không bản sao nào của bên khác thay đổi.',
    },
    tests: ['test/cycle/corrections.test.ts', 'test/core/correction.test.ts'],
  },
  R37: {
    kind: 'partly',
    must: {
      en: 'Tell absent, empty and withheld apart on the wire.',
      vi: 'Phân biệt trên đường truyền: không có, để trống, không được cung cấp.',
    },
    how: {
      en: 'For whole items: withheld ones are counted and acknowledged. There are no fields or columns yet.',
      vi: 'Đã có với cả mục: mục không được cung cấp được đếm và xác nhận. Chưa có mức trường, cột.',
    },
    tests: ['test/cycle/labels.test.ts'],
  },
  R38: {
    kind: 'by-design',
    must: {
      en: "Print the dossier: architecture, ports, flows, suites, accounts, logs, agreements, members' levels.",
      vi: 'In hồ sơ: kiến trúc, cổng, luồng dữ liệu, bộ mật mã, tài khoản, nhật ký, nội dung thống nhất, cấp độ của thành viên.',
    },
    how: {
      en: 'This document, by one command, from the live configuration and state.',
      vi: 'Chính tài liệu này, bằng một lệnh, từ cấu hình và trạng thái đang dùng.',
    },
    tests: ['test/cli/dossier.test.ts'],
  },
};

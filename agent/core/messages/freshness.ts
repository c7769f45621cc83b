/** Texts about copies that are older than the agreement allows (R13). */
import type { Messages } from './catalogue.ts';

export const freshnessMessages = {
  STALE_EXPIRED: {
    en: 'What is held of {authors} members is older than the {freshnessHours} hours that the agreement allows: their newest changes may be missing here',
    vi: 'Bản sao dữ liệu của {authors} thành viên đã quá {freshnessHours} giờ theo nội dung thống nhất: có thể thiếu thay đổi mới nhất của họ',
    doEn: 'Do not decide by these copies before asking the agency. "dongbo status" names the members. If their node runs, look at the links and at the clocks of both; if all looks connected, the relay may be keeping changes back: tell the security officer.',
    doVi: 'Chưa dùng bản sao này để giải quyết công việc khi chưa hỏi lại cơ quan cung cấp. "dongbo status" nêu tên thành viên. Nếu nút của họ đang chạy, kiểm tra đường kết nối và đồng hồ hai bên; nếu kết nối bình thường, trạm trung chuyển có thể giữ lại thay đổi: báo cán bộ an toàn thông tin.',
  },
  REPLICA_FRESH: {
    en: 'The copies of {authors} members are within the agreed time again',
    vi: 'Bản sao dữ liệu của {authors} thành viên đã trong hạn đồng bộ trở lại',
    doEn: 'Nothing.',
    doVi: 'Không cần làm gì.',
  },
} as const satisfies Messages;

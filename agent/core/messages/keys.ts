/** Texts of `dongbo keys`. */
import type { Messages } from './catalogue.ts';

export const keysMessages = {
  KEYS_BUSY: {
    en: '{waiting} rotations are waiting already',
    vi: 'Đã có {waiting} lần đổi khoá đang chờ',
    doEn: 'See with "dongbo status" what the space is doing; one rotation is enough.',
    doVi: 'Xem bằng "dongbo status" không gian đang làm gì; chỉ cần một lần đổi khoá.',
  },
  KEYS_ROTATE_WAITS: {
    en: 'The keys of the space {space} are not rotated yet: the space is busy with its folder, or has stopped. They are as soon as it goes on, before the next item is sealed',
    vi: 'Khoá của không gian {space} chưa được đổi: không gian đang bận quét thư mục hoặc đang tạm dừng. Khoá sẽ được đổi ngay khi không gian tiếp tục, trước khi niêm phong mục kế tiếp',
    doEn: 'See the state with "dongbo status", later the new epochs with "dongbo keys list". Do not ask again.',
    doVi: 'Xem trạng thái bằng "dongbo status", sau đó xem kỳ khoá mới bằng "dongbo keys list". Không cần yêu cầu lại.',
  },
  KEYS_NO_CLASS: {
    en: 'This node has sealed nothing with the label {label} in the space {space}; it has: {classes}',
    vi: 'Nút này chưa niêm phong gì mang nhãn {label} trong không gian {space}; hiện có: {classes}',
    doEn: 'Take a label class as "dongbo keys list" shows it, or leave out --label for all of them.',
    doVi: 'Dùng nhãn như "dongbo keys list" hiển thị, hoặc bỏ --label để đổi khoá của mọi nhãn.',
  },
  KEYS_MEMBER_UNKNOWN: {
    en: '{member} is not and was not a member of the space {space} by any agreement that this node accepted',
    vi: '{member} không phải và chưa từng là thành viên của không gian {space} theo các nội dung thống nhất mà nút này đã chấp nhận',
    doEn: 'Give the e-ID of the agency or the id of the node, as "dongbo keys list" shows them.',
    doVi: 'Nhập mã định danh của cơ quan hoặc mã nút như "dongbo keys list" hiển thị.',
  },
} as const satisfies Messages;

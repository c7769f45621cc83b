/** What each kind of line in the log means. Kinds and their order never change; new ones are added. */
import type { AgentEvent } from '#agent/core/event.ts';
import type { Message, Messages } from './catalogue.ts';

const nothing = { doEn: 'Nothing.', doVi: 'Không cần làm gì.' };

/** Events that have a line of their own; `error` and `note` are logged under their code. */
export type LoggedType = Exclude<AgentEvent['type'], 'wire' | 'exchange.well' | 'error' | 'note'>;

export const eventMessages = {
  'agent.started': { en: 'The agent has started', vi: 'Đã khởi động', ...nothing },
  'agent.ready': { en: 'The agent is at work', vi: 'Đã sẵn sàng hoạt động', ...nothing },
  'agent.stopping': { en: 'The agent is stopping', vi: 'Đang dừng', ...nothing },
  'scan.done': { en: 'A folder has been looked through', vi: 'Đã quét xong thư mục', ...nothing },
  published: {
    en: 'Local changes were sealed and signed',
    vi: 'Đã niêm phong và ký các thay đổi tại nút',
    ...nothing,
  },
  received: { en: 'Changes of another node have arrived', vi: 'Đã nhận thay đổi của nút khác', ...nothing },
  applied: { en: 'Changes were written to the folder', vi: 'Đã ghi các thay đổi vào thư mục', ...nothing },
  problem: {
    en: 'One item could not be handled; the others go on',
    vi: 'Một mục không xử lý được; các mục khác vẫn tiếp tục',
    doEn: 'See which with "dongbo status --problems"; the code says why.',
    doVi: 'Xem mục nào bằng "dongbo status --problems"; mã lỗi cho biết lý do.',
  },
  'problem.cleared': { en: 'An item is well again', vi: 'Một mục đã hết lỗi', ...nothing },
  conflict: {
    en: 'Two edits of one item met; both are kept',
    vi: 'Hai bên cùng sửa một mục; cả hai bản đều được giữ',
    doEn: 'Compare the copy named "xung đột" with the item and keep what is right.',
    doVi: 'So sánh bản có tên "xung đột" với bản chính và giữ nội dung đúng.',
  },
  halted: {
    en: 'A space was stopped for safety',
    vi: 'Một không gian đã tạm dừng để bảo đảm an toàn',
    doEn: 'Read "dongbo status"; if all is as intended, run "dongbo release".',
    doVi: 'Xem "dongbo status"; nếu đúng chủ ý thì chạy "dongbo release".',
  },
  released: {
    en: 'A person lifted the stop of a space, for the reason given',
    vi: 'Đã có người gỡ lệnh dừng của một không gian, kèm lý do',
    ...nothing,
  },
  'halt.ended': {
    en: 'A stopped space goes on by itself: the cause is gone',
    vi: 'Không gian tạm dừng đã tự hoạt động trở lại vì nguyên nhân không còn',
    ...nothing,
  },
  'peer.up': { en: 'A peer is connected', vi: 'Đã kết nối với một bên', ...nothing },
  'peer.down': {
    en: 'A peer is not connected; it is tried again',
    vi: 'Mất kết nối với một bên; đang thử lại',
    doEn: 'If it lasts, the code says what to look at.',
    doVi: 'Nếu kéo dài, mã lỗi cho biết cần kiểm tra gì.',
  },
  refused: {
    en: 'A connection or request from outside was refused',
    vi: 'Đã từ chối một kết nối hoặc yêu cầu từ bên ngoài',
    doEn: 'If it was a member, the code says what is wrong; if not, look at your firewall.',
    doVi: 'Nếu đó là thành viên, mã lỗi cho biết nguyên nhân; nếu không, kiểm tra tường lửa.',
  },
  LOG_REPEATED: {
    en: 'A line was left out {times} times, because it came too often',
    vi: 'Đã lược {times} dòng nhật ký lặp lại quá nhiều',
    doEn: 'The metrics count them all.',
    doVi: 'Các chỉ số vẫn đếm đầy đủ.',
  },
} as const satisfies Messages & Record<LoggedType, Message>;

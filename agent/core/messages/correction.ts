/** Texts about proposed corrections (R36). */
import type { Messages } from './catalogue.ts';

export const correctionMessages = {
  CORRECTION_PROPOSED: {
    en: 'This item was changed here; by the agreement another agency owns it, so the change went there as a proposed correction and waits for its answer',
    vi: 'Mục này đã bị sửa tại đây; theo nội dung thống nhất, cơ quan khác là chủ quản dữ liệu gốc nên bản sửa đã được gửi đi dưới dạng đề nghị đính chính và đang chờ trả lời',
    doEn: 'Wait, or ask that agency. When it accepts, the item stays as it is here; when it refuses, its version comes back and yours is kept beside it.',
    doVi: 'Chờ trả lời hoặc liên hệ cơ quan đó. Nếu được chấp nhận, mục giữ nguyên như tại đây; nếu bị từ chối, bản của họ được ghi lại và bản của bạn được giữ bên cạnh.',
  },
  CORRECTION_RECEIVED: {
    en: '{count} proposed corrections have come and wait for a decision (space {space})',
    vi: 'Có {count} đề nghị đính chính mới, đang chờ quyết định (không gian {space})',
    doEn: 'See them with "dongbo corrections list", then accept or refuse each.',
    doVi: 'Xem bằng "dongbo corrections list", rồi chấp nhận hoặc từ chối từng đề nghị.',
  },
  CORRECTION_REFUSED: {
    en: '{count} proposed corrections of this node were refused by the agency that owns the data (space {space})',
    vi: 'Cơ quan chủ quản đã từ chối {count} đề nghị đính chính của nút này (không gian {space})',
    doEn: '"dongbo corrections list" shows which and why. Your own version is kept beside the item.',
    doVi: '"dongbo corrections list" cho biết mục nào và lý do. Bản sửa của bạn được giữ bên cạnh mục đó.',
  },
  CORRECTION_UNKNOWN: {
    en: 'There is no proposed correction {id}',
    vi: 'Không có đề nghị đính chính {id}',
    doEn: 'It may have been decided on, or replaced by a newer one: see "dongbo corrections list".',
    doVi: 'Đề nghị có thể đã được quyết định hoặc thay bằng đề nghị mới hơn: xem "dongbo corrections list".',
  },
  CORRECTION_NOT_OWNER: {
    en: 'This node is not the master owner of the space {space}, so it decides on no corrections there',
    vi: 'Nút này không phải chủ quản dữ liệu gốc của không gian {space} nên không quyết định đính chính ở đó',
    doEn: 'The agency that "dongbo agreement show" names as master owner decides.',
    doVi: 'Cơ quan chủ quản nêu trong "dongbo agreement show" là bên quyết định.',
  },
  CORRECTION_NO_REASON: {
    en: 'A correction is refused for a reason, which its proposer reads',
    vi: 'Từ chối đính chính phải kèm lý do để bên đề nghị biết',
    doEn: 'Give it with --reason "…".',
    doVi: 'Ghi lý do bằng --reason "…".',
  },
} as const satisfies Messages;

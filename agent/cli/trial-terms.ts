/** What a draft without `--terms` says: that it is a trial, and rests on no approval. Enough for the quick start. */
import type { Member, Role } from '#agent/core/agreement.ts';
import type { Terms } from '#agent/core/agreement-terms.ts';
import type { Card } from '#agent/core/card.ts';
import { DongboError } from '#agent/core/errors.ts';
import { internalLabel, type Label, labelClass, labelWithin } from '#agent/core/label.ts';
import { sharingBasis } from '#agent/core/legal-basis.ts';

/** Stands where the decision of an approval would: whoever reads the agreement sees that there is none. */
export const trialDecision = 'CHẠY THỬ – chưa có quyết định phê duyệt cấp độ';

const trialTerms: Terms = {
  content: 'Dữ liệu mẫu trong thư mục của không gian chia sẻ, dùng để chạy thử.',
  place: 'Máy chủ của từng thành viên.',
  method: 'Đồng bộ thư mục bằng dongbo, niêm phong từ đầu đến cuối.',
  processing: 'Chỉ dùng để kiểm tra hoạt động của phần mềm.',
  limits: 'Không dùng cho dữ liệu thật, dữ liệu cá nhân hay bí mật nhà nước.',
  commitments: 'Các bên không chuyển dữ liệu chạy thử cho bên thứ ba.',
  security: 'Xác thực hai chiều bằng chứng thư của nút; mã hoá theo bộ mật mã của không gian chia sẻ.',
  storage: 'Lưu tại thư mục chia sẻ của từng thành viên trong thời gian chạy thử.',
  deletion: 'Mỗi bên xoá dữ liệu đã nhận khi kết thúc chạy thử.',
  other: 'Không có.',
};

const retentionDays = 30;
const freshnessHours = 24;

export interface Party {
  readonly card: Card;
  readonly roles: readonly Role[];
}

/** Throws AGREEMENT_TERMS_NEEDED for what a trial is no place for. */
export function trialAgreed(label: Label, parties: readonly Party[], term: TrialTerm) {
  const needed = (rule: string, requirement: string) =>
    new DongboError('AGREEMENT_TERMS_NEEDED', { rule, requirement });
  if (!labelWithin(label, internalLabel))
    throw needed(labelClass(label), label.secrecy === 'NONE' ? 'R09' : 'R01');
  if (new Set(parties.map(({ card }) => card.agency.split('.')[0])).size > 1)
    throw needed('one-system', 'R11');
  return {
    terms: trialTerms,
    legalBasis: sharingBasis(Date.parse(term.notBefore)),
    route: { kind: 'within-system' as const },
    retentionDays,
    freshnessHours,
    history: true,
    members: parties.map((party) => trialMember(party, labelClass(label), term)),
  };
}

interface TrialTerm {
  readonly notBefore: string;
  readonly notAfter: string;
}

export function trialMember({ card, roles }: Party, highestLabel: string, term: TrialTerm): Member {
  const date = term.notBefore.slice(0, 10);
  const system = { level: 1, decision: trialDecision, date, validUntil: term.notAfter };
  const member = { card, roles, highestLabel, contact: card.name };
  return roles.includes('relay') ? member : { ...member, system };
}

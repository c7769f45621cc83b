/** `dongbo agreement suspend|resume|end`: the owner's signed notice, in force here at once and elsewhere on acceptance. */
import { DongboError } from '#agent/core/errors.ts';
import type { Notice, NoticeKind } from '#agent/core/notice.ts';
import type { Held } from '#agent/seal/agreement-files.ts';
import { signNotice } from '#agent/seal/notice.ts';
import { openHeld } from './agreement-amend.ts';
import { writeNewJson } from './card-file.ts';
import { type CliIo, type NodePlace, wordsFor } from './init-io.ts';
import { tellAgent } from './tell-agent.ts';

export interface AgreementNoticeOptions extends NodePlace {
  readonly space: string;
  readonly reason: string;
  readonly out: string;
}

const words = {
  en: {
    notice: { suspend: 'Suspended', resume: 'Resumed', end: 'Ended' },
    reason: 'Reason',
    send: 'In force on this node. Send this file to every member; each one runs: dongbo agreement accept',
  },
  vi: {
    notice: { suspend: 'Đã tạm dừng', resume: 'Đã cho chạy lại', end: 'Đã chấm dứt' },
    reason: 'Lý do',
    send: 'Đã có hiệu lực tại nút này. Gửi tệp này cho mọi thành viên; mỗi bên chạy: dongbo agreement accept',
  },
};

/** Throws IDENTITY_…, AGREEMENT_ABSENT, AGREEMENT_NOT_OWNER, NOTICE_…, FILE_EXISTS. */
export async function runAgreementNotice(
  kind: NoticeKind,
  options: AgreementNoticeOptions,
  io: CliIo,
): Promise<Notice> {
  const { identity, book, held } = await openHeld(options, io);
  const { agreement } = held;
  const { name, space } = agreement;
  if (!inTurn(kind, held)) throw new DongboError('NOTICE_OUT_OF_TURN', { name, space, notice: kind });
  const number = (held.notice?.number ?? 0) + 1;
  const reason = options.reason.normalize('NFC').trim();
  const notice = signNotice(agreement, { notice: kind, reason, number, now: io.clock.now() }, identity);
  await writeNewJson(options.out, notice);
  await book.acceptNotice(notice);
  await tellAgent(options.state, io);
  showNotice(notice, name, io);
  io.out(`${wordsFor(io, words).send} ${options.out}`);
  return notice;
}

export function showNotice(notice: Notice, name: string, io: CliIo): void {
  const say = wordsFor(io, words);
  io.out(`${say.notice[notice.notice]}: ${name} (${notice.space}, ${notice.issued})`);
  io.out(`${say.reason}: ${notice.reason}`);
}

function inTurn(kind: NoticeKind, { notice }: Held): boolean {
  if (notice?.notice === 'end') return false;
  return (kind === 'resume') === (notice?.notice === 'suspend') || kind === 'end';
}

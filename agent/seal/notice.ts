/** Signing and checking the owner's notices. */
import { type Agreement, memberOf } from '#agent/core/agreement.ts';
import { DongboError } from '#agent/core/errors.ts';
import { bytesOf, hexText } from '#agent/core/ids.ts';
import { type Notice, type NoticeKind, noticeSigned, parseNotice } from '#agent/core/notice.ts';
import type { Identity } from './identity.ts';
import { verifySignature } from './verify.ts';

export interface NoticeWords {
  readonly notice: NoticeKind;
  readonly reason: string;
  /** One more than that of the notice before. */
  readonly number: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Throws AGREEMENT_NOT_OWNER, NOTICE_MALFORMED. */
export function signNotice(agreement: Agreement, words: NoticeWords, identity: Identity): Notice {
  const { owner, name, space } = agreement;
  if (owner !== identity.node)
    throw new DongboError('AGREEMENT_NOT_OWNER', { name, owner, node: identity.node });
  const { notice, reason, number, now } = words;
  const unsigned = {
    version: 1,
    notice,
    space,
    owner,
    number,
    reason,
    issued: new Date(now).toISOString(),
  } as const;
  const signature = hexText(identity.signSlowly('notice', noticeSigned(unsigned)));
  return parseNotice({ ...unsigned, signature });
}

/** Throws NOTICE_FOREIGN (not of this agreement's owner), NOTICE_BAD_SIGNATURE. */
export function verifyNotice(notice: Notice, agreement: Agreement): void {
  const { space, owner, signature } = notice;
  const { name } = agreement;
  if (owner !== agreement.owner || space !== agreement.space || !memberOf(agreement, owner))
    throw new DongboError('NOTICE_FOREIGN', { name, space, owner });
  if (!verifySignature(owner, 'notice', noticeSigned(notice), bytesOf(signature)))
    throw new DongboError('NOTICE_BAD_SIGNATURE', { name, space, owner });
}

/** `dongbo agreement sign|show|accept`. */
import { join } from 'node:path';
import { type Agreement, memberOf, parseAgreement } from '#agent/core/agreement.ts';
import { isNotice, type Notice, parseNotice } from '#agent/core/notice.ts';
import { signAgreement, verifyOwner } from '#agent/seal/agreement.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import { maxAgreementBytes } from '#agent/seal/agreement-files.ts';
import { verifyCard } from '#agent/seal/card.ts';
import { loadIdentity } from '#agent/seal/identity.ts';
import { clockOf } from '#agent/sys/lived-time.ts';
import { showNotice } from './agreement-notice.ts';
import { showAgreement } from './agreement-text.ts';
import { readAgreement, readJson, rewriteJson } from './card-file.ts';
import { keysDir } from './init.ts';
import { type CliIo, type NodePlace, wordsFor } from './init-io.ts';
import { tellAgent } from './tell-agent.ts';

const words = {
  en: {
    signed: 'Signed by the owner',
    by: 'Signature: valid, by',
    unsigned: 'Signature: none yet',
    send: 'Send this file to every member; each one, this node too, runs: dongbo agreement accept',
    accepted: 'Accepted on this node. Put the space into the configuration:',
  },
  vi: {
    signed: 'Bên chủ trì đã ký',
    by: 'Chữ ký: hợp lệ, của',
    unsigned: 'Chữ ký: chưa có',
    send: 'Gửi tệp này cho mọi thành viên; mỗi bên, kể cả nút này, chạy: dongbo agreement accept',
    accepted: 'Nút này đã chấp nhận. Khai báo không gian trong tệp cấu hình:',
  },
};

export interface AgreementFileOptions extends NodePlace {
  readonly file: string;
}

/** Signs the file in place. Throws IDENTITY_…, FILE_…, AGREEMENT_NOT_OWNER, CARD_…. */
export async function runAgreementSign(options: AgreementFileOptions, io: CliIo): Promise<Agreement> {
  const { file } = options;
  const identity = await loadIdentity(keysDir(options));
  const signed = await signAgreement(await readAgreement(file), identity);
  await rewriteJson(file, signed);
  const say = wordsFor(io, words);
  showAgreement(signed, io);
  io.out(`${say.signed}: ${identity.agency} (${identity.name})`);
  io.out(`${say.send} ${file}`);
  return signed;
}

/** Shows an agreement, signed or not. Throws FILE_…, CARD_…, AGREEMENT_MALFORMED, AGREEMENT_BAD_SIGNATURE. */
export async function runAgreementShow({ file }: { readonly file: string }, io: CliIo): Promise<Agreement> {
  const agreement = await readAgreement(file);
  if (agreement.signature !== undefined) verifyOwner(agreement);
  for (const { card } of agreement.members) verifyCard(card);
  const say = wordsFor(io, words);
  showAgreement(agreement, io);
  const owner = memberOf(agreement, agreement.owner)?.card.agency ?? agreement.owner;
  io.out(agreement.signature === undefined ? say.unsigned : `${say.by} ${owner}`);
  return agreement;
}

/** Verifies and keeps an agreement or a notice. Throws IDENTITY_…, FILE_…, CARD_…, AGREEMENT_…, NOTICE_…. */
export async function runAgreementAccept(options: AgreementFileOptions, io: CliIo): Promise<void> {
  const identity = await loadIdentity(keysDir(options));
  const json = await readJson(options.file, maxAgreementBytes);
  const book = await AgreementBook.open(
    join(options.state, 'agreements'),
    identity,
    await clockOf(options.state, io.clock),
  );
  if (isNotice(json)) await acceptNotice(book, parseNotice(json), io);
  else await acceptAgreement(book, parseAgreement(json), io);
  await tellAgent(options.state, io);
}

async function acceptNotice(book: AgreementBook, notice: Notice, io: CliIo): Promise<void> {
  await book.acceptNotice(notice);
  showNotice(notice, book.held(notice.space)?.agreement.name ?? '', io);
}

async function acceptAgreement(book: AgreementBook, agreement: Agreement, io: CliIo): Promise<void> {
  await book.accept(agreement);
  showAgreement(agreement, io);
  io.out(wordsFor(io, words).accepted);
  io.out(`  - space: ${agreement.space}`);
}

/** `dongbo agreement validate`: every fault of a file of terms, or of an agreement, with its place, rule and R-id. */
import { agreementSchema, parseAgreement } from '#agent/core/agreement.ts';
import { brokenRule } from '#agent/core/agreement-rules.ts';
import { verifyOwner } from '#agent/seal/agreement.ts';
import { verifyCard } from '#agent/seal/card.ts';
import type { ConfigDocument } from './config-document.ts';
import { readConfigText } from './config-file.ts';
import { type CliIo, wordsFor } from './init-io.ts';
import { faultAt, parseDocument, readDocument, TermsError } from './terms-issues.ts';
import { termsFileSchema } from './terms-schema.ts';

const words = {
  en: { agreement: 'Sound agreement', terms: 'Sound file of terms' },
  vi: { agreement: 'Nội dung thống nhất hợp lệ', terms: 'Tệp điều khoản hợp lệ' },
};

/** Throws CONFIG_UNREADABLE, TermsError, and what is wrong with signatures, cards or the label. */
export async function runAgreementValidate({ file }: { readonly file: string }, io: CliIo): Promise<void> {
  const doc = readDocument(file, await readConfigText(file));
  const say = wordsFor(io, words);
  if (!isAgreement(doc)) {
    parseDocument(file, doc, termsFileSchema);
    io.out(`${say.terms}: ${file}`);
    return;
  }
  const broken = brokenRule(parseDocument(file, doc, agreementSchema));
  if (broken) {
    const { field, ...details } = broken;
    const path = field.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    throw new TermsError(file, [faultAt(file, doc, { code: 'TERMS_FAULT', path, details })]);
  }
  const agreement = parseAgreement(doc.value);
  for (const { card } of agreement.members) verifyCard(card);
  if (agreement.signature !== undefined) verifyOwner(agreement);
  io.out(`${say.agreement}: ${file}`);
}

/** Only the document itself has members with cards, an owner and a space. */
const isAgreement = (doc: ConfigDocument): boolean =>
  ['space', 'owner', 'version'].some((key) => doc.valueAt([key]) !== undefined);

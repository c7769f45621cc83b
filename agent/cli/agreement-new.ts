/** `dongbo agreement new`: drafts the agreement of a new space, with this node's agency as its owner. */
import { type Agreement, parseAgreement } from '#agent/core/agreement.ts';
import { parseLabelClass } from '#agent/core/clearance.ts';
import { DongboError } from '#agent/core/errors.ts';
import { hexText, parseSpaceId } from '#agent/core/ids.ts';
import { type Label, labelClass } from '#agent/core/label.ts';
import { type SuiteName, suiteNames } from '#agent/core/suite-name.ts';
import { loadIdentity } from '#agent/seal/identity.ts';
import { parseRoles, readParties, termOf } from './agreement-parties.ts';
import { showAgreement } from './agreement-text.ts';
import { writeNewJson } from './card-file.ts';
import { keysDir } from './init.ts';
import { type CliIo, type NodePlace, wordsFor } from './init-io.ts';
import { AgreedTerms } from './terms-file.ts';
import { type Party, trialAgreed } from './trial-terms.ts';

export interface AgreementNewOptions extends NodePlace {
  readonly name: string;
  /** `CARDFILE:publish,subscribe`; without roles a member has both. */
  readonly members: readonly string[];
  /** Card files of relays. */
  readonly relays?: readonly string[];
  /** This node's own roles, comma-separated; `publish,subscribe` when absent. */
  readonly own?: string;
  /** `nacl-pq` when absent. */
  readonly suite?: string;
  /** A label class; INTERNAL when absent. */
  readonly label?: string;
  readonly termDays: number;
  /** The file of texts and approvals; a trial when absent. */
  readonly terms?: string;
  /** The file to write. */
  readonly out: string;
}

const words = {
  en: { written: 'Draft written to', next: 'Read it, then run: dongbo agreement sign' },
  vi: { written: 'Đã ghi dự thảo vào', next: 'Đọc kỹ, rồi chạy: dongbo agreement sign' },
};

/** Throws IDENTITY_…, FILE_…, CARD_…, ROLE_UNKNOWN, LABEL_UNKNOWN, SUITE_UNKNOWN, TERM_MALFORMED, TERMS_…, AGREEMENT_…. */
export async function runAgreementNew(options: AgreementNewOptions, io: CliIo): Promise<Agreement> {
  const identity = await loadIdentity(keysDir(options));
  const label = parseLabelClass(options.label ?? 'INTERNAL');
  if (!label) throw new DongboError('LABEL_UNKNOWN', { label: options.label ?? '' });
  const suite = parseSuite(options.suite ?? 'nacl-pq');
  const own = { card: identity.card, roles: parseRoles(options.own) };
  const parties = [own, ...(await readParties(options.members, options.relays ?? []))];
  const term = termOf(options.termDays, io.clock.now());
  const agreement = parseAgreement({
    version: 2,
    space: parseSpaceId(hexText(io.random.bytes(16))),
    revision: 1,
    previous: [],
    name: options.name.normalize('NFC'),
    owner: identity.node,
    label,
    suite,
    ...term,
    ...(await agreedBy(options.terms, { label, parties, term })),
  });
  await showDraft(agreement, options.out, io);
  return agreement;
}

interface Agreed {
  readonly label: Label;
  readonly parties: readonly Party[];
  readonly term: { readonly notBefore: string; readonly notAfter: string };
}

/** The texts, approvals and the road: out of the file of terms, or those of a trial. */
async function agreedBy(file: string | undefined, { label, parties, term }: Agreed) {
  if (file === undefined) return trialAgreed(label, parties, term);
  const terms = await AgreedTerms.read(file);
  return { ...terms.agreed(parties), members: terms.members(parties, labelClass(label)) };
}

function parseSuite(text: string): SuiteName {
  const suite = suiteNames.find((name) => name === text);
  if (!suite)
    throw new DongboError('SUITE_UNKNOWN', { suite: text.slice(0, 60), known: suiteNames.join(', ') });
  return suite;
}

export async function showDraft(agreement: Agreement, out: string, io: CliIo): Promise<void> {
  await writeNewJson(out, agreement);
  const say = wordsFor(io, words);
  showAgreement(agreement, io);
  io.out(`${say.written} ${out}`);
  io.out(`${say.next} ${out}`);
}

/** `dongbo agreement amend`: drafts the next revision of an agreement that this node holds. */
import { join } from 'node:path';
import { type Agreement, type Member, parseAgreement } from '#agent/core/agreement.ts';
import { nextRevision } from '#agent/core/amendment.ts';
import { DongboError } from '#agent/core/errors.ts';
import { labelClass } from '#agent/core/label.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import type { Held } from '#agent/seal/agreement-files.ts';
import { type Identity, loadIdentity } from '#agent/seal/identity.ts';
import { clockOf } from '#agent/sys/lived-time.ts';
import { showDraft } from './agreement-new.ts';
import { readParties, termOf } from './agreement-parties.ts';
import { keysDir } from './init.ts';
import type { CliIo, NodePlace } from './init-io.ts';
import { AgreedTerms } from './terms-file.ts';
import { trialDecision, trialMember } from './trial-terms.ts';

export interface AgreementAmendOptions extends NodePlace {
  readonly space: string;
  /** New members, as for `agreement new`. */
  readonly members: readonly string[];
  readonly relays?: readonly string[];
  /** E-IDs or node ids of members that leave. */
  readonly remove?: readonly string[];
  readonly terms?: string;
  /** A new term from today; the same term when absent. */
  readonly termDays?: number;
  readonly out: string;
}

/** Throws IDENTITY_…, AGREEMENT_…, FILE_…, CARD_…, MEMBER_UNKNOWN, TERM_MALFORMED, TERMS_…. */
export async function runAgreementAmend(options: AgreementAmendOptions, io: CliIo): Promise<Agreement> {
  const { identity, held } = await openHeld(options, io);
  const { agreement: before } = held;
  const { owner, name } = before;
  if (owner !== identity.node)
    throw new DongboError('AGREEMENT_NOT_OWNER', { name, owner, node: identity.node });
  const term = options.termDays === undefined ? before : termOf(options.termDays, io.clock.now());
  const { notBefore, notAfter } = term;
  const next = { ...nextRevision(before), notBefore, notAfter };
  const agreement = parseAgreement({ ...next, ...(await changed(options, before, { notBefore, notAfter })) });
  await showDraft(agreement, options.out, io);
  return agreement;
}

async function changed(
  { members, relays, remove, terms: file }: AgreementAmendOptions,
  before: Agreement,
  term: { readonly notBefore: string; readonly notAfter: string },
): Promise<Partial<Agreement>> {
  const staying = without(before, remove ?? []);
  const coming = await readParties(members, relays ?? []);
  const label = labelClass(before.label);
  if (file === undefined)
    return {
      members: [...staying.map(renew(term)), ...coming.map((party) => trialMember(party, label, term))],
    };
  const terms = await AgreedTerms.read(file);
  const parties = [...staying.map(({ card, roles }) => ({ card, roles })), ...coming];
  return { ...terms.agreed(parties), members: terms.members(parties, label) };
}

/** A trial lasts as long as its agreement; a real approval ends when its decision says so. */
const renew =
  ({ notAfter }: { readonly notAfter: string }) =>
  (member: Member): Member =>
    member.system?.decision === trialDecision
      ? { ...member, system: { ...member.system, validUntil: notAfter } }
      : member;

function without(before: Agreement, leaving: readonly string[]): readonly Member[] {
  const gone = leaving.map((text) => {
    const found = before.members.filter(({ card }) => card.node === text || card.agency === text);
    const [member] = found;
    if (!member || found.length > 1)
      throw new DongboError('MEMBER_UNKNOWN', { member: text, name: before.name });
    return member;
  });
  return before.members.filter((member) => !gone.includes(member));
}

/** The agreement that this node holds for a space. Throws IDENTITY_…, AGREEMENT_ABSENT or what is wrong with it. */
export async function openHeld(
  options: NodePlace & { readonly space: string },
  io: CliIo,
): Promise<{ identity: Identity; book: AgreementBook; held: Held }> {
  const identity = await loadIdentity(keysDir(options));
  const book = await AgreementBook.open(
    join(options.state, 'agreements'),
    identity,
    await clockOf(options.state, io.clock),
  );
  const space = book.all().find((agreement) => agreement.space === options.space)?.space;
  const held = space && book.held(space);
  if (!held) throw new DongboError('AGREEMENT_ABSENT', { space: options.space });
  return { identity, book, held };
}

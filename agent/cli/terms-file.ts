/** Reads the file of terms, and finds the entry of each member in it. */
import type { Member, Role } from '#agent/core/agreement.ts';
import type { Card } from '#agent/core/card.ts';
import type { NodeId } from '#agent/core/ids.ts';
import type { Rule } from '#agent/core/messages/config-rules.ts';
import type { ConfigDocument } from './config-document.ts';
import { readConfigText } from './config-file.ts';
import type { FieldPath } from './config-issues.ts';
import { faultAt, parseDocument, readDocument, TermsError } from './terms-issues.ts';
import { type MemberTerms, type TermsFile, termsFileSchema } from './terms-schema.ts';

export class AgreedTerms {
  readonly file: TermsFile;
  readonly #path: string;
  readonly #doc: ConfigDocument;

  private constructor(path: string, doc: ConfigDocument) {
    this.#path = path;
    this.#doc = doc;
    this.file = parseDocument(path, doc, termsFileSchema);
  }

  /** Throws CONFIG_UNREADABLE, and TermsError with every fault. */
  static async read(path: string): Promise<AgreedTerms> {
    return new AgreedTerms(path, readDocument(path, await readConfigText(path)));
  }

  /** The members as the agreement names them. Throws TermsError for one without an entry, or an entry of nobody. */
  members(
    parties: readonly { readonly card: Card; readonly roles: readonly Role[] }[],
    label: string,
  ): Member[] {
    const cards = parties.map(({ card }) => card);
    const used = new Set<number>();
    const members = parties.map(({ card, roles }) => {
      const i = this.file.members.findIndex(({ member }) => names(member, card, cards));
      const entry = this.file.members[i];
      if (!entry || used.has(i)) throw this.#fault(['members'], 'system-approval');
      used.add(i);
      if (!entry.system && !roles.includes('relay'))
        throw this.#fault(['members', i, 'system'], 'system-approval');
      return memberOf(entry, { card, roles }, label);
    });
    const stranger = this.file.members.findIndex((_, i) => !used.has(i));
    if (stranger >= 0) throw this.#fault(['members', stranger, 'member'], 'terms-member');
    return members;
  }

  /** What is agreed beside the members; the master owner (R36) by its node id. Throws TermsError when it is no member. */
  agreed(
    parties: readonly { readonly card: Card; readonly roles: readonly Role[] }[],
  ): Omit<TermsFile, 'members' | 'masterOwner'> & { masterOwner?: NodeId } {
    const { members: _, masterOwner, ...agreed } = this.file;
    if (masterOwner === undefined) return agreed;
    const cards = parties.map(({ card }) => card);
    const owner = parties.find(({ card }) => names(masterOwner, card, cards));
    const able = owner?.roles.includes('publish') && owner.roles.includes('subscribe');
    if (!owner || !able) throw this.#fault(['masterOwner'], 'master-member');
    return { ...agreed, masterOwner: owner.card.node };
  }

  #fault(path: FieldPath, rule: Rule): TermsError {
    const missing = this.#doc.valueAt(path) === undefined;
    const requirement = requirementsOf[rule] ?? {};
    const at = { code: missing ? 'TERMS_MISSING' : 'TERMS_FAULT', path, details: { rule, ...requirement } };
    return new TermsError(this.#path, [faultAt(this.#path, this.#doc, at)]);
  }
}

const requirementsOf: Partial<Record<Rule, { readonly requirement: string }>> = {
  'system-approval': { requirement: 'R09' },
  'master-member': { requirement: 'R36' },
};

/** A node id, or the e-ID of an agency that has one node among the members. */
function names(text: string, card: Card, all: readonly Card[]): boolean {
  if (text === card.node) return true;
  return text === card.agency && all.filter(({ agency }) => agency === text).length === 1;
}

function memberOf(
  { contact, highestLabel, system, stateCipher }: MemberTerms,
  party: { readonly card: Card; readonly roles: readonly Role[] },
  label: string,
): Member {
  return {
    ...party,
    highestLabel: highestLabel ?? label,
    contact,
    ...(system ? { system } : {}),
    ...(stateCipher ? { stateCipher } : {}),
  };
}

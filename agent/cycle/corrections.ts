/** What a person asks of the corrections of a space (R36): see them, accept or refuse one, on the record. */
import { createHash } from 'node:crypto';
import {
  decodeProposal,
  decodeRefusal,
  encodeRefusal,
  type KeptProposal,
} from '#agent/core/correction-codec.ts';
import { decided } from '#agent/core/correction.ts';
import { memberOf } from '#agent/core/agreement.ts';
import { isSecretClass } from '#agent/core/clearance.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { Answer } from '#agent/core/item.ts';
import { originKey } from '#agent/core/ids.ts';
import { proposalKey } from '#agent/apply/take-corrections.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import type { CorrectionShown } from '#agent/status/control-protocol.ts';
import type { AuditTrail } from './audit-trail.ts';
import { dueKey, encodeDue } from './correction-work.ts';
import type { NodeSpace } from './node-space.ts';

export interface CorrectionsParts {
  readonly own: NodeSpace;
  readonly keyring: Pick<Keyring, 'keysFor'>;
  readonly trail: Pick<AuditTrail, 'decided'>;
}

export interface Decision {
  readonly id: string;
  readonly accept: boolean;
  readonly by: string;
  /** Needed to refuse: the proposer reads it. */
  readonly reason: string;
}

export class Corrections {
  readonly #parts: CorrectionsParts;

  constructor(parts: CorrectionsParts) {
    this.#parts = parts;
  }

  /** Proposals that wait for this node's decision, and answers to its own; at most `limit` of both together. */
  async list(limit: number): Promise<{ corrections: readonly CorrectionShown[]; more: boolean }> {
    const corrections: CorrectionShown[] = [];
    for await (const one of this.#all()) {
      if (corrections.length >= limit) return { corrections, more: true };
      corrections.push(one);
    }
    return { corrections, more: false };
  }

  async *#all(): AsyncGenerator<CorrectionShown> {
    const { own } = this.#parts;
    const agreement = own.agreement();
    for await (const [, bytes] of own.state.corrections('in/')) {
      const kept = decodeProposal(bytes);
      const { path, author, labelClass, state } = kept;
      const agency = memberOf(agreement, author.node)?.card.agency ?? author.node;
      const size = state.kind === 'file' ? { size: state.size } : {};
      const what = { id: idOf(kept), path, from: agency, label: labelClass, kind: state.kind, ...size };
      yield { ...what, came: new Date(kept.came).toISOString() };
    }
    for await (const [path, bytes] of own.state.corrections('answer/'))
      yield { path, refused: decodeRefusal(bytes).reason };
  }

  /** On the record before it takes effect. Throws CORRECTION_UNKNOWN, CORRECTION_NOT_OWNER, AUDIT_…, AGREEMENT_…. */
  async decide(decision: Decision): Promise<void> {
    const { own, trail } = this.#parts;
    const { id, accept, by, reason } = decision;
    const agreement = own.agreement();
    if (agreement.masterOwner !== own.origin.node)
      throw new DongboError('CORRECTION_NOT_OWNER', { space: own.space });
    const kept = await this.#find(id);
    const { author, labelClass: label } = kept;
    const agency = memberOf(agreement, author.node)?.card.agency ?? 'unknown';
    const fields = { space: own.space, id, proposer: author.node, agency, label, by, reason };
    // Made before it is on the record: a device for state secrets may be away.
    const answer = accept ? undefined : await this.#answer(kept, reason);
    await trail.decided(accept ? 'correction.accepted' : 'correction.refused', fields);
    await own.state.exclusive(() => this.#commit(kept, accept, answer));
    own.arrived();
  }

  async #commit(kept: KeptProposal, accept: boolean, answer: Answer | undefined): Promise<void> {
    const { state } = this.#parts.own;
    const key = proposalKey(kept);
    const now = await state.correction(key);
    // A newer one has come meanwhile: that is another decision.
    if (!now || idOf(decodeProposal(now)) !== idOf(kept)) throw unknown(idOf(kept));
    const { path } = kept;
    const batch = state.batch();
    batch.putRow(path, decided((await state.row(path)) ?? {}, kept, accept));
    batch.markPending(path);
    batch.putCorrection(key, undefined);
    batch.putCorrection(dueKey(path), encodeDue(answer));
    await batch.commit();
  }

  /** Sealed under the proposer's own epoch, which its author and this node alone can open. */
  async #answer({ author, epoch, seq, labelClass }: KeptProposal, reason: string): Promise<Answer> {
    const { own, keyring } = this.#parts;
    const keys = await keyring.keysFor(own.space, author, epoch);
    if (!keys && isSecretClass(labelClass))
      throw new DongboError('SECRET_NO_APPROVED_CIPHER', { label: labelClass }, { retry: 'later' });
    if (!keys) throw new DongboError('INVARIANT', { what: 'key of a proposal that was opened' });
    return { to: author, epoch, sealed: keys.sealRecord(encodeRefusal({ seq, reason })) };
  }

  async #find(id: string): Promise<KeptProposal> {
    for await (const [, bytes] of this.#parts.own.state.corrections('in/')) {
      const kept = decodeProposal(bytes);
      if (idOf(kept) === id) return kept;
    }
    throw unknown(id);
  }
}

const unknown = (id: string) => new DongboError('CORRECTION_UNKNOWN', { id: id.slice(0, 64) });

/** Names one proposal, not its path: what is decided on is what was shown. */
export const idOf = ({ author, seq }: Pick<KeptProposal, 'author' | 'seq'>): string =>
  createHash('sha256')
    .update(`${originKey(author)} ${seq}`)
    .digest('hex')
    .slice(0, 16);

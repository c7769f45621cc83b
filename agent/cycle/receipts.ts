/** Receipts: what this node signs when everything it received is durable, and what others signed to us. */
import { type Agreement, memberOf } from '#agent/core/agreement.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { NodeId, SpaceId } from '#agent/core/ids.ts';
import { receiptSigned } from '#agent/core/receipt-codec.ts';
import type { Head, Receipt } from '#agent/core/segment.ts';
import { checkReceipt } from '#agent/feed/segment-check.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { verifierOf } from '#agent/seal/space-verify.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { closedFrom } from './closed-feeds.ts';
import { ackedCursor } from './freshness-rows.ts';
import { KeptReceipts, livesOf } from './lives.ts';

export interface ReceiptParts {
  readonly space: SpaceId;
  readonly identity: Pick<Identity, 'node' | 'sign'>;
  readonly state: SpaceState;
  readonly agreement: () => Agreement;
  readonly clock: Clock;
  /** Told when receipts were stored, so that links pass them on. */
  readonly moved: () => void;
}

export class Receipts {
  readonly #parts: ReceiptParts;

  constructor(parts: ReceiptParts) {
    this.#parts = parts;
  }

  /** Heads of feeds of others that this node has not signed for yet. */
  async due(): Promise<readonly Head[]> {
    const { state, identity } = this.#parts;
    const kept = new KeptReceipts(await state.receipts());
    return (await state.origins()).filter(
      ({ origin, seq }) => origin.node !== identity.node && kept.seqOf(identity.node, origin) < seq,
    );
  }

  /** Signs up to these heads. Call only when nothing of them is pending: that is what is signed. */
  async acknowledge(heads?: readonly Head[]): Promise<void> {
    const { state } = this.#parts;
    const due = heads ?? (await this.due());
    if (due.length === 0) return;
    const batch = state.batch();
    let signed = 0;
    for (const head of due) {
      // What a peer withholds of a feed, or what is closed to this node, cannot be vouched for.
      if ((await state.owed(head.origin)) !== undefined) continue;
      if ((await closedFrom(state, head.origin)) > 0) continue;
      batch.putReceipt(this.#sign(head));
      batch.setCursor(ackedCursor(head.origin), head.time);
      signed += 1;
    }
    if (signed === 0) return;
    await batch.commit();
    this.#parts.moved();
  }

  #sign({ origin, seq, digest }: Pick<Receipt, 'origin' | 'seq' | 'digest'>): Receipt {
    const { identity, space, clock, agreement } = this.#parts;
    const unsigned = { space, reader: identity.node, origin, seq, digest, time: clock.now() };
    return { ...unsigned, signature: identity.sign(agreement().suite, 'receipt', receiptSigned(unsigned)) };
  }

  /** Receipts of any member, brought by any member: the signature counts, not the messenger. */
  async accept(_from: NodeId, receipts: readonly Receipt[]): Promise<void> {
    const { state } = this.#parts;
    const kept = new KeptReceipts(await state.receipts());
    const fresh = receipts.filter((r) => r.seq > kept.seqOf(r.reader, r.origin));
    if (fresh.length === 0) return;
    const batch = state.batch();
    for (const receipt of fresh) {
      this.#check(receipt);
      if (!(await this.#hasPlace(receipt, kept))) continue;
      kept.add(receipt);
      batch.putReceipt(receipt);
    }
    await batch.commit();
    this.#parts.moved();
  }

  /**
   * A reader could sign for lives of a node that never were. Those beyond the bound are left out in silence: who brings
   * them may have taken other lives of the node than we did.
   */
  async #hasPlace(receipt: Receipt, kept: KeptReceipts): Promise<boolean> {
    if (kept.seqOf(receipt.reader, receipt.origin) > 0) return true;
    if (kept.livesOf(receipt) < livesOf(this.#parts.agreement())) return true;
    return (await this.#parts.state.position(receipt.origin)) !== undefined;
  }

  #check(receipt: Receipt): void {
    const { reader, origin, seq } = receipt;
    const agreement = this.#parts.agreement();
    if (!memberOf(agreement, reader) || !memberOf(agreement, origin.node))
      throw new DongboError('SEGMENT_REFUSED', {
        space: receipt.space,
        node: reader,
        seq,
        rule: 'must be of members',
      });
    checkReceipt(receipt, { verify: verifierOf(agreement), space: this.#parts.space });
  }
}

/** Receipts: what this node signs when everything it received is durable, and what others signed to us. */
import { type Agreement, memberOf } from '#agent/core/agreement.ts';
import { type DongboError, isCode } from '#agent/core/errors.ts';
import { type NodeId, type Origin, originKey, type SpaceId } from '#agent/core/ids.ts';
import { receiptSigned } from '#agent/core/receipt-codec.ts';
import type { Head, Receipt } from '#agent/core/segment.ts';
import { checkReceipt } from '#agent/feed/segment-check.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { verifierOf } from '#agent/seal/space-verify.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { closedFrom } from './closed-feeds.ts';
import { ackedCursor } from './freshness-rows.ts';
import { livesOf } from './lives.ts';

export interface ReceiptParts {
  readonly space: SpaceId;
  readonly identity: Pick<Identity, 'node' | 'sign'>;
  readonly state: SpaceState;
  readonly agreement: () => Agreement;
  /** The last revision under which a member that publishes no more did so. */
  readonly formerly: (node: NodeId) => Agreement | undefined;
  readonly clock: Clock;
  /** Whether it is the feed of a life of this node that is over. */
  readonly isPast: (origin: Origin) => boolean;
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
    const mine = (await state.receipts()).filter(({ reader }) => reader === identity.node);
    const signed = new Map(mine.map(({ origin, seq }) => [originKey(origin), seq]));
    return (await state.origins()).filter(
      ({ origin, seq }) => origin.node !== identity.node && (signed.get(originKey(origin)) ?? 0) < seq,
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

  /**
   * Receipts of any member, brought by any member: the signature counts, not the messenger. One that does not verify
   * keeps no other back: SEGMENT_REFUSED comes when the others are kept.
   */
  async accept(_from: NodeId, receipts: readonly Receipt[]): Promise<void> {
    const { state } = this.#parts;
    const kept = await state.receiptSeqs(receipts);
    const fresh = furthest(receipts.filter(({ seq }, i) => seq > (kept[i] ?? 0)));
    const batch = state.batch();
    let [taken, refusal]: [number, DongboError | undefined] = [0, undefined];
    for (const receipt of fresh) {
      if (!this.#concerns(receipt)) continue;
      // Before the signature is looked at, which costs more.
      if (!(await this.#isHeld(receipt))) continue;
      const broken = this.#refusalOf(receipt);
      refusal ??= broken;
      if (broken) continue;
      batch.putReceipt(receipt);
      taken += 1;
    }
    await batch.commit();
    if (taken > 0) this.#parts.moved();
    if (refusal) throw refusal;
  }

  #refusalOf(receipt: Receipt): DongboError | undefined {
    try {
      this.#check(receipt);
      return undefined;
    } catch (error) {
      if (!isCode(error, 'SEGMENT_REFUSED')) throw error;
      return error;
    }
  }

  /**
   * A reader could sign for what nobody has written, and for lives of a node that never were. What goes beyond this
   * node's own head of the feed is left out in silence: it comes again with the next look, when the feed may have come
   * too. Of a past life of this node others may hold more than it ever gets back.
   */
  async #isHeld(receipt: Receipt): Promise<boolean> {
    const { state, isPast, formerly } = this.#parts;
    const { origin, seq } = receipt;
    if (formerly(origin.node)) return this.#hasPlace(receipt);
    const held = await state.position(origin);
    return held !== undefined && (seq <= held.seq || isPast(origin));
  }

  /** Of an author that has left, what others have signed says how far its feed is to be taken. */
  async #hasPlace({ reader, origin }: Receipt): Promise<boolean> {
    const { state, agreement } = this.#parts;
    const of = (await state.receipts()).filter((r) => r.reader === reader && r.origin.node === origin.node);
    return of.some((r) => originKey(r.origin) === originKey(origin)) || of.length < livesOf(agreement());
  }

  /**
   * Members come and go: who brings receipts may keep those of a reader that has left, or about an author that this node
   * never knew. They are passed over. What those who stay have signed of an author who left shows what was agreed to.
   */
  #concerns({ reader, origin }: Receipt): boolean {
    const { agreement, formerly } = this.#parts;
    const isKnown = memberOf(agreement(), origin.node) ?? formerly(origin.node);
    return memberOf(agreement(), reader) !== undefined && isKnown !== undefined;
  }

  #check(receipt: Receipt): void {
    checkReceipt(receipt, { verify: verifierOf(this.#parts.agreement()), space: this.#parts.space });
  }
}

/** One of each reader and feed: there is no reason to verify what the next one says anyway. */
function furthest(receipts: readonly Receipt[]): readonly Receipt[] {
  const kept = new Map<string, Receipt>();
  for (const receipt of receipts) {
    const key = `${receipt.reader} ${originKey(receipt.origin)}`;
    if (receipt.seq > (kept.get(key)?.seq ?? 0)) kept.set(key, receipt);
  }
  return [...kept.values()];
}

/** Change → seal → feed: gathers local changes into signed segments and commits each in one atomic batch. */
import type { Agreement } from '#agent/core/agreement.ts';
import { rulesOf } from '#agent/core/cells.ts';
import { type Details, DongboError } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { Origin, SpaceId, Tag } from '#agent/core/ids.ts';
import type { ItemChange, LocalState, Row } from '#agent/core/item.ts';
import { labelClass } from '#agent/core/label.ts';
import type { Planner } from '#agent/core/plan.ts';
import { readBack } from '#agent/core/read-back.ts';
import type { FeedRecord } from '#agent/core/record.ts';
import { encodeRecord } from '#agent/core/record-codec.ts';
import type { SealForm } from '#agent/core/seal-form.ts';
import { maxSegmentBytes } from '#agent/core/segment.ts';
import { isWithinBounds } from '#agent/core/version.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { Withdrawal } from '#agent/feed/withdrawals.ts';
import { closingGrant } from '#agent/seal/grant.ts';
import type { ItemKeys } from '#agent/seal/item-keys.ts';
import type { Identity } from '#agent/seal/identity.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Alike } from './alike.ts';
import { plannerOf } from './planner.ts';
import { type Raised, raisedOver, tellWithdrawn } from './raised.ts';
import { readAgain } from './read-again.ts';
import type { Piece } from './read-content.ts';
import { hideOrder } from './record-order.ts';
import { settleNote, settleProposed, settleRow } from './settle-local.ts';
import { appendSegment } from './write-segment.ts';

/** What the disk was seen to hold at one path. `local` becomes the row's local tree, `pieces` its chunk locations. */
export interface LocalChange {
  readonly path: string;
  readonly local?: LocalState;
  /** Present when the plan wants it published; else the index only takes note. */
  readonly change?: ItemChange;
  /** Present for an edit that is to be proposed to the master owner (R36): it goes into the feed and into no tree. */
  readonly proposed?: ItemChange;
  /** What the change is sealed under; the label of the space when absent, which is the highest. */
  readonly labelClass?: string;
  readonly pieces?: readonly Piece[];
  /** Whether earlier locations of this path are still to be dropped. */
  readonly dropPieces?: boolean;
  /** What a reader would refuse of it: it is not published, and the item has a problem. */
  readonly refused?: Details;
  readonly contentBytes: number;
}

export interface PublisherParts {
  readonly space: SpaceId;
  readonly origin: Origin;
  /**
   * False once a new life began meanwhile: nothing may be written to the feed of the old one any more. Nor once another
   * agreement is in force: what is gathered is sealed for the readers of the one before.
   */
  readonly alive: () => boolean;
  readonly state: SpaceState;
  readonly keyring: Keyring;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly emit: Emit;
  /**
   * Makes what was read durable on this disk (syncfs). Before a state is published or agreed to, or a power cut would
   * turn it into an edit or a delete of what everybody else has (invariant 1).
   */
  readonly durable: () => Promise<void>;
  /**
   * Whether what was sealed may go out under its class, as the row is by now: another member's higher label may have
   * come since it was read. What may not is left out, and `again` is told.
   */
  readonly fits?: (change: ItemChange, row: Row | undefined, labelClass: string) => Promise<boolean>;
  readonly again?: (path: string) => void;
  readonly alike?: Pick<Alike, 'tooLow' | 'wentLower' | 'isDue'>;
  /** Whether it is for this node to publish what members that have left published. */
  readonly inherits?: 'own' | 'all' | undefined;
  /** A segment is in the feed: links need not wait for the end of the look. */
  readonly moved: (seq: number) => void;
}

/** A segment closes at whichever comes first, so that readers can start while the rest is still being cut. */
const segmentRecords = 512;
/** Chunk locations that wait for their batch: each is about 200 bytes in memory. */
const waitingPieces = 16_384;
const segmentBodyBytes = 1024 * 1024;
const segmentContentBytes = 64 * 1024 * 1024;

type Sealed = LocalChange & { readonly change: ItemChange };

interface Waiting {
  readonly tag: Tag;
  readonly body: Uint8Array;
  readonly epoch: number;
  readonly form: SealForm;
  readonly labelClass: string;
  /** Undefined for a grant. */
  readonly change: Sealed | undefined;
}

export class Publisher {
  readonly #parts: PublisherParts;
  readonly #agreement: Agreement;
  /** Where the agreement does not let it publish, local edits are problems, not changes. */
  readonly me: Planner;
  #waiting: Waiting[] = [];
  #notes: LocalChange[] = [];
  #pieces = 0;
  #bodyBytes = 0;
  #contentBytes = 0;
  #published = 0;

  constructor(parts: PublisherParts, agreement: Agreement) {
    this.#parts = parts;
    this.#agreement = agreement;
    const { inherits } = parts;
    this.me = { ...plannerOf(agreement, parts.origin), ...(inherits ? { inherits } : {}) };
  }

  /** How many changes this publisher has committed. */
  get published(): number {
    return this.#published;
  }

  /** Whether it is published again though nothing has changed: what holds the same has a higher class. */
  isDue(path: string): boolean {
    return this.#parts.alike?.isDue(path) ?? false;
  }

  /** The epoch under which a label class is sealed now; undefined when this node publishes nothing. */
  async keys(sealedAs: string): Promise<ItemKeys | undefined> {
    if (!this.me.publishes && !this.me.proposes) return undefined;
    const { keyring, origin } = this.#parts;
    return (await keyring.current(this.#agreement, origin, sealedAs)).keys;
  }

  /**
   * Takes a change, or a note for the index; it is durable after the next `flush`. False when a new epoch was opened
   * since the content was read: its pieces are named under the old one, so it is to be read again.
   */
  async add(seen: LocalChange): Promise<boolean> {
    const change = seen.change ?? seen.proposed;
    if (change && !seen.refused && isWithinBounds(change.version)) {
      if (!(await this.#seal(seen, change))) return false;
    } else this.#notes.push(seen);
    this.#pieces += seen.pieces?.length ?? 0;
    if (this.#full()) await this.flush();
    return true;
  }

  async #seal(seen: LocalChange, change: ItemChange): Promise<boolean> {
    const keys = await this.open(seen.labelClass ?? labelClass(this.#agreement.label));
    if (change.content && seen.local?.epoch !== keys.epoch) return false;
    const read = readBack(change, rulesOf(keys.form));
    if ('refused' in read) {
      this.#notes.push({ ...seen, refused: read.refused });
      return true;
    }
    const sealed = keys.sealRecord(read.plain);
    const tag = await this.#parts.keyring.tagOf(this.#agreement, seen.path);
    const record = { type: 'item', epoch: keys.epoch, labelClass: keys.labelClass, sealed } as const;
    this.#push(tag, record, keys.form, { ...seen, change });
    return true;
  }

  /** The epoch of a label class now. Its grant goes into the feed before the first record sealed under it. */
  async open(sealedAs: string): Promise<ItemKeys> {
    const { keyring, origin, state } = this.#parts;
    const { keys, grantTag } = await keyring.current(this.#agreement, origin, sealedAs);
    const waits = this.#waiting.some((w) => w.tag === grantTag);
    if (!waits && (await state.liveSeq(origin, grantTag)) === undefined) {
      await this.#grant(keys, grantTag);
    }
    return keys;
  }

  /** A grant for today's readers in the place of the one under `grantTag`; durable after the next `flush`. */
  async grantAgain(keys: ItemKeys, grantTag: Tag): Promise<void> {
    await this.#grant(keys, grantTag);
  }

  /** Grants of an agreement with thousands of readers are large: what is gathered and such a one may be two segments. */
  async #grant(keys: ItemKeys, grantTag: Tag): Promise<void> {
    const grant = await this.#parts.keyring.grant(this.#agreement, keys);
    if (this.#bodyBytes + encodeRecord(grant).length > maxSegmentBytes) await this.flush();
    this.#push(grantTag, grant, keys.form, undefined);
  }

  /** Says that nothing is sealed under an epoch any more; durable after the next `flush`. */
  close(keys: ItemKeys, grantTag: Tag): void {
    this.#push(grantTag, closingGrant(keys), keys.form, undefined);
  }

  #push(tag: Tag, record: FeedRecord, form: SealForm, change: Waiting['change']): void {
    const body = encodeRecord(record);
    const { epoch, labelClass: sealedAs } = record;
    this.#waiting.push({ tag, body, epoch, labelClass: sealedAs, form, change });
    this.#bodyBytes += body.length;
    this.#contentBytes += change?.contentBytes ?? 0;
  }

  #full(): boolean {
    return (
      this.#waiting.length + this.#notes.length >= segmentRecords ||
      this.#pieces >= waitingPieces ||
      this.#bodyBytes >= segmentBodyBytes ||
      this.#contentBytes >= segmentContentBytes
    );
  }

  /** Signs and commits what is gathered: segment, head, rows and chunk locations in one atomic batch. */
  async flush(): Promise<void> {
    if (this.#waiting.length + this.#notes.length === 0) return;
    const { state, space, emit } = this.#parts;
    this.#waiting = hideOrder(this.#waiting);
    await this.#parts.durable();
    const { seq, withdrawals } = await state.exclusive(() => this.#commit());
    const gone = this.#waiting;
    const changes = gone.filter((w) => w.change).length;
    this.#waiting = [];
    this.#notes = [];
    this.#pieces = 0;
    this.#bodyBytes = 0;
    this.#contentBytes = 0;
    this.#published += changes;
    if (seq > 0) this.#parts.moved(seq);
    if (changes > 0) await this.#judgeAnew(gone, seq - gone.length + 1);
    if (changes > 0) emit({ type: 'published', space, changes, seq });
    tellWithdrawn(this.#parts, withdrawals);
  }

  async #judgeAnew(gone: readonly Waiting[], first: number): Promise<void> {
    const { alike, state, origin, again } = this.#parts;
    for (const path of (await alike?.wentLower(itemsOf(gone), { origin, first })) ?? []) {
      await readAgain(state, path);
      again?.(path);
    }
  }

  async #commit(): Promise<{ readonly seq: number; readonly withdrawals: readonly Withdrawal[] }> {
    const { space, origin, alive, clock } = this.#parts;
    if (!alive()) throw new DongboError('FEED_MOVED', { space, node: origin.node }, { retry: 'later' });
    await this.#leaveOut();
    const batch = this.#parts.state.batch();
    const seq =
      this.#waiting.length > 0 ? await appendSegment(this.#parts, this.#agreement, batch, this.#waiting) : 0;
    const first = seq - this.#waiting.length + 1;
    const raised = await this.#raised(first);
    const begun = clock.now();
    const withdrawals: Withdrawal[] = [];
    for (const [at, { from, chunks }] of raised) {
      batch.oweDrops(chunks.ids, { seq: at, epoch: chunks.epoch, urgent: true });
      if (from.length > 0) withdrawals.push({ origin, seq: at, begun, open: from });
    }
    for (const one of withdrawals) batch.putWithdrawal(one);
    const to = { batch, state: this.#parts.state, origin, me: this.me };
    for (const [i, { change, epoch }] of this.#waiting.entries()) {
      const seq = first + i;
      if (change?.proposed) await settleProposed(to, change);
      else if (change) await settleRow(to, change, { epoch, seq, urgent: raised.has(seq) });
    }
    for (const note of this.#notes) await settleNote(to, note);
    await batch.commit();
    return { seq, withdrawals };
  }

  /** Of what is about to be appended: from whom the records before are withdrawn. */
  async #raised(first: number): Promise<ReadonlyMap<number, Raised>> {
    const { origin, state, keyring, clock } = this.#parts;
    const parts = { agreement: this.#agreement, origin, state, keyring, now: clock.now() };
    const found = new Map<number, Raised>();
    for (const [i, { tag, change, labelClass }] of this.#waiting.entries()) {
      const raised = change && (await raisedOver(parts, { tag, labelClass }));
      if (raised) found.set(first + i, raised);
    }
    return found;
  }

  /** Alone with the rows. An epoch's grant goes out all the same. */
  async #leaveOut(): Promise<void> {
    const { fits, again, alike, state } = this.#parts;
    if (!fits) return;
    const tooLow = alike?.tooLow(itemsOf(this.#waiting));
    const left: Waiting[] = [];
    for (const waiting of this.#waiting) {
      const { change: seen, labelClass } = waiting;
      const isRight = seen && !tooLow?.has(seen.path);
      const still = !seen || (isRight && (await fits(seen.change, await state.row(seen.path), labelClass)));
      if (still) left.push(waiting);
      else again?.(seen.path);
    }
    this.#waiting = left;
  }
}

const itemsOf = (all: readonly Waiting[]) =>
  all.flatMap(({ change, labelClass: sealedAs }) =>
    change ? [{ change: change.change, labelClass: sealedAs }] : [],
  );

/** Change → seal → feed: gathers local changes into signed segments and commits each in one atomic batch. */
import { type Agreement, agreementDigest } from '#agent/core/agreement.ts';
import { encodeChange } from '#agent/core/change-codec.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import { headSigned } from '#agent/core/head-codec.ts';
import { type Origin, parseDigest, type SpaceId, type Tag } from '#agent/core/ids.ts';
import type { ItemChange, LocalState, Row } from '#agent/core/item.ts';
import { labelClass } from '#agent/core/label.ts';
import { isAtRest, type Planner, planItem } from '#agent/core/plan.ts';
import type { FeedRecord } from '#agent/core/record.ts';
import { encodeRecord } from '#agent/core/record-codec.ts';
import type { Head, SegmentEntry } from '#agent/core/segment.ts';
import { encodeHeader } from '#agent/core/segment-codec.ts';
import { settleAdopted, settlePublished } from '#agent/core/settle.ts';
import { isWithinBounds } from '#agent/core/version.ts';
import type { SpaceBatch } from '#agent/feed/space-batch.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { ItemKeys } from '#agent/seal/item-keys.ts';
import type { Identity } from '#agent/seal/identity.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import { sha256 } from '#agent/seal/verify.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { plannerOf } from './planner.ts';
import type { Piece } from './read-content.ts';

/** What the disk was seen to hold at one path. `local` becomes the row's local tree, `pieces` its chunk locations. */
export interface LocalChange {
  readonly path: string;
  readonly local?: LocalState;
  /** Present when the plan wants it published; else the index only takes note. */
  readonly change?: ItemChange;
  /** What the change is sealed under; the label of the space when absent, which is the highest. */
  readonly labelClass?: string;
  readonly pieces?: readonly Piece[];
  /** Whether earlier locations of this path are still to be dropped. */
  readonly dropPieces?: boolean;
  readonly contentBytes: number;
}

export interface PublisherParts {
  readonly space: SpaceId;
  readonly origin: Origin;
  /** False once a new life began meanwhile: nothing may be written to the feed of the old one any more. */
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
  /** A segment is in the feed: links need not wait for the end of the look. */
  readonly moved: (seq: number) => void;
}

/** A segment closes at whichever comes first, so that readers can start while the rest is still being cut. */
const segmentRecords = 512;
/** Chunk locations that wait for their batch: each is about 200 bytes in memory. */
const waitingPieces = 16_384;
const segmentBodyBytes = 1024 * 1024;
const segmentContentBytes = 64 * 1024 * 1024;

interface Waiting {
  readonly tag: Tag;
  readonly body: Uint8Array;
  readonly epoch: number;
  /** Undefined for a grant. */
  readonly change: (LocalChange & { readonly change: ItemChange }) | undefined;
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
    this.me = plannerOf(agreement, parts.origin);
  }

  /** How many changes this publisher has committed. */
  get published(): number {
    return this.#published;
  }

  /** The epoch under which a label class is sealed now; undefined when this node publishes nothing. */
  async keys(sealedAs: string): Promise<ItemKeys | undefined> {
    if (!this.me.publishes) return undefined;
    const { keyring, origin } = this.#parts;
    return (await keyring.current(this.#agreement, origin, sealedAs)).keys;
  }

  /** Takes a change, or a note for the index; it is durable after the next `flush`. */
  async add(seen: LocalChange): Promise<void> {
    const { change } = seen;
    if (change && isWithinBounds(change.version)) await this.#seal(seen, change);
    else this.#notes.push(seen);
    this.#pieces += seen.pieces?.length ?? 0;
    if (this.#full()) await this.flush();
  }

  async #seal(seen: LocalChange, change: ItemChange): Promise<void> {
    const keys = await this.#openEpoch(seen.labelClass ?? labelClass(this.#agreement.label));
    const sealed = keys.sealRecord(encodeChange(change));
    const tag = await this.#parts.keyring.tagOf(this.#agreement, seen.path);
    const record = { type: 'item', epoch: keys.epoch, labelClass: keys.labelClass, sealed } as const;
    this.#push(tag, record, { ...seen, change });
  }

  /** An epoch's grant goes into the feed before the first record sealed under it. */
  async #openEpoch(sealedAs: string): Promise<ItemKeys> {
    const { keyring, origin, state } = this.#parts;
    const { keys, grantTag } = await keyring.current(this.#agreement, origin, sealedAs);
    const waits = this.#waiting.some((w) => w.tag === grantTag);
    if (!waits && (await state.liveSeq(origin, grantTag)) === undefined) {
      this.#push(grantTag, await keyring.grant(this.#agreement, keys), undefined);
    }
    return keys;
  }

  /** A grant for today's readers in the place of the one under `grantTag`; durable after the next `flush`. */
  async grantAgain(keys: ItemKeys, grantTag: Tag): Promise<void> {
    this.#push(grantTag, await this.#parts.keyring.grant(this.#agreement, keys), undefined);
  }

  #push(tag: Tag, record: FeedRecord, change: Waiting['change']): void {
    const body = encodeRecord(record);
    this.#waiting.push({ tag, body, epoch: record.epoch, change });
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
    await this.#parts.durable();
    const seq = await state.exclusive(() => this.#commit());
    const changes = this.#waiting.filter((w) => w.change).length;
    this.#waiting = [];
    this.#notes = [];
    this.#pieces = 0;
    this.#bodyBytes = 0;
    this.#contentBytes = 0;
    this.#published += changes;
    if (seq > 0) this.#parts.moved(seq);
    if (changes > 0) emit({ type: 'published', space, changes, seq });
  }

  async #commit(): Promise<number> {
    const { space, origin, alive } = this.#parts;
    if (!alive()) throw new DongboError('FEED_MOVED', { space, node: origin.node }, { retry: 'later' });
    const batch = this.#parts.state.batch();
    const seq = this.#waiting.length > 0 ? await this.#appendSegment(batch, this.#waiting) : 0;
    const first = seq - this.#waiting.length + 1;
    for (const [i, { change, epoch }] of this.#waiting.entries()) {
      if (change) await this.#settleRow(batch, change, { epoch, seq: first + i });
    }
    for (const note of this.#notes) await this.#settleNote(batch, note);
    await batch.commit();
    return seq;
  }

  async #appendSegment(batch: SpaceBatch, waiting: readonly Waiting[]): Promise<number> {
    const { state, space, origin, identity, clock } = this.#parts;
    const before = await state.head(origin);
    const header = {
      space,
      origin,
      first: (before?.seq ?? 0) + 1,
      prev: before?.digest,
      agreement: agreementDigest(this.#agreement),
      time: clock.now(),
      entries: waiting.map(({ tag, body }): SegmentEntry => ({ tag, hash: sha256(body) })),
    };
    const headerBytes = encodeHeader(header);
    const signature = identity.sign(this.#agreement.suite, 'segment', headerBytes);
    const seq = header.first + waiting.length - 1;
    const unsigned = { space, origin, seq, digest: parseDigest(sha256(headerBytes)), time: header.time };
    const head: Head = {
      ...unsigned,
      signature: identity.sign(this.#agreement.suite, 'head', headSigned(unsigned)),
    };
    await batch.append({ header, headerBytes, signature, bodies: waiting.map((w) => w.body) }, head);
    return seq;
  }

  /** The remote tree may have moved while the file was read: only our own record is added to it. */
  async #settleRow(
    batch: SpaceBatch,
    seen: LocalChange & { readonly change: ItemChange },
    place: { readonly epoch: number; readonly seq: number },
  ): Promise<void> {
    const { state, origin } = this.#parts;
    const { path, local, change } = seen;
    const before = await state.row(path);
    const { state: published, version, content } = change;
    const record = { state: published, version, author: origin, ...place, ...(content ? { content } : {}) };
    this.#putRow(batch, seen, settlePublished(before ?? {}, record, local ?? before?.local));
  }

  /** Nothing to publish: the index takes note, and the path waits for the apply step if the plan has work for it. */
  async #settleNote(batch: SpaceBatch, seen: LocalChange): Promise<void> {
    const before = await this.#parts.state.row(seen.path);
    const row: Row = { ...before, ...(seen.local ? { local: seen.local } : {}) };
    const action = planItem(row, this.me);
    this.#putRow(batch, seen, action.do === 'adopt' ? settleAdopted(row, action) : row);
    if (action.do === 'publish' && !isWithinBounds(action.version))
      batch.putProblem({ code: 'VERSION_SPENT', path: seen.path, details: {} });
  }

  #putRow(batch: SpaceBatch, { path, pieces, dropPieces }: LocalChange, row: Row): void {
    batch.putRow(path, row);
    const next = planItem(row, this.me);
    if (isAtRest(next)) batch.clearPending(path);
    else if (next.do !== 'publish') batch.markPending(path);
    if (next.do === 'stay') batch.putProblem({ code: 'LOCAL_EDIT_NOT_SHARED', path, details: {} });
    else batch.clearProblem(path);
    if (dropPieces) batch.dropLocations(path);
    for (const { id, ...place } of pieces ?? []) batch.addLocation(id, { path, ...place });
  }
}

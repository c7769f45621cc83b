/** Change → seal → feed: gathers local changes into signed segments and commits each in one atomic batch. */
import type { Agreement } from '#agent/core/agreement.ts';
import { agreementDigest } from '#agent/core/agreement.ts';
import { encodeChange } from '#agent/core/change-codec.ts';
import type { Emit } from '#agent/core/event.ts';
import type { Origin, SpaceId, Tag } from '#agent/core/ids.ts';
import { parseDigest } from '#agent/core/ids.ts';
import type { ItemChange, LocalState } from '#agent/core/item.ts';
import { labelClass } from '#agent/core/label.ts';
import type { FeedRecord } from '#agent/core/record.ts';
import { planItem } from '#agent/core/plan.ts';
import { encodeRecord } from '#agent/core/record-codec.ts';
import type { Head, SegmentEntry } from '#agent/core/segment.ts';
import { headSigned } from '#agent/core/head-codec.ts';
import { encodeHeader } from '#agent/core/segment-codec.ts';
import { settlePublished } from '#agent/core/settle.ts';
import type { SpaceBatch } from '#agent/feed/space-batch.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { EpochKeys } from '#agent/seal/epoch.ts';
import type { Identity } from '#agent/seal/identity.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import { sha256 } from '#agent/seal/verify.ts';
import type { Clock } from '#agent/sys/clock.ts';

/** A local change that the plan wants published. `local` becomes the row's local tree. */
export interface LocalChange {
  readonly path: string;
  readonly local?: LocalState;
  readonly change: ItemChange;
  readonly contentBytes: number;
}

export interface PublisherParts {
  readonly space: SpaceId;
  readonly origin: Origin;
  readonly state: SpaceState;
  readonly keyring: Keyring;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** A segment closes at whichever comes first, so that readers can start while the rest is still being cut. */
const segmentRecords = 512;
const segmentBodyBytes = 1024 * 1024;
const segmentContentBytes = 64 * 1024 * 1024;

interface Waiting {
  readonly tag: Tag;
  readonly body: Uint8Array;
  readonly epoch: number;
  readonly change: LocalChange | undefined;
}

export class Publisher {
  readonly #parts: PublisherParts;
  readonly #agreement: Agreement;
  #waiting: Waiting[] = [];
  #bodyBytes = 0;
  #contentBytes = 0;
  #published = 0;

  constructor(parts: PublisherParts, agreement: Agreement) {
    this.#parts = parts;
    this.#agreement = agreement;
  }

  /** How many changes this publisher has committed. */
  get published(): number {
    return this.#published;
  }

  /** The epoch under which changes are sealed now. */
  async keys(): Promise<EpochKeys> {
    const { keyring, origin } = this.#parts;
    const { keys } = await keyring.current(this.#agreement, origin, labelClass(this.#agreement.label));
    return keys;
  }

  async add(change: LocalChange): Promise<void> {
    const keys = await this.#openEpoch();
    const sealed = keys.sealRecord(encodeChange(change.change));
    const tag = await this.#parts.keyring.tagOf(this.#parts.space, change.path);
    this.#push(tag, { type: 'item', epoch: keys.epoch, labelClass: keys.labelClass, sealed }, change);
    if (this.#full()) await this.flush();
  }

  /** An epoch's grant goes into the feed before the first record sealed under it. */
  async #openEpoch(): Promise<EpochKeys> {
    const { keyring, origin, state } = this.#parts;
    const label = labelClass(this.#agreement.label);
    const { keys, grantTag } = await keyring.current(this.#agreement, origin, label);
    const waits = this.#waiting.some((w) => w.tag === grantTag);
    if (!waits && (await state.liveSeq(origin, grantTag)) === undefined) {
      this.#push(grantTag, await keyring.grant(this.#agreement, keys), undefined);
    }
    return keys;
  }

  #push(tag: Tag, record: FeedRecord, change: LocalChange | undefined): void {
    const body = encodeRecord(record);
    this.#waiting.push({ tag, body, epoch: record.epoch, change });
    this.#bodyBytes += body.length;
    this.#contentBytes += change?.contentBytes ?? 0;
  }

  #full(): boolean {
    return (
      this.#waiting.length >= segmentRecords ||
      this.#bodyBytes >= segmentBodyBytes ||
      this.#contentBytes >= segmentContentBytes
    );
  }

  /** Signs and commits what is gathered: segment, head and rows in one atomic batch. */
  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const { state, space, emit } = this.#parts;
    const waiting = this.#waiting;
    const seq = await state.exclusive(async () => {
      const batch = state.batch();
      const seq = await this.#appendSegment(batch, waiting);
      const first = seq - waiting.length + 1;
      for (const [i, { change, epoch }] of waiting.entries()) {
        if (change) await this.#settleRow(batch, change, { epoch, seq: first + i });
      }
      await batch.commit();
      return seq;
    });
    this.#waiting = [];
    this.#bodyBytes = 0;
    this.#contentBytes = 0;
    const changes = waiting.filter((w) => w.change).length;
    this.#published += changes;
    emit({ type: 'published', space, changes, seq });
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
    const signature = identity.sign('segment', headerBytes);
    const seq = header.first + waiting.length - 1;
    const unsigned = { space, origin, seq, digest: parseDigest(sha256(headerBytes)), time: header.time };
    const head: Head = { ...unsigned, signature: identity.sign('head', headSigned(unsigned)) };
    await batch.append({ header, headerBytes, signature, bodies: waiting.map((w) => w.body) }, head);
    return seq;
  }

  /** The remote tree may have moved while the file was read: only our own record is added to it. */
  async #settleRow(
    batch: SpaceBatch,
    { path, local, change }: LocalChange,
    place: { readonly epoch: number; readonly seq: number },
  ): Promise<void> {
    const { state, origin } = this.#parts;
    const before = await state.row(path);
    const { state: published, version, content } = change;
    const record = { state: published, version, author: origin, ...place, ...(content ? { content } : {}) };
    const row = settlePublished(before ?? {}, record, local ?? before?.local);
    batch.putRow(path, row);
    if (planItem(row, origin).do !== 'nothing') batch.markPending(path);
    else batch.clearPending(path);
    batch.clearProblem(path);
  }
}

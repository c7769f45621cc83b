/** Feed → remote tree: opens the records of a segment that was checked, and merges them into the rows. */
import { isProposalOf } from '#agent/core/correction.ts';
import { asFault, DongboError, isOwnFault, type Problem } from '#agent/core/errors.ts';
import type { Origin, SpaceId, Tag } from '#agent/core/ids.ts';
import type { ItemChange } from '#agent/core/item.ts';
import type { Planner } from '#agent/core/plan.ts';
import type { Head, Segment, SegmentHeader } from '#agent/core/segment.ts';
import { type Opened, openRecord } from './open-record.ts';
import type { IngestBatch, IngestKeys, IngestState, RecordsBatch } from './ports.ts';
import { keepAnswer, keepProposal } from './take-corrections.ts';
import { type Taken, TouchedRows } from './touched-rows.ts';
import { noteUnreadable, type Unreadable } from './unreadable.ts';

export interface IngestParts {
  readonly segment: Segment;
  /** Rows are read through it; nothing else may write rows until the batch is committed. */
  readonly state: IngestState;
  readonly keys: IngestKeys;
  readonly me: Planner;
  /** Whether the agreement keeps this label class of the author's from this node. */
  readonly withholds: (labelClass: string) => boolean;
  /** The rule that a label class breaks by itself, whoever may read it: then its record is none. */
  readonly refuses?: (labelClass: string, header: SegmentHeader) => string | undefined;
  /** Whether an item of this label class may be at this path: a state secret only where a rule of this node expects it. */
  readonly admits?: (path: string, labelClass: string) => boolean;
  /** One batch takes one segment. */
  readonly batch: RecordsBatch;
  /** Milliseconds since the Unix epoch: when proposals come. */
  readonly now?: number;
}

export interface Ingested {
  readonly items: number;
  readonly grants: number;
  /** Records of epochs that this node holds no grant of and should; they stay sealed in the feed. */
  readonly unopened: number;
  /** The last of those. */
  readonly lastClosed: Sealed | undefined;
  /** Of the records that did not open, withheld ones too. */
  readonly closedEpochs: ReadonlySet<number>;
  readonly grantedEpochs: ReadonlySet<number>;
  /** Of those, records for paths where the node does not expect their label class. */
  readonly unmarked: number;
  /** Records that are not for this node: withheld, which is neither absent nor empty (R37). */
  readonly withheld: number;
  /** Items of which something is withdrawn by these records. */
  readonly withdrawn: number;
  readonly problems: readonly Problem[];
  /** Proposed corrections for this node to decide on (R36). */
  readonly proposals: number;
  /** Paths of proposals of this node that were refused. */
  readonly answers: readonly string[];
}

/** What a record says of itself without being opened. */
export interface Sealed {
  readonly epoch: number;
  readonly labelClass: string;
}

/**
 * Puts the segment into the feed and its changes into the rows: one batch, so that both hold or neither. The caller
 * has verified the segment, and commits. Throws FEED_GAP and FEED_FORK as `append` does.
 */
export async function ingest(parts: IngestParts & { head: Head; batch: IngestBatch }): Promise<Ingested> {
  await parts.batch.append(parts.segment, parts.head);
  return ingestRecords(parts);
}

/** As `ingest` for a segment that is in the feed already: after a grant opened an epoch that was closed to us. */
export async function ingestRecords(parts: IngestParts): Promise<Ingested> {
  const intake = new Intake(parts);
  const { first } = parts.segment.header;
  for (const [i, body] of parts.segment.bodies.entries()) {
    const tag = parts.segment.header.entries[i]?.tag;
    if (body && tag) await intake.take(body, { seq: first + i, tag });
  }
  await intake.finish();
  return intake;
}

/** Of one grant, and no reason to stop. */
const refusals = ['GRANT_TAMPERED', 'GRANT_CHANGED', 'GRANT_OTHER_SUITE'];

interface Place {
  readonly seq: number;
  readonly tag: Tag;
}

class Intake implements Ingested {
  items = 0;
  grants = 0;
  unopened = 0;
  lastClosed: Sealed | undefined;
  readonly closedEpochs = new Set<number>();
  readonly grantedEpochs = new Set<number>();
  unmarked = 0;
  withheld = 0;
  proposals = 0;
  readonly answers: string[] = [];
  withdrawn = 0;
  problems: readonly Problem[] = [];
  readonly #unreadable: Unreadable[] = [];
  readonly #parts: IngestParts;
  readonly #space: SpaceId;
  readonly #origin: Origin;
  /** Epochs are few, records many. */
  readonly #keys = new Map<number, Awaited<ReturnType<IngestKeys['keysFor']>>>();
  readonly #changes: Taken[] = [];

  constructor(parts: IngestParts) {
    this.#parts = parts;
    this.#space = parts.segment.header.space;
    this.#origin = parts.segment.header.origin;
  }

  async take(body: Uint8Array, place: Place): Promise<void> {
    await this.#contained(place.seq, () => this.#take(body, place));
  }

  /** A fault of our own that one record led to is that record's problem: those behind it are read all the same. */
  async #contained(seq: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isOwnFault(error)) throw error;
      this.#problem('OWN_FAULT', seq, asFault(error).details);
    }
  }

  async #take(body: Uint8Array, place: Place): Promise<void> {
    const { seq } = place;
    const { refuses, segment } = this.#parts;
    const opened = await openRecord(body, (epoch) => this.#keysOf(epoch));
    const broken = 'labelClass' in opened ? refuses?.(opened.labelClass, segment.header) : undefined;
    if (broken !== undefined) return this.#problem('RECORD_LABEL_REFUSED', seq, { rule: broken });
    switch (opened.outcome) {
      case 'item':
        return this.#item(opened, place);
      case 'grant':
        return this.#learn(opened, seq);
      case 'no-key':
        if (!this.#parts.withholds(opened.labelClass)) this.#unopened(opened);
        else {
          this.withheld += 1;
          this.closedEpochs.add(opened.epoch);
          this.#changes.push({ ...place, epoch: 0 });
        }
        return;
      case 'refused':
        return this.#problem(opened.code, seq, { rule: opened.rule });
    }
  }

  async #item(
    { change, epoch, labelClass }: Extract<Opened, { outcome: 'item' }>,
    place: Place,
  ): Promise<void> {
    if (this.#parts.admits?.(change.path, labelClass) === false) {
      this.unmarked += 1;
      this.#unopened({ epoch, labelClass });
      return;
    }
    this.items += 1;
    await this.#takeItem({ ...place, change, epoch }, labelClass);
  }

  #unopened({ epoch, labelClass }: Sealed): void {
    this.unopened += 1;
    this.closedEpochs.add(epoch);
    this.lastClosed = { epoch, labelClass };
  }

  /** In a space with a master owner others only propose, and only to that owner. */
  async #takeItem(taken: Taken & { readonly change: ItemChange }, labelClass: string): Promise<void> {
    const { me, batch, keys, now } = this.#parts;
    const { change, epoch, seq } = taken;
    const { path, state, content, version, answer } = change;
    if (!isProposalOf(this.#origin, me.masterOwner)) {
      this.#changes.push(taken);
      const place = { keys, space: this.#space, me: me.node };
      if (answer && me.masterOwner && (await keepAnswer(batch, { path, answer }, place)))
        this.answers.push(path);
      return;
    }
    if (me.node !== me.masterOwner || state.kind === 'yield') return;
    const what = { path, state, version, ...(content ? { content } : {}) };
    keepProposal(batch, {
      ...what,
      author: this.#origin,
      epoch,
      seq,
      labelClass,
      came: now ?? this.#parts.segment.header.time,
    });
    this.proposals += 1;
  }

  async finish(): Promise<void> {
    const { batch, me, state } = this.#parts;
    const keysOf = (epoch: number) => this.#keysOf(epoch);
    const parts = { state, batch, keysOf, origin: this.#origin };
    const rows = await TouchedRows.load(parts, this.#changes);
    for (const taken of this.#changes) await this.#contained(taken.seq, () => rows.take(taken));
    this.withdrawn = rows.withdrawn;
    rows.put(me);
    this.problems = await noteUnreadable(this.#parts, this.#origin.node, this.#unreadable);
  }

  async #keysOf(epoch: number) {
    if (!this.#keys.has(epoch)) {
      this.#keys.set(epoch, await this.#parts.keys.keysFor(this.#space, this.#origin, epoch));
    }
    return this.#keys.get(epoch);
  }

  async #learn({ record }: Extract<Opened, { outcome: 'grant' }>, seq: number): Promise<void> {
    this.grants += 1;
    this.grantedEpochs.add(record.epoch);
    try {
      await this.#parts.keys.learn(this.#space, this.#origin, record);
      this.#keys.delete(record.epoch);
    } catch (error) {
      if (!(error instanceof DongboError) || !refusals.includes(error.code)) throw error;
      this.#problem(error.code, seq, error.details);
    }
  }

  /** Named by its place in the feed: what a hostile record says of itself is no name. */
  #problem(code: string, seq: number, details: Problem['details']): void {
    this.#unreadable.push({ code, seq, details });
  }
}

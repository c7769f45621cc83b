/** Feed → remote tree: opens the records of a segment that was checked, and merges them into the rows. */
import { isProposalOf } from '#agent/core/correction.ts';
import { parseLabelClass } from '#agent/core/clearance.ts';
import { asFault, DongboError, isOwnFault, type Problem } from '#agent/core/errors.ts';
import { type Origin, originKey, type SpaceId, type Tag } from '#agent/core/ids.ts';
import type { ItemChange, Row } from '#agent/core/item.ts';
import { labelWithin } from '#agent/core/label.ts';
import { mergeRemote } from '#agent/core/merge.ts';
import { isAtRest, type Planner, planItem } from '#agent/core/plan.ts';
import type { Head, Segment } from '#agent/core/segment.ts';
import { withoutWithdrawn, withWithdrawn } from '#agent/core/withdraw.ts';
import { type Opened, openRecord } from './open-record.ts';
import type { IngestBatch, IngestKeys, IngestState, RecordsBatch } from './ports.ts';
import { keepAnswer, keepProposal } from './take-corrections.ts';
import { OpenedTags } from './opened-tags.ts';

export interface IngestParts {
  readonly segment: Segment;
  /** Rows are read through it; nothing else may write rows until the batch is committed. */
  readonly state: IngestState;
  readonly keys: IngestKeys;
  readonly me: Planner;
  /** Whether the agreement keeps this label class of the author's from this node. */
  readonly withholds: (labelClass: string) => boolean;
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

const marked = ({ withdrawn = [] }: Row, author: Origin): readonly string[] =>
  withdrawn
    .filter((mark) => originKey(mark.author) === originKey(author))
    .flatMap(({ contents }) => contents);

interface Place {
  readonly seq: number;
  readonly tag: Tag;
}

/** `change` is undefined for a record that is withheld from this node. */
interface Taken extends Place {
  readonly change?: ItemChange;
  readonly epoch: number;
}

class Intake implements Ingested {
  items = 0;
  grants = 0;
  unopened = 0;
  lastClosed: Sealed | undefined;
  unmarked = 0;
  withheld = 0;
  proposals = 0;
  readonly answers: string[] = [];
  withdrawn = 0;
  readonly problems: Problem[] = [];
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
    const opened = await openRecord(body, (epoch) => this.#keysOf(epoch));
    switch (opened.outcome) {
      case 'item':
        return this.#item(opened, place);
      case 'grant':
        return this.#learn(opened, seq);
      case 'no-key':
        if (!this.#parts.withholds(opened.labelClass)) this.#unopened(opened);
        else {
          this.withheld += 1;
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
    const tags = this.#changes.map(({ tag }) => tag);
    const opened = await OpenedTags.load(state, this.#origin, tags);
    const touched = this.#changes.map(({ change, tag }) => change?.path ?? opened.pathOf(tag));
    const paths = [...new Set(touched.filter((path) => path !== undefined))];
    const befores = await state.rows(paths);
    // As this batch leaves them: a segment may touch a path twice.
    const afters = new Map(paths.map((path, i) => [path, befores[i] ?? {}]));
    for (const taken of this.#changes) {
      const { change } = taken;
      await this.#contained(taken.seq, async () => {
        if (change) await this.#merge({ ...taken, change }, afters, opened);
        else this.#withdraw(taken, afters, opened);
      });
    }
    opened.put(batch);
    for (const [i, path] of paths.entries()) {
      const after = afters.get(path) ?? {};
      batch.putRow(path, after, befores[i]);
      if (!isAtRest(planItem(after, me))) batch.markPending(path);
    }
  }

  async #keysOf(epoch: number) {
    if (!this.#keys.has(epoch)) {
      this.#keys.set(epoch, await this.#parts.keys.keysFor(this.#space, this.#origin, epoch));
    }
    return this.#keys.get(epoch);
  }

  async #merge(
    { change, epoch, seq, tag }: Taken & { readonly change: ItemChange },
    rows: Map<string, Row>,
    opened: OpenedTags,
  ): Promise<void> {
    const { path, state, content, version } = change;
    const before = rows.get(path) ?? {};
    if (await this.#isRaised(before, { epoch, seq })) this.#takeBack(path, before);
    const row = withoutWithdrawn(before, this.#origin, seq);
    opened.opened(tag, seq, change, row === before ? [] : marked(before, this.#origin));
    const incoming = { state, version, author: this.#origin, epoch, seq, ...(content ? { content } : {}) };
    const remote = mergeRemote(row.remote, incoming, row.agreed);
    rows.set(path, remote ? { ...row, remote } : row);
  }

  /** Whether the author's record before was of a class that others may read who may not read this one. */
  async #isRaised({ remote }: Row, { epoch, seq }: { epoch: number; seq: number }): Promise<boolean> {
    // Feeds are read again at times: what was written before is no news.
    if (
      !remote ||
      seq < remote.seq ||
      remote.epoch === epoch ||
      originKey(remote.author) !== originKey(this.#origin)
    )
      return false;
    const [was, now] = [await this.#keysOf(remote.epoch), await this.#keysOf(epoch)];
    const [lower, label] = [was, now].map((keys) => keys && parseLabelClass(keys.labelClass));
    return lower !== undefined && label !== undefined && !labelWithin(label, lower);
  }

  /** What this node may have brought to a relay in the author's place is nobody's to have any more. */
  #takeBack(path: string, { local, remote }: Row): void {
    const { batch } = this.#parts;
    if (!remote) return;
    const gone = { seq: 0, epoch: remote.epoch, urgent: true };
    batch.oweDrops(
      (remote.content?.refs ?? []).map(({ id }) => id),
      gone,
    );
    const isTheirs = local?.sealedBy && originKey(local.sealedBy) === originKey(this.#origin);
    if (isTheirs && local.epoch === remote.epoch) batch.dropLocations(path, gone);
  }

  #withdraw({ seq, tag }: Place, rows: Map<string, Row>, opened: OpenedTags): void {
    const found = opened.withheld(tag, seq);
    if (!found) return;
    this.withdrawn += 1;
    rows.set(found.path, withWithdrawn(rows.get(found.path) ?? {}, found.mark));
  }

  async #learn({ record }: Extract<Opened, { outcome: 'grant' }>, seq: number): Promise<void> {
    this.grants += 1;
    try {
      await this.#parts.keys.learn(this.#space, this.#origin, record);
      this.#keys.delete(record.epoch);
    } catch (error) {
      if (!(error instanceof DongboError) || !refusals.includes(error.code)) throw error;
      this.#problem(error.code, seq, error.details);
    }
  }

  /** Named by its place in the feed: what a hostile record says of itself is no name. */
  #problem(code: string, seq: number, more: Problem['details']): void {
    const { node } = this.#origin;
    const problem = { code, path: `feed:${node}/${seq}`, details: { node, seq, ...more } };
    this.problems.push(problem);
    this.#parts.batch.putProblem(problem);
  }
}

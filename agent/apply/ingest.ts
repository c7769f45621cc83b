/** Feed → remote tree: opens the records of a segment that was checked, and merges them into the rows. */
import { DongboError, isCode, type Problem } from '#agent/core/errors.ts';
import type { Origin, SpaceId } from '#agent/core/ids.ts';
import type { ItemChange, RemoteState, Row } from '#agent/core/item.ts';
import { mergeRemote } from '#agent/core/merge.ts';
import { isAtRest, type Planner, planItem } from '#agent/core/plan.ts';
import type { Head, Segment } from '#agent/core/segment.ts';
import { type Opened, openRecord } from './open-record.ts';
import type { ApplyBatch, ApplyState, IngestBatch, IngestKeys } from './ports.ts';

export interface IngestParts {
  readonly segment: Segment;
  /** Rows are read through it; nothing else may write rows until the batch is committed. */
  readonly state: Pick<ApplyState, 'rows'>;
  readonly keys: IngestKeys;
  readonly me: Planner;
  /** Whether the agreement keeps this label class of the author's from this node. */
  readonly withholds: (labelClass: string) => boolean;
  /** Whether an item of this label class may be at this path: a state secret only where a rule of this node expects it. */
  readonly admits?: (path: string, labelClass: string) => boolean;
  /** One batch takes one segment. */
  readonly batch: ApplyBatch;
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
  readonly problems: readonly Problem[];
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
    if (body) await intake.take(body, first + i);
  }
  await intake.finish();
  return intake;
}

/** What is wrong with one grant, and no reason to stop. */
const refusals = ['GRANT_TAMPERED', 'GRANT_CHANGED', 'GRANT_OTHER_SUITE'];

/** Epochs are few, records many. */
type KeyCache = Map<number, Awaited<ReturnType<IngestKeys['keysFor']>>>;

interface Taken {
  readonly change: ItemChange;
  readonly epoch: number;
  readonly seq: number;
}

class Intake implements Ingested {
  items = 0;
  grants = 0;
  unopened = 0;
  lastClosed: Sealed | undefined;
  unmarked = 0;
  withheld = 0;
  readonly problems: Problem[] = [];
  readonly #parts: IngestParts;
  readonly #space: SpaceId;
  readonly #origin: Origin;
  readonly #keys: KeyCache = new Map();
  readonly #changes: Taken[] = [];

  constructor(parts: IngestParts) {
    this.#parts = parts;
    this.#space = parts.segment.header.space;
    this.#origin = parts.segment.header.origin;
  }

  async take(body: Uint8Array, seq: number): Promise<void> {
    const opened = await openRecord(body, (epoch) => this.#keysOf(epoch));
    switch (opened.outcome) {
      case 'item':
        return this.#item(opened, seq);
      case 'grant':
        return this.#learn(opened, seq);
      case 'no-key':
        if (this.#parts.withholds(opened.labelClass)) this.withheld += 1;
        else this.#unopened(opened);
        return;
      case 'refused':
        return this.#problem(opened.code, seq, { rule: opened.rule });
    }
  }

  #item({ change, epoch, labelClass }: Extract<Opened, { outcome: 'item' }>, seq: number): void {
    if (this.#parts.admits?.(change.path, labelClass) === false) {
      this.unmarked += 1;
      this.#unopened({ epoch, labelClass });
      return;
    }
    this.items += 1;
    this.#changes.push({ change, epoch, seq });
  }

  #unopened({ epoch, labelClass }: Sealed): void {
    this.unopened += 1;
    this.lastClosed = { epoch, labelClass };
  }

  async finish(): Promise<void> {
    const { batch, me, state } = this.#parts;
    const paths = [...new Set(this.#changes.map(({ change }) => change.path))];
    const befores = await state.rows(paths);
    // As this batch leaves them: a segment may touch a path twice.
    const afters = new Map(paths.map((path, i) => [path, befores[i] ?? {}]));
    for (const taken of this.#changes) this.#merge(taken, afters);
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

  #merge({ change, epoch, seq }: Taken, rows: Map<string, Row>): void {
    const { path, state, content, version } = change;
    const row = rows.get(path) ?? {};
    const incoming = { state, version, author: this.#origin, epoch, seq, ...(content ? { content } : {}) };
    const remote: RemoteState | undefined = mergeRemote(row.remote, incoming, row.agreed);
    if (remote) rows.set(path, { ...row, remote });
  }

  async #learn({ record }: Extract<Opened, { outcome: 'grant' }>, seq: number): Promise<void> {
    this.grants += 1;
    try {
      await this.#parts.keys.learn(this.#space, this.#origin, record);
      this.#keys.delete(record.epoch);
    } catch (error) {
      if (!refusals.some((code) => isCode(error, code)) || !(error instanceof DongboError)) throw error;
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

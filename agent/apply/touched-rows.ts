/** The rows that the records of one segment touch, as the batch leaves them: a segment may touch a path twice. */
import { parseLabelClass } from '#agent/core/clearance.ts';
import { type Origin, originKey, type Tag } from '#agent/core/ids.ts';
import type { Brought, ItemChange, Row } from '#agent/core/item.ts';
import { labelWithin } from '#agent/core/label.ts';
import { isBeside, mergeRemote } from '#agent/core/merge.ts';
import { isAtRest, type Planner, planItem } from '#agent/core/plan.ts';
import {
  beyondBound,
  broughtBy,
  contentName,
  contentsBefore,
  withBrought,
  withKept,
  withoutWithdrawn,
  withWithdrawn,
} from '#agent/core/withdraw.ts';
import { OpenedTags } from './opened-tags.ts';
import type { ApplyKeys, IngestState, RecordsBatch } from './ports.ts';

export interface TouchedParts {
  readonly origin: Origin;
  readonly state: IngestState;
  readonly batch: RecordsBatch;
  readonly keysOf: (epoch: number) => Promise<Pick<ApplyKeys, 'labelClass'> | undefined>;
}

/** `change` is undefined for a record that is withheld from this node. */
export interface Taken {
  readonly seq: number;
  readonly tag: Tag;
  readonly change?: ItemChange;
  readonly epoch: number;
}

export class TouchedRows {
  /** Items of which something is withdrawn. */
  withdrawn = 0;
  readonly #parts: TouchedParts;
  readonly #opened: OpenedTags;
  readonly #befores: ReadonlyMap<string, Row>;
  readonly #rows: Map<string, Row>;

  private constructor(parts: TouchedParts, opened: OpenedTags, befores: ReadonlyMap<string, Row>) {
    this.#parts = parts;
    this.#opened = opened;
    this.#befores = befores;
    this.#rows = new Map(befores);
  }

  static async load(parts: TouchedParts, all: readonly Taken[]): Promise<TouchedRows> {
    const { state, origin } = parts;
    const opened = await OpenedTags.load(
      state,
      origin,
      all.map(({ tag }) => tag),
    );
    const touched = all.map(({ change, tag }) => change?.path ?? opened.pathOf(tag));
    const paths = [...new Set(touched.filter((path) => path !== undefined))];
    const rows = await state.rows(paths);
    return new TouchedRows(parts, opened, new Map(paths.map((path, i) => [path, rows[i] ?? {}])));
  }

  take(taken: Taken): Promise<void> {
    const { change } = taken;
    return change ? this.#merge({ ...taken, change }) : this.#withdraw(taken);
  }

  /** Into the batch. */
  put(me: Planner): void {
    const { batch } = this.#parts;
    this.#opened.put(batch);
    for (const [path, row] of this.#rows) {
      batch.putRow(path, row, this.#befores.get(path));
      // What has come beside a record of this node is told once by the next run.
      if (!isAtRest(planItem(row, me)) || isBeside(row.remote, me.node)) batch.markPending(path);
    }
  }

  async #merge({ change, epoch, seq, tag }: Taken & { readonly change: ItemChange }): Promise<void> {
    const { origin } = this.#parts;
    const { path, state, content, version } = change;
    const name = state.kind === 'yield' ? undefined : contentName(state);
    const before = this.#rows.get(path) ?? {};
    if (await this.#isRaised(before, { epoch, seq })) this.#takeBack(path, before);
    const row = withBrought(withoutWithdrawn(before, origin, seq), origin, name);
    this.#opened.opened(tag, path);
    // What was to be withdrawn is this node's again, until the next record that is withheld.
    for (const again of unmarked(before, row, origin)) this.#brought(path, { seq: 0, name: again });
    const incoming = { state, version, author: origin, epoch, seq, ...(content ? { content } : {}) };
    const remote = mergeRemote(row.remote, incoming, row.agreed);
    // It never stands, for a later one came first.
    if (remote === row.remote) this.#brought(path, { seq, name: name ?? '' });
    this.#rows.set(path, remote ? { ...row, remote } : row);
  }

  #brought(path: string, { over = false, ...one }: { seq: number; name: string; over?: boolean }): void {
    this.#parts.batch.putBrought(path, { ...one, over, author: this.#parts.origin });
  }

  /** Whether the author's record before was of a class that others may read who may not read this one. */
  async #isRaised({ remote }: Row, { epoch, seq }: { epoch: number; seq: number }): Promise<boolean> {
    const { origin, keysOf } = this.#parts;
    // Feeds are read again at times: what was written before is no news.
    if (
      !remote ||
      seq < remote.seq ||
      remote.epoch === epoch ||
      originKey(remote.author) !== originKey(origin)
    )
      return false;
    const [was, now] = [await keysOf(remote.epoch), await keysOf(epoch)];
    const [lower, label] = [was, now].map((keys) => keys && parseLabelClass(keys.labelClass));
    return lower !== undefined && label !== undefined && !labelWithin(label, lower);
  }

  /** What this node may have brought to a relay in the author's place is nobody's to have any more. */
  #takeBack(path: string, { local, remote }: Row): void {
    const { batch, origin } = this.#parts;
    if (!remote) return;
    const gone = { seq: 0, epoch: remote.epoch, urgent: true };
    batch.oweDrops(
      (remote.content?.refs ?? []).map(({ id }) => id),
      gone,
    );
    const isTheirs = local?.sealedBy && originKey(local.sealedBy) === originKey(origin);
    if (isTheirs && local.epoch === remote.epoch) batch.dropLocations(path, gone);
  }

  async #noted(path: string): Promise<readonly Brought[]> {
    const { state, batch } = this.#parts;
    const all = await state.history.brought(path);
    const { excess, forgot } = beyondBound(all);
    if (excess.length === 0) return all;
    for (const one of excess) batch.forgetBrought(path, one);
    for (const one of forgot) batch.putBrought(path, one);
    const over = new Set(excess);
    return [...all.filter((one) => !over.has(one)), ...forgot];
  }

  /** Judged by all that was ever brought to the path, not by what stands there now. */
  async #withdraw({ seq, tag }: Taken): Promise<void> {
    const { origin } = this.#parts;
    const path = this.#opened.pathOf(tag);
    if (path === undefined) return;
    const row = this.#rows.get(path) ?? {};
    const noted = [...this.#opened.withheld(tag, seq), ...(await this.#noted(path))];
    const brought = [...noted, ...broughtBy(this.#befores.get(path) ?? {}), ...broughtBy(row)];
    const contents = contentsBefore(brought, origin, seq);
    if (contents.length === 0) return;
    for (const name of contents) this.#brought(path, { seq, name, over: true });
    this.#rows.set(path, withKept(withWithdrawn(row, { author: origin, seq, contents }), brought));
    this.withdrawn += 1;
  }
}

/** What was marked before and is not any more. */
function unmarked(before: Row, after: Row, author: Origin): readonly string[] {
  if ((before.withdrawn?.length ?? 0) === (after.withdrawn?.length ?? 0)) return [];
  const marks = (before.withdrawn ?? []).filter((mark) => originKey(mark.author) === originKey(author));
  return marks.flatMap(({ contents }) => contents);
}

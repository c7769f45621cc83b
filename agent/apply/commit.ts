/** The last step: the index takes note of what is durable on the disk, in one atomic batch per group. */
import { type DiskFacts, type LocalState, type Row, unsure } from '#agent/core/item.ts';
import { parentOf } from '#agent/core/path.ts';
import { isBeside } from '#agent/core/merge.ts';
import { isAtRest, type Planner, planItem } from '#agent/core/plan.ts';
import { settleAdopted, settleApplied } from '#agent/core/settle.ts';
import { isUnset } from './attributes.ts';
import { factsOf } from './facts.ts';
import { Interims } from './interim.ts';
import type { MadeParent } from './parents.ts';
import type { Placed } from './place.ts';
import type { ApplyBatch, ApplyState } from './ports.ts';
import type { RefLog } from './ref-log.ts';
import type { Tally } from './tally.ts';
import type { DeleteAction, Prepared } from './task.ts';

/** Locations of a large file go into batches of their own before the last one. */
const locationsPerBatch = 4096;

export interface Written {
  readonly item: Prepared;
  readonly placed: Placed;
}

export interface Removed {
  readonly path: string;
  readonly action: DeleteAction;
}

type Rows = ReadonlyMap<string, Row | undefined>;

export class Committer {
  readonly #state: ApplyState;
  readonly #me: Planner;
  readonly #tally: Tally;
  readonly #interims: Interims;

  constructor(state: ApplyState, me: Planner, tally: Tally) {
    this.#state = state;
    this.#me = me;
    this.#tally = tally;
    this.#interims = new Interims(state, me, tally);
  }

  async written(items: readonly Written[], made: readonly MadeParent[]): Promise<void> {
    for (const { item } of items) if (item.refs) await this.#manyLocations(item.task.path, item.refs);
    await this.#state.exclusive(async () => {
      const batch = this.#state.batch();
      const rows = await this.#rows([...made.map(({ path }) => path), ...items.map(pathOf)]);
      for (const parent of made) this.#parent(batch, parent, rows);
      for (const one of items) this.#put(batch, one, rows);
      await batch.commit();
    });
    const done = items.filter(({ placed }) => placed.temporaryMode === undefined);
    this.#tally.done(
      done.length,
      items.reduce((sum, one) => sum + bytesOf(one), 0),
    );
    for (const { item, placed } of items) {
      const { state } = item.task.action.remote;
      if (placed.temporaryMode === undefined && isUnset(state, placed.facts)) this.#tally.unset();
      if (placed.copy !== undefined) this.#tally.conflict(item.task.path, placed.copy);
    }
  }

  async removed(items: readonly Removed[]): Promise<void> {
    await this.#state.exclusive(async () => {
      const batch = this.#state.batch();
      const rows = await this.#rows(items.map(({ path }) => path));
      for (const { path, action } of items) {
        const row = rows.get(path) ?? {};
        batch.dropLocations(path);
        this.#settle(batch, path, row, settleApplied(row, action, { state: { kind: 'gone' } }));
      }
      await batch.commit();
    });
    this.#tally.done(items.length, 0);
  }

  /** Rows that need no work on the disk: they are planned again here, where nothing can come between. */
  async noted(paths: readonly string[]): Promise<void> {
    await this.#state.exclusive(async () => {
      const batch = this.#state.batch();
      const rows = await this.#rows(paths);
      for (const path of paths) {
        const row = rows.get(path) ?? {};
        const action = planItem(row, this.#me);
        if (action.do === 'adopt') this.#settle(batch, path, row, settleAdopted(row, action));
        else if (isAtRest(action)) this.#settle(batch, path, row, row);
      }
      await batch.commit();
    });
  }

  /** A directory that was deleted elsewhere, and stays for what is in it and only here. */
  async unshared({ path, action }: Removed): Promise<void> {
    await this.#state.exclusive(async () => {
      const row = (await this.#state.row(path)) ?? {};
      const batch = this.#state.batch();
      const local = row.local ?? { state: { kind: 'gone' } };
      this.#settle(batch, path, row, settleApplied(row, action, local));
      await batch.commit();
    });
  }

  /** Before its row, so that a crash leaves hints too many and never a file that cannot be served. */
  async #manyLocations(path: string, refs: RefLog): Promise<void> {
    if (refs.count <= locationsPerBatch) return;
    let batch = this.#state.batch();
    batch.dropLocations(path);
    let count = 0;
    for (const [id, location] of refs.locations(path)) {
      batch.addLocation(id, location);
      count += 1;
      if (count % locationsPerBatch !== 0) continue;
      await batch.commit();
      batch = this.#state.batch();
    }
    await batch.commit();
  }

  #put(batch: ApplyBatch, { item, placed }: Written, rows: Rows): void {
    const { path, row: planned, action } = item.task;
    const row = rows.get(path) ?? {};
    if (item.refs && item.refs.count <= locationsPerBatch) {
      batch.dropLocations(path);
      for (const [id, location] of item.refs.locations(path)) batch.addLocation(id, location);
    } else if (item.shape === 'dir' || item.shape === 'link') batch.dropLocations(path);
    if (placed.temporaryMode !== undefined) {
      const { author } = action.remote;
      this.#interims.put(batch, path, row, { facts: placed.facts, mode: placed.temporaryMode, author });
    } else {
      const { facts } = placed;
      const young = action.remote.state.kind === 'file' && couldChangeUnseen(facts);
      if (young) this.#tally.rescan(parentOf(path));
      const local = localOf(item, young ? unsure(facts) : facts, planned);
      this.#settle(batch, path, row, settleApplied(row, action, local));
    }
  }

  #parent(batch: ApplyBatch, { path, stat, author }: MadeParent, rows: Rows): void {
    const row = rows.get(path) ?? {};
    const mode = stat.mode & 0o777;
    this.#interims.put(batch, path, row, { facts: factsOf(stat), mode, author });
  }

  async #rows(paths: readonly string[]): Promise<Rows> {
    const rows = await this.#state.rows(paths);
    return new Map(paths.map((path, i) => [path, rows[i]]));
  }

  #settle(batch: ApplyBatch, path: string, before: Row, after: Row): void {
    if (after !== before) batch.putRow(path, after, before);
    const next = planItem(after, this.#me);
    if (isAtRest(next)) batch.clearPending(path);
    if (next.do === 'stay') this.#tally.unshared(path, batch);
    else this.#tally.clear(path, batch);
    // What stands beside may have a higher label: then ours is to be published anew.
    if (isBeside(after.remote, this.#me.node)) this.#tally.rescan(parentOf(path));
    // No conflict copy took the place of a record whose file is held: it stands, so that its content is not withdrawn.
    if (before.local?.held) return;
    const { agreed } = after;
    if (before.agreed?.author.node !== this.#me.node || agreed?.author.node === this.#me.node) return;
    this.#tally.yields.push(path);
  }
}

function localOf({ task, shape }: Prepared, facts: DiskFacts, planned: Row): LocalState {
  const { state, content, author, epoch } = task.action.remote;
  // The bytes stay where and as they are sealed.
  if (shape === 'touch') return { ...planned.local, state, facts };
  return state.kind === 'file' && content
    ? { state, facts, content, sealedBy: author, epoch }
    : { state, facts };
}

const second = 1_000_000_000n;
const tick = 20_000_000n;

/**
 * Whether a write right after this one could leave the same time stamps: the author's own time is as young as the disk's
 * clock can tell. The author's is mostly older, and then any write shows.
 */
function couldChangeUnseen({ mtimeNs, ctimeNs }: DiskFacts): boolean {
  const coarse = ctimeNs % second === 0n ? 2n * second : tick;
  const age = ctimeNs - mtimeNs;
  return age > -coarse && age < coarse;
}

const pathOf = ({ item }: Written): string => item.task.path;

const bytesOf = ({ item }: Written): number => {
  const { state } = item.task.action.remote;
  return item.shape === 'file' && state.kind === 'file' ? state.size : 0;
};

/** Watch → scan → diff: brings the local tree of the index up to date with the disk and publishes what changed. */
import { isCode, type Halt, type Problem } from '#agent/core/errors.ts';
import { massDelete, netDeletes, suddenlyEmpty } from '#agent/core/guard.ts';
import type { Origin } from '#agent/core/ids.ts';
import type { LocalState, Row } from '#agent/core/item.ts';
import { type Action, planItem } from '#agent/core/plan.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import { settleAdopted } from '#agent/core/settle.ts';
import { type Observation, scanTree } from '#agent/store/scan.ts';
import type { Found, Store } from '#agent/store/store.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Publisher } from './publisher.ts';
import { type FileContent, hashContent, type Piece, readContent } from './read-content.ts';

export interface ObserverParts {
  /** This life's feed; a restored node has several. */
  readonly me: () => Origin;
  readonly state: SpaceState;
  readonly store: Store;
  readonly clock: Clock;
  readonly problem: (problem: Problem) => Promise<void>;
}

/** What one look at the disk came to. `unquiet` are directories to list again soon: something there is being written. */
export interface Observed {
  readonly seen: number;
  readonly changed: number;
  readonly unquiet: ReadonlySet<string>;
  readonly halt?: Halt;
}

/** Deletes beyond this many wait for the next cycle, so that memory stays bounded. */
const maxDeletesPerCycle = 100_000;
/** A file written within the clock tick of its time stamp could change again without a trace; let the tick pass. */
const timeStampTickMs = 20;
/** Piece locations are written to the index in batches of this many while a large file is read. */
const piecesPerBatch = 4096;

export class Observer {
  readonly #parts: ObserverParts;
  #seen = 0;
  #changed = 0;
  #unquiet = new Set<string>();
  #gone: { path: string; sha256?: string }[] = [];
  #put = new Set<string>();
  #putOthers = 0;

  constructor(parts: ObserverParts) {
    this.#parts = parts;
  }

  /**
   * Looks at `under` (one directory, or the whole tree when undefined). Puts are published before deletes, so that a
   * rename finds its content still in place at the readers. `released` lifts the brake on mass deletes once.
   */
  async look(
    under: readonly string[] | undefined,
    publisher: Publisher | undefined,
    options: { released: boolean; signal: AbortSignal },
  ): Promise<Observed> {
    this.#seen = 0;
    this.#changed = 0;
    this.#unquiet = new Set();
    this.#gone = [];
    this.#put = new Set();
    this.#putOthers = 0;
    const { state, store } = this.#parts;
    for (const dir of under ?? [undefined]) {
      const scope = { under: dir, recursive: dir === undefined, signal: options.signal };
      for await (const o of scanTree({ store, index: state, ...scope }))
        await this.#observe(o, publisher, options.signal);
    }
    await publisher?.flush();
    const halt = options.released ? undefined : this.#brake(under === undefined);
    if (!halt) await this.#deletes(publisher);
    const seen = { seen: this.#seen, changed: this.#changed, unquiet: this.#unquiet };
    return halt ? { ...seen, halt } : seen;
  }

  async #observe(o: Observation, publisher: Publisher | undefined, signal: AbortSignal): Promise<void> {
    if (o.type === 'problem') return this.#parts.problem(o.problem);
    if (o.type === 'gone') return this.#noteGone(o.path);
    this.#seen += 1;
    if (o.type === 'changed') await this.#changedItem(o.found, publisher, signal);
  }

  async #noteGone(path: string): Promise<void> {
    if (this.#gone.length >= maxDeletesPerCycle) return;
    const state = (await this.#parts.state.row(path))?.agreed?.state;
    this.#gone.push(state?.kind === 'file' ? { path, sha256: state.sha256 } : { path });
  }

  async #changedItem(found: Found, publisher: Publisher | undefined, signal: AbortSignal): Promise<void> {
    this.#changed += 1;
    if (found.kind !== 'file') return this.#settle(found.path, smallState(found), publisher);
    try {
      const read = await this.#readFile(found, publisher, signal);
      if (read) await this.#settle(found.path, read.local, publisher);
      else this.#unquiet.add(found.path);
    } catch (error) {
      if (isCode(error, 'STORE_ITEM_GONE')) this.#unquiet.add(found.path);
      else if (isCode(error, 'STORE_READ_FAILED'))
        await this.#parts.problem({ code: error.code, path: found.path, details: error.details });
      else throw error;
    }
  }

  /** Undefined when the file changed while it was read. */
  async #readFile(
    found: Found,
    publisher: Publisher | undefined,
    signal: AbortSignal,
  ): Promise<{ local: LocalState } | undefined> {
    const { state, store, clock } = this.#parts;
    const age = clock.now() - Number(found.facts.mtimeNs / 1_000_000n);
    if (age >= 0 && age < timeStampTickMs) await clock.sleep(timeStampTickMs - age, signal);
    const keys = await publisher?.keys();
    if (!keys) {
      const read = await hashContent(store, found.path, signal);
      return read && { local: { state: read.state, facts: read.facts } };
    }
    let batch = state.batch();
    batch.dropLocations(found.path);
    let waiting = 0;
    const keep = async (piece: Piece): Promise<void> => {
      const { id, ...place } = piece;
      batch.addLocation(id, { path: found.path, ...place });
      waiting += 1;
      if (waiting < piecesPerBatch) return;
      await batch.commit();
      batch = state.batch();
      waiting = 0;
    };
    const read = await readContent(store, found.path, keys, keep, signal);
    await batch.commit();
    if (!read) return undefined;
    const { state: seen, facts, content } = read satisfies FileContent;
    return { local: { state: seen, facts, content, sealedBy: keys.origin, epoch: keys.epoch } };
  }

  /** Sets the local tree and does what the plan says of it. */
  async #settle(path: string, local: LocalState, publisher: Publisher | undefined): Promise<void> {
    const row: Row = { ...(await this.#parts.state.row(path)), local };
    const action = planItem(row, this.#parts.me());
    if (local.state.kind === 'file') this.#put.add(local.state.sha256);
    else if (local.state.kind !== 'gone') this.#putOthers += 1;
    if (action.do !== 'publish' || !publisher) return this.#record(path, local, action, publisher);
    const { state, version } = action;
    const content = state.kind === 'file' && local.content ? { content: local.content } : {};
    const contentBytes = state.kind === 'file' ? state.size : 0;
    await publisher.add({ path, local, change: { path, state, version, ...content }, contentBytes });
  }

  /** Nothing to publish: the index takes note, and the path waits for the apply step if the plan has work for it. */
  async #record(
    path: string,
    local: LocalState,
    action: Action,
    publisher: Publisher | undefined,
  ): Promise<void> {
    const { state } = this.#parts;
    await state.exclusive(async () => {
      const before = await state.row(path);
      const seen: Row = { ...before, local };
      const now = planItem(seen, this.#parts.me());
      const row = now.do === 'adopt' ? settleAdopted(seen, now) : seen;
      const batch = state.batch();
      batch.putRow(path, row);
      batch.clearProblem(path);
      if (now.do === 'apply' || now.do === 'delete') batch.markPending(path);
      await batch.commit();
    });
    if (action.do === 'publish' && !publisher)
      await this.#parts.problem({ code: 'LOCAL_EDIT_NOT_SHARED', path, details: {} });
  }

  /** The brakes on the sender: a tree that emptied itself, or lost most of its items at once, is not believed. */
  #brake(whole: boolean): Halt | undefined {
    const known = this.#parts.state.counts().items;
    if (whole && suddenlyEmpty({ seen: this.#seen, known }))
      return { code: 'STORE_SUDDENLY_EMPTY', details: { items: known }, needsRelease: true };
    const others = Array.from({ length: this.#putOthers }, () => ({}));
    const deletes = netDeletes(this.#gone, [...[...this.#put].map((sha256) => ({ sha256 })), ...others]);
    if (massDelete({ deletes, total: known }))
      return { code: 'MASS_DELETE_LOCAL', details: { deletes, items: known }, needsRelease: true };
    return undefined;
  }

  async #deletes(publisher: Publisher | undefined): Promise<void> {
    // Children before parents, as a reader must remove them.
    for (const { path } of this.#gone.reverse()) {
      this.#changed += 1;
      await this.#settle(path, { state: { kind: 'gone' } }, publisher);
    }
    await publisher?.flush();
  }
}

function smallState(found: Found): LocalState {
  const { facts } = found;
  if (found.kind === 'dir') return { state: { kind: 'dir', mode: facts.mode & 0o777 }, facts };
  return { state: { kind: 'link', target: found.target ?? '', mtimeNs: facts.mtimeNs }, facts };
}

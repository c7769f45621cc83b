/** One space of an agent: its folder, its feed and its copy of the others', brought into step turn by turn. */
import { Applier } from '#agent/apply/applier.ts';
import { ingest } from '#agent/apply/ingest.ts';
import type { ChunkSource } from '#agent/apply/ports.ts';
import { LocalChunks } from '#agent/apply/local-chunks.ts';
import type { ApplyResult } from '#agent/apply/tally.ts';
import type { Halt, Problem } from '#agent/core/errors.ts';
import { type Origin, originKey } from '#agent/core/ids.ts';
import { parentOf } from '#agent/core/path.ts';
import { dueYield, planItem } from '#agent/core/plan.ts';
import type { Head, Segment } from '#agent/core/segment.ts';
import type { Keyring } from '#agent/seal/keyring.ts';
import { isRefusal } from '#agent/seal/agreement-book.ts';
import type { FoundKind, Store } from '#agent/store/store.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { closedFrom, noteClosed, reopen } from './closed-feeds.ts';
import type { ChunkFetcher } from './fetch-chunks.ts';
import type { NodeParts, NodeSpace } from './node-space.ts';
import { Observer } from './observer.ts';
import { Publisher } from './publisher.ts';
import { SpaceCycle, type Steps } from './space-cycle.ts';

export interface AgentSpaceParts extends NodeParts {
  readonly own: NodeSpace;
  readonly store: Store;
  readonly disk: Disk;
  readonly keyring: Keyring;
  readonly fetcher: ChunkFetcher;
  /** Keeps the store's marker in the state. */
  readonly adopted: () => Promise<void>;
  /** Called when everything that was received is on this disk. */
  readonly settled: () => Promise<void>;
}

export class AgentSpace {
  readonly cycle: SpaceCycle;
  readonly #parts: AgentSpaceParts;
  readonly #observer: Observer;
  readonly #local: LocalChunks;
  #applier: { readonly feed: string; readonly applier: Applier } | undefined;

  constructor(parts: AgentSpaceParts) {
    this.#parts = parts;
    const { own, store, clock, emit, keyring, disk } = parts;
    const { space, state } = own;
    const problem = (p: Problem) => this.#problem(p);
    this.#observer = new Observer({ space, emit, me: () => own.origin, state, store, clock, problem });
    const keysFor = (origin: Origin, epoch: number) => keyring.keysFor(space, origin, epoch);
    this.#local = new LocalChunks({ root: store.root, disk, state, keysFor });
    this.cycle = new SpaceCycle({ space, store, clock, emit, steps: this.#steps() });
    own.useIntake({
      take: (segment, head) => this.#take(segment, head),
      arrived: () => this.cycle.poke(),
      rejoined: () => this.cycle.rescan(),
      local: this.#local,
    });
  }

  /** Lifts the halt on a person's word; returns its code. */
  async release(): Promise<string | undefined> {
    const code = await this.cycle.release();
    if (code === 'MASS_DELETE_INCOMING') this.#currentApplier().release();
    return code;
  }

  purgeTrash(days: number, signal: AbortSignal): Promise<number> {
    return this.#currentApplier().purgeTrash(days, signal);
  }

  #steps(): Steps {
    const { own } = this.#parts;
    return {
      agreement: () => {
        const standing = own.standing();
        return isRefusal(standing) ? standing : this.#parts.halt?.();
      },
      look: (under, { released, signal }) => this.#look(under, released, signal),
      apply: (signal) => this.#apply(signal),
      acknowledge: () => this.#acknowledge(),
      adopted: () => this.#parts.adopted(),
    };
  }

  /** Watch, scan, diff, seal, feed: what changed here becomes signed segments, and the links are told. */
  async #look(under: readonly string[] | undefined, released: boolean, signal: AbortSignal) {
    const publisher = this.#publisher();
    const seen = await this.#observer.look(under, publisher, { released, signal });
    // A change of the rules leads to a look at the whole tree.
    if (under === undefined && !seen.halt) await this.#currentApplier().reconsider(signal);
    return seen;
  }

  /** Plan, stage, write, commit: what arrived goes to the folder, and what that calls for is published. */
  async #apply(signal: AbortSignal): Promise<{ halt?: Halt; again: boolean; waiting: number }> {
    const result = await this.#currentApplier().applyPending(signal);
    await this.#publishAfter(result);
    for (const path of result.publish) await this.#readAgain(path);
    const look = new Set([...result.rescan, ...result.publish.map(parentOf), ...result.revive.map(parentOf)]);
    for (const dir of look) this.cycle.lookAt(dir);
    const { again, waiting, halt } = result;
    return { again: again || look.size > 0, waiting, ...(halt ? { halt } : {}) };
  }

  /** Yields for own records that another's version has replaced, and directories that must live on. */
  async #publishAfter({ yields, revive }: ApplyResult): Promise<void> {
    if (yields.length + revive.length === 0) return;
    const publisher = this.#publisher();
    if (!publisher.publishes) return;
    const { own } = this.#parts;
    for (const path of yields) {
      const version = dueYield((await own.state.row(path)) ?? {}, own.origin);
      if (!version) continue;
      await publisher.add({ path, change: { path, state: { kind: 'yield' }, version }, contentBytes: 0 });
    }
    for (const path of revive) await this.#reviveItem(path, publisher);
    await publisher.flush();
  }

  /** A directory deleted elsewhere that still holds local items: an edit beats a delete, so it is published anew. */
  async #reviveItem(path: string, publisher: Publisher): Promise<void> {
    const { own } = this.#parts;
    const row = await own.state.row(path);
    if (row?.local?.state.kind !== 'dir') return;
    const action = planItem(
      { ...row, agreed: { ...(row.agreed ?? emptyAgreed(own.origin)), state: { kind: 'gone' } } },
      own.origin,
    );
    if (action.do !== 'publish') return;
    const { state, version } = action;
    await publisher.add({ path, local: row.local, change: { path, state, version }, contentBytes: 0 });
  }

  /**
   * A record came between the look at an edit and its note, so the edit is known and not published. Without the facts
   * of the last look the next one reads it again.
   */
  async #readAgain(path: string): Promise<void> {
    const { state } = this.#parts.own;
    await state.exclusive(async () => {
      const row = await state.row(path);
      if (row?.local?.facts === undefined) return;
      const { facts: _, ...local } = row.local;
      const batch = state.batch();
      batch.putRow(path, { ...row, local });
      await batch.commit();
    });
  }

  async #acknowledge(): Promise<void> {
    const { own, settled } = this.#parts;
    if (own.state.pendingCount() > 0) return;
    await settled();
    // Alone with the rows: what arrives meanwhile moves a head together with its want-list.
    await own.state.exclusive(async () => {
      if (own.state.pendingCount() === 0) await own.receipts.acknowledge();
    });
  }

  #publisher(): Publisher {
    const { own, identity, keyring, clock, emit, disk, store } = this.#parts;
    const { space, origin, state } = own;
    const alive = () => originKey(own.origin) === originKey(origin);
    const durable = () => disk.syncFs(store.root);
    const moved = (seq: number) => own.announce(origin, seq);
    const parts = { space, origin, alive, state, keyring, identity, clock, emit, durable, moved };
    return new Publisher(parts, own.agreement());
  }

  #currentApplier(): Applier {
    const { own, store, disk, clock, keyring, fetcher, emit, identity } = this.#parts;
    const feed = originKey(own.origin);
    if (this.#applier?.feed === feed) return this.#applier.applier;
    const { space, state, origin } = own;
    const { agency } = identity;
    const chunks: ChunkSource = {
      fetch: (from, ids, _origin, signal) => fetcher.fetch(from, ids, signal),
    };
    const parts = {
      space,
      me: origin,
      agency,
      root: store.root,
      disk,
      clock,
      state,
      keys: keyring,
      chunks,
      excludes: (path: string, kind: FoundKind) => store.excludes(path, kind),
      emit,
    };
    const applier = new Applier(parts);
    this.#applier = { feed, applier };
    return applier;
  }

  /** Verified already: into the feed and the rows, in one batch. */
  async #take(segment: Segment, head: Head): Promise<void> {
    const { own, keyring: keys } = this.#parts;
    const { state, origin: me } = own;
    const { origin, first } = segment.header;
    const problems = await state.exclusive(async () => {
      const batch = state.batch();
      const taken = await ingest({ segment, head, state, keys, me, batch });
      const closed = await closedFrom(state, origin);
      const told = taken.unopened > 0 && closed === 0 ? [noteClosed(batch, origin, first)] : [];
      await batch.commit();
      const again = taken.grants > 0 && closed > 0 ? await reopen({ state, keys, me }, origin) : [];
      return [...taken.problems, ...told, ...again];
    });
    for (const problem of problems) this.#parts.emit({ type: 'problem', space: own.space, problem });
  }

  async #problem(problem: Problem): Promise<void> {
    const { own, emit } = this.#parts;
    const batch = own.state.batch();
    batch.putProblem(problem);
    await batch.commit();
    emit({ type: 'problem', space: own.space, problem });
  }
}

const emptyAgreed = (author: Origin) => ({ state: { kind: 'gone' } as const, version: [], author });

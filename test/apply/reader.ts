/** A node that applies: real LevelDB, real files, the real stage; a small scanner stands in for the observer. */
import { lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Applier } from '#agent/apply/applier.ts';
import { factsOf } from '#agent/apply/facts.ts';
import { ingest } from '#agent/apply/ingest.ts';
import type { ApplyState, Excludes } from '#agent/apply/ports.ts';
import type { AgentEvent } from '#agent/core/event.ts';
import type { ChunkId, Origin } from '#agent/core/ids.ts';
import type { ChunkRef, Content, ItemState, LocalState, Row } from '#agent/core/item.ts';
import { isAtRest, type Planner, planItem } from '#agent/core/plan.ts';
import { meanChunk, type SealedChunk } from '#agent/core/sealed-chunk.ts';
import { settlePublished } from '#agent/core/settle.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import { State } from '#agent/feed/state.ts';
import type { EpochKeys } from '#agent/seal/epoch.ts';
import { type Clock, systemClock } from '#agent/sys/clock.ts';
import type { Disk } from '#agent/sys/disk.ts';
import type { Nights } from '#agent/sys/lived-time.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { type TemporaryDir, temporaryDir } from '#test/sys/temporary-dir.ts';
import { type Author, keysOf, originOf, sha256, space } from './author.ts';

export interface ReaderOptions {
  readonly disk?: Disk;
  readonly n?: number;
  /** True when absent. */
  readonly publishes?: boolean;
  readonly clock?: Clock;
  /** Nights that the node has lived through; by the monotonic clock when absent. */
  readonly nights?: Nights;
  /** Wraps the index that the applier sees. */
  readonly state?: (state: SpaceState) => ApplyState;
}

const nightMs = 86_400_000;

export const never = new AbortController().signal;

export class Reader implements AsyncDisposable {
  readonly root: string;
  readonly me: Planner;
  readonly state: SpaceState;
  readonly events: AgentEvent[] = [];
  readonly authors: Author[] = [];
  /** Paths that scans have published, in order. */
  readonly published: string[] = [];
  /** Ids asked of the source, in order. */
  readonly fetched: ChunkId[] = [];
  /** What the source does to a sealed chunk; undefined leaves it out. */
  serve = (_id: ChunkId, sealed: Uint8Array): Uint8Array | undefined => sealed;
  excludes: Excludes = () => false;
  /** The keys of an epoch as this node has them. */
  keysOf = (origin: Origin, epoch: number): EpochKeys => keysOf(origin, epoch);
  applier: Applier;
  /** What the state keeps of programs that had files open. */
  late: string | undefined;
  readonly #owned: AsyncDisposableStack;

  private constructor(dir: TemporaryDir, state: State, options: ReaderOptions, owned: AsyncDisposableStack) {
    this.root = join(dir.path, 'root');
    this.me = { ...originOf(options.n ?? 9), publishes: options.publishes ?? true };
    this.state = state.space(space);
    this.#owned = owned;
    this.applier = this.newApplier(options);
  }

  static async open(options: ReaderOptions = {}): Promise<Reader> {
    const owned = new AsyncDisposableStack();
    const dir = owned.use(await temporaryDir());
    await mkdir(join(dir.path, 'root', '.dongbo'), { recursive: true });
    const state = owned.use(
      await State.open(join(dir.path, 'state'), { node: originOf(options.n ?? 9).node }),
    );
    return new Reader(dir, state, options, owned);
  }

  /** As after a restart: nothing in memory is left. */
  newApplier(options: ReaderOptions = {}): Applier {
    const { clock = systemClock } = options;
    this.applier = new Applier({
      space,
      me: this.me,
      agency: 'H29.12',
      root: this.root,
      disk: options.disk ?? nodeDisk,
      clock,
      lateNotes: {
        read: async () => this.late,
        write: async (text) => {
          this.late = text;
        },
      },
      nights: options.nights ?? { id: '0badcafe', count: () => Math.floor(clock.monotonic() / nightMs) },
      state: options.state?.(this.state) ?? this.state,
      keys: { keysFor: async (_space, origin, epoch) => this.keysOf(origin, epoch) },
      chunks: { fetch: (ids, { take }) => this.#fetch(ids, take) },
      excludes: (path, kind) => this.excludes(path, kind),
      emit: (event) => this.events.push(event),
    });
    return this.applier;
  }

  async #fetch(ids: readonly ChunkId[], take: (chunk: SealedChunk) => boolean): Promise<void> {
    for (const id of ids) {
      this.fetched.push(id);
      const sealed = this.authors.map((a) => a.chunks.get(id)).find((s) => s);
      const served = sealed && this.serve(id, sealed);
      if (served) take({ id, sealed: served });
    }
  }

  async take(author: Author, { segment, head }: ReturnType<Author['segment']>) {
    if (!this.authors.includes(author)) this.authors.push(author);
    const keys = {
      keysFor: async (_s: unknown, origin: Origin, epoch: number) => this.keysOf(origin, epoch),
      learn: async () => {},
    };
    return this.state.exclusive(async () => {
      const batch = this.state.batch();
      const taken = await ingest({
        segment,
        head,
        state: this.state,
        keys,
        me: this.me,
        withholds: () => false,
        batch,
      });
      await batch.commit();
      return taken;
    });
  }

  apply(signal: AbortSignal = never) {
    return this.applier.applyPending(signal);
  }

  at(path: string): string {
    return join(this.root, path);
  }

  /** As the observer would: takes what is on disk into the local tree, and publishes an edit when the plan says so. */
  async scan(path: string, { publish = true } = {}): Promise<void> {
    const local = await this.#look(path);
    await this.state.exclusive(async () => {
      const row: Row = { ...(await this.state.row(path)), local };
      const action = planItem(row, this.me);
      const batch = this.state.batch();
      if (action.do === 'publish' && publish) {
        const { version, state } = action;
        this.published.push(path);
        batch.putRow(
          path,
          settlePublished(
            row,
            { state, version, author: this.me, epoch: 1, seq: 1, ...contentOf(local) },
            local,
          ),
        );
      } else {
        batch.putRow(path, row);
        if (!isAtRest(action)) batch.markPending(path);
      }
      await batch.commit();
    });
  }

  async edit(path: string, text: string): Promise<void> {
    await writeFile(this.at(path), text);
    await this.scan(path);
  }

  async #look(path: string): Promise<LocalState> {
    const stat = await nodeDisk.lstat(this.at(path)).catch(() => undefined);
    if (!stat) return { state: { kind: 'gone' } };
    const facts = factsOf(stat);
    if (stat.kind === 'dir') return { state: { kind: 'dir', mode: stat.mode & 0o777 }, facts };
    if (stat.kind === 'link') {
      return { state: { kind: 'link', target: await readlink(this.at(path)), mtimeNs: stat.mtimeNs }, facts };
    }
    const bytes = await readFile(this.at(path));
    const state: ItemState = {
      kind: 'file',
      mode: stat.mode & 0o777,
      mtimeNs: stat.mtimeNs,
      size: bytes.length,
      sha256: sha256(bytes),
    };
    return { state, facts, content: contentUnder(keysOf(this.me), bytes), sealedBy: this.me, epoch: 1 };
  }

  /** Everything under the root but our own folder: path → content, or `dir`, or `-> target`. */
  async tree(dir = ''): Promise<Record<string, string>> {
    const all: Record<string, string> = {};
    for (const entry of await readdir(this.at(dir), { withFileTypes: true })) {
      const path = join(dir, entry.name);
      if (path === '.dongbo') continue;
      if (entry.isSymbolicLink()) all[path] = `-> ${await readlink(this.at(path))}`;
      else if (entry.isDirectory()) Object.assign(all, { [path]: 'dir' }, await this.tree(path));
      else all[path] = await readFile(this.at(path), 'utf8');
    }
    return all;
  }

  /** Contents of the files in the trash, by their last name. */
  async trash(): Promise<Record<string, string>> {
    const all: Record<string, string> = {};
    for (const entry of await readdir(this.at('.dongbo/trash'), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) all[entry.name] = await readFile(join(entry.parentPath, entry.name), 'utf8');
    }
    return all;
  }

  async staged(): Promise<string[]> {
    return readdir(this.at('.dongbo/stage'));
  }

  async problems(): Promise<Record<string, string>> {
    const all: Record<string, string> = {};
    for await (const { path, code } of this.state.problems()) all[path] = code;
    return all;
  }

  async mode(path: string): Promise<number> {
    return (await lstat(this.at(path))).mode & 0o777;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }
}

/** In cells of one size; few enough for the tests to stay inline. */
function contentUnder(keys: EpochKeys, bytes: Uint8Array): Content {
  const refs: ChunkRef[] = [];
  for (let at = 0; at < bytes.length; at += meanChunk) {
    const cell = bytes.subarray(at, at + meanChunk);
    refs.push({ id: keys.idOf(cell), length: cell.length });
  }
  return { levels: 0, refs };
}

const contentOf = (local: LocalState) => (local.content ? { content: local.content } : {});
export const byteLength = (chunks: ReadonlyMap<ChunkId, Uint8Array>): number =>
  [...chunks.values()].reduce((sum, c) => sum + c.length, 0);

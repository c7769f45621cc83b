/** What the apply stage uses of others. `SpaceState`, `SpaceBatch`, `Keyring` and `EpochKeys` have these shapes. */
import type { Problem } from '#agent/core/errors.ts';
import type { Loss, LossSide } from '#agent/core/guard.ts';
import type { ChunkId, Origin, SpaceId, Tag } from '#agent/core/ids.ts';
import type { Brought, Row } from '#agent/core/item.ts';
import type { GrantRecord } from '#agent/core/record.ts';
import type { SealForm } from '#agent/core/seal-form.ts';
import type { ChunkPlace, SealedChunk } from '#agent/core/sealed-chunk.ts';
import type { Head, Segment } from '#agent/core/segment.ts';

/** Where the plaintext of a chunk may be found: in a file of the root, or, for a list of refs, right here. */
export type Location =
  | { readonly path: string; readonly offset: number; readonly length: number }
  | { readonly path: string; readonly list: Uint8Array };

/** One atomic, durable step of the index. Later operations on the same key win. */
export interface ApplyBatch {
  putRow(path: string, row: Row, before?: Row): void;
  markPending(path: string): void;
  clearPending(path: string): void;
  /** Kept apart from the want-list, until `takeUp`. */
  setAside(path: string): void;
  takeUp(path: string): void;
  addLocation(id: ChunkId, location: Location): void;
  dropLocations(path: string): void;
  putProblem(problem: Problem): void;
  clearProblem(path: string): void;
  putCorrection(id: string, value: Uint8Array | undefined): void;
  setCursor(name: string, value: number): void;
  commit(): Promise<void>;
}

/** What was opened under a tag of another's feed: the item. `contents`: of an earlier version, with their records. */
export interface OpenedTag {
  readonly path: string;
  readonly contents: readonly { readonly seq: number; readonly name: string }[];
}

/** A batch that takes the records of a feed. */
/** How chunks went that a record named: see `feed/owed-drops.ts`. */
export interface Superseded {
  readonly seq: number;
  readonly epoch: number;
  readonly urgent: boolean;
}

export interface RecordsBatch extends ApplyBatch {
  dropLocations(path: string, superseded?: Superseded): void;
  oweDrops(ids: readonly ChunkId[], superseded: Superseded): void;
  putOpened(origin: Origin, tag: Tag, opened: OpenedTag): void;
  putBrought(path: string, brought: Brought): void;
  forgetBrought(path: string, brought: Brought): void;
}

/** A batch that also takes a segment of a feed. */
export interface IngestBatch extends RecordsBatch {
  append(segment: Segment, head: Head): Promise<void>;
}

export interface IngestState extends Pick<ApplyState, 'rows'> {
  cursor(name: string): Promise<number>;
  problem(path: string): Promise<Problem | undefined>;
  opened(origin: Origin, tags: readonly Tag[]): Promise<(OpenedTag | undefined)[]>;
  /** What feeds ever brought to a path, the records that stand in its row apart. */
  readonly history: { brought(path: string): Promise<readonly Brought[]> };
}

/** Whether the rules of the store leave out the path, or a directory above it. */
export type Excludes = (path: string, kind: 'file' | 'dir' | 'link') => boolean;

export interface LocationIndex {
  row(path: string): Promise<Row | undefined>;
  locations(id: ChunkId): Promise<readonly Location[]>;
  /** Of each chunk, in the order of `ids`. */
  locationsOf(ids: readonly ChunkId[]): Promise<readonly (readonly Location[])[]>;
}

/** What the brakes on deletes ask of the index. */
export interface LossState {
  rows(paths: readonly string[]): Promise<readonly (Row | undefined)[]>;
  counts(): { readonly items: number };
  /** Files that hold the same on this disk: 256 at most. */
  pathsOf(file: NonNullable<Loss['content']>): Promise<readonly string[]>;
  readonly losses: {
    of(side: LossSide): AsyncIterable<readonly [run: number, loss: Loss]>;
    put(side: LossSide, run: number, losses: readonly Loss[]): Promise<void>;
    forget(side: LossSide, run: number): Promise<void>;
    watchBirths(born: (path: string, isFile: boolean) => void): void;
  };
}

export interface ApplyState extends LocationIndex, LossState {
  /** In the order of `paths`. */
  rows(paths: readonly string[]): Promise<readonly (Row | undefined)[]>;
  /** Direct children, '' is the root. */
  children(dir: string): AsyncIterable<readonly [name: string, row: Row]>;
  /** Paths to plan, in order of their bytes; a view as of the call. */
  pending(limit?: number): AsyncIterable<string>;
  pendingCount(): number;
  /** Paths that are set aside; a view as of the call. */
  asides(): AsyncIterable<string>;
  problems(): AsyncIterable<Problem>;
  /** 0 until first set. */
  cursor(name: string): Promise<number>;
  /** Runs alone among all who read a row to write it back. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  batch(): ApplyBatch;
}

/** The keys of one epoch of one publisher. */
export interface ApplyKeys {
  readonly labelClass: string;
  readonly form: SealForm;
  /** `place`: where data stands; a list has none. */
  idOf(plain: Uint8Array, place?: ChunkPlace): ChunkId;
  /** Throws CHUNK_CHANGED when `plain` is not what `id` names. */
  sealChunk(id: ChunkId, plain: Uint8Array, place?: ChunkPlace): Uint8Array;
  /** Undefined when it was tampered with. */
  openChunk(id: ChunkId, sealed: Uint8Array): Uint8Array | undefined;
  /** Undefined when it was tampered with. */
  openRecord(sealed: Uint8Array): Uint8Array | undefined;
}

export interface KeySource {
  keysFor(space: SpaceId, origin: Origin, epoch: number): Promise<ApplyKeys | undefined>;
}

export interface IngestKeys extends KeySource {
  learn(space: SpaceId, origin: Origin, record: GrantRecord): Promise<void>;
}

/** Chunks of one author. */
export interface ChunkRequest {
  readonly space: SpaceId;
  readonly author: Origin;
  /** Whether this is what its id names: then it is done with; else another copy is looked for. */
  readonly take: (chunk: SealedChunk) => boolean;
  readonly signal: AbortSignal;
}

/** Where sealed chunks come from that are not on this disk: each copy goes to `take`, until it has taken one. */
export interface ChunkSource {
  fetch(ids: readonly ChunkId[], request: ChunkRequest): Promise<void>;
}

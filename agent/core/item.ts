/** What an item is: the state that travels, what was seen on disk, and the row that holds the three trees. */
import type { ChunkId, Digest, Origin } from './ids.ts';
import type { Version } from './version.ts';

/** `gone` is a delete; `yield` says "another author's version of this path has replaced mine". */
export type ItemKind = 'file' | 'dir' | 'link' | 'gone' | 'yield';

/** A piece of plaintext: its sealed id and its plaintext length in bytes. */
export interface ChunkRef {
  readonly id: ChunkId;
  readonly length: number;
}

/**
 * The pieces of a file. With `levels` 0, `refs` are the data chunks in order. With `levels` n > 0 each ref is a
 * list chunk whose plaintext holds refs of level n-1 (`core/chunk-list.ts`).
 */
export interface Content {
  readonly levels: number;
  readonly refs: readonly ChunkRef[];
}

/** The state of one item, without its place in history. Modes are 0o000–0o777; special bits do not travel. */
export type ItemState =
  | {
      readonly kind: 'file';
      readonly mode: number;
      readonly mtimeNs: bigint;
      readonly size: number;
      readonly sha256: Digest;
    }
  | { readonly kind: 'dir'; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string; readonly mtimeNs: bigint }
  | { readonly kind: 'gone' };

/** The master owner's word to the author of a proposal (R36), sealed under the author's own epoch: nobody else opens it. */
export interface Answer {
  readonly to: Origin;
  readonly epoch: number;
  readonly sealed: Uint8Array;
}

/** One sealed record of a feed, opened. `content` is present exactly for files. */
export interface ItemChange {
  readonly path: string;
  readonly state: ItemState | { readonly kind: 'yield' };
  readonly content?: Content;
  readonly version: Version;
  readonly answer?: Answer;
}

/** What a scan saw: the facts that tell whether the disk has changed since. */
export interface DiskFacts {
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly mode: number;
}

/**
 * Facts under which a file could have changed again unseen, since its time stamps are as young as the disk's clock can
 * tell: no look takes them for those of the disk, so the file is read again.
 */
export const unsure = (facts: DiskFacts): DiskFacts => ({ ...facts, ctimeNs: -1n });

/** The disk, as last verified. `content` names the pieces under `epoch` of `sealedBy`, so that this node can serve them. */
export interface LocalState {
  readonly state: ItemState;
  readonly facts?: DiskFacts;
  readonly content?: Content;
  readonly sealedBy?: Origin;
  readonly epoch?: number;
  /**
   * Facts of a file that a power cut left shorter than `state`: it is not believed, and `state` is what was shared last.
   * A change of its facts, or a person, ends that.
   */
  readonly held?: DiskFacts;
}

/** The last state that this node published or applied. */
export interface AgreedState {
  readonly state: ItemState;
  readonly version: Version;
  readonly author: Origin;
  /**
   * A directory that this node made for what goes into it, or opened for a moment: until its own record is applied, the
   * mode on the disk is nobody's word.
   */
  readonly interim?: true;
}

/** One published record of a path, own or another's. */
export interface RemoteRecord {
  readonly state: ItemState;
  readonly content?: Content;
  readonly version: Version;
  readonly author: Origin;
  readonly epoch: number;
  readonly seq: number;
}

/** The winner among the feeds for this path. `seen` merges every version known of, the losers' too. */
export interface RemoteState extends RemoteRecord {
  readonly seen: Version;
  /** Published records that lost but that no later version has replaced; absent when there are none. Must be stored. */
  readonly rivals?: readonly RemoteRecord[];
}

/** What one feed sent of the path before its label was raised above what this node is cleared for. */
export interface Withdrawn {
  readonly author: Origin;
  /** Of the record that is withheld: everything of the feed before it is withdrawn. */
  readonly seq: number;
  /** Names of the contents that came so (`contentName`). */
  readonly contents: readonly string[];
  /** Those of them that another feed has brought too, or this node has made, or of which that is not known. */
  readonly kept?: readonly string[];
}

/** That a feed had a content at a path, whatever stands there now. */
export interface Brought {
  readonly author: Origin;
  readonly seq: number;
  /** `contentName`; '' for a delete, `anyContent` for what is not known. */
  readonly name: string;
  /** Its author has withdrawn it since. */
  readonly over: boolean;
}

/** The three trees at one path, and what is still to be withdrawn from this disk. */
export interface Row {
  readonly local?: LocalState;
  readonly agreed?: AgreedState;
  readonly remote?: RemoteState;
  readonly withdrawn?: readonly Withdrawn[];
}

/** Whether two states are the same for a reader: kind, content, mode, link target and time. */
export function sameState(a: ItemState, b: ItemState): boolean {
  if (!sameContent(a, b)) return false;
  if (a.kind === 'file' && b.kind === 'file') return a.mode === b.mode && a.mtimeNs === b.mtimeNs;
  if (a.kind === 'dir' && b.kind === 'dir') return a.mode === b.mode;
  if (a.kind === 'link' && b.kind === 'link') return a.mtimeNs === b.mtimeNs;
  return true;
}

/** Whether nothing is lost by taking one state for the other: kind and bytes are equal, mode and time may differ. */
export function sameContent(a: ItemState, b: ItemState): boolean {
  if (a.kind === 'file') return b.kind === 'file' && a.sha256 === b.sha256 && a.size === b.size;
  if (a.kind === 'link') return b.kind === 'link' && a.target === b.target;
  return a.kind === b.kind;
}

/**
 * Seam 1: what we watch. A store holds items under paths (`core/path.ts`), lists them, reads them so that a torn read
 * is noticed, and hints where to look again. It never writes items: that is the work of `apply/`.
 *
 * Concurrency: any method may run beside any other; at most one `watch` at a time. Cancellation: a method that takes a
 * signal rejects with its reason; `watch` just ends. Failure: what ends the operation is a DongboError of the codes
 * named below; what spoils one item is a Problem beside the others. A listing is whole or an error, never partly empty.
 */
import type { Halt, Problem } from '#agent/core/errors.ts';
import type { DiskFacts } from '#agent/core/item.ts';
import type { Stamp } from './disk-clock.ts';

export type FoundKind = 'file' | 'dir' | 'link';

/** An item as it is on disk now. `target` is present exactly for links; it is never followed. */
export interface Found {
  readonly path: string;
  readonly kind: FoundKind;
  readonly facts: DiskFacts;
  readonly target?: string;
}

/** The direct children of one directory, sorted by the bytes of their names. Excluded ones are in neither list. */
export interface Listing {
  readonly entries: readonly Found[];
  readonly problems: readonly Problem[];
}

/** Where to look again. `dir` is not recursive; '' is the root. A hint may be wrong, but a change is never without one. */
export type Hint =
  | { readonly kind: 'dir'; readonly path: string }
  | { readonly kind: 'all'; readonly reason: string };

/** One file, open. Dispose it when done. */
export interface StableRead extends AsyncDisposable {
  /** Taken before the first byte is read. */
  readonly facts: DiskFacts;
  /** The bytes in order, up to `facts.size`. Each piece is valid only until the next is asked for. */
  chunks(buffer?: Uint8Array): AsyncIterable<Uint8Array>;
  /**
   * Whether the same file still stands at the path with the same size, times and inode: call it after the last byte. Of
   * a file that grows by rule, whether it was only appended to, as far as its ends tell.
   */
  check(): Promise<boolean>;
  /** Of a file that grows by rule: `on` when it did, since it was opened. */
  readonly grows?: 'on' | 'not now';
}

export interface Store extends AsyncDisposable {
  /** Absolute path, links in its last component resolved. */
  readonly root: string;
  /** What the caller keeps in its state and gives back as `knownMarker`; undefined before the first `adopt`. */
  readonly marker: string | undefined;
  /** Whether this is the root that we know: STORE_ROOT_GONE, STORE_ROOT_UNREADABLE, STORE_ROOT_FOREIGN. */
  check(): Promise<Halt | undefined>;
  /** Makes the root ours, durably: on first use, or once a person released STORE_ROOT_FOREIGN. STORE_ADOPT_FAILED. */
  adopt(): Promise<void>;
  /** Hints until the signal aborts. The first is always `all`: what changed before the watch began was not seen. */
  watch(signal: AbortSignal): AsyncIterable<Hint>;
  /** Throws STORE_LIST_FAILED ({errno}) when the directory cannot be listed in full. */
  list(dir: string, signal: AbortSignal): Promise<Listing>;
  /** Undefined when nothing is there, or when what is there is excluded. */
  look(path: string): Promise<Found | Problem | undefined>;
  /** Throws STORE_ITEM_GONE when no file is there any more, STORE_READ_FAILED ({errno}) otherwise. */
  read(path: string, signal: AbortSignal): Promise<StableRead>;
  /** What this disk stamps now, or did at a moment before that is past `facts` (`isPast`). */
  stamp(facts: DiskFacts): Promise<Stamp>;
  /**
   * Whether the watch has only just heard of a directory, from a listing of the one above: what was made beneath it, by the
   * apply step too, is watched once it is listed.
   */
  isUnlisted?(dir: string): boolean;
  /** Whether the path, or a directory above it, is left out by the rules of this store. */
  excludes(path: string, kind: FoundKind): boolean;
}

export const isProblem = (looked: Found | Problem): looked is Problem => 'code' in looked;

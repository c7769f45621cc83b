/** Reads one file into pieces: stable bytes, cut as the epoch's form says, named under the epoch's keys. */
import { createHash } from 'node:crypto';
import { EmptyCells, FixedCutter, rulesOf } from '#agent/core/cells.ts';
import { ListBuilder, type ListChunk } from '#agent/core/chunk-list.ts';
import { Cutter } from '#agent/core/chunker.ts';
import { DongboError } from '#agent/core/errors.ts';
import { type ChunkId, parseDigest } from '#agent/core/ids.ts';
import type { Content, DiskFacts, ItemState } from '#agent/core/item.ts';
import { ListsReadBack } from '#agent/core/read-back.ts';
import { maxChunk } from '#agent/core/sealed-chunk.ts';
import type { SealingKeys } from '#agent/seal/item-keys.ts';
import type { StableRead, Store } from '#agent/store/store.ts';

/** Where one piece of a file is found again: at an offset of the file, or, for a list of pieces, as its own bytes. */
export type Piece =
  | { readonly id: ChunkId; readonly offset: number; readonly length: number }
  | { readonly id: ChunkId; readonly list: Uint8Array };

export interface FileContent {
  readonly state: Extract<ItemState, { kind: 'file' }>;
  readonly facts: DiskFacts;
  readonly content: Content;
  /** What a reader would find broken in its lists. */
  readonly broken?: string | undefined;
  /** As of `StableRead`. */
  readonly grows?: StableRead['grows'];
}

const pieceOf = (list: ListChunk): Piece => ({ id: list.id, list: list.plain });

/**
 * Reads `path` to its end and hands each piece to `onPiece` as it is cut.
 * Returns undefined when the file changed while it was read: the caller reads it again when it is quiet.
 */
export async function readContent(
  store: Store,
  path: string,
  keys: SealingKeys,
  onPiece: (piece: Piece) => Promise<void>,
  signal: AbortSignal,
): Promise<FileContent | undefined> {
  await using read = await store.read(path, signal);
  const hash = createHash('sha256');
  const rules = rulesOf(keys.form);
  const lists = new ListBuilder((plain) => keys.idOf(plain), rules);
  const readBack = new ListsReadBack(rules, read.facts.size);
  const onList = (list: ListChunk): Promise<void> => {
    readBack.add(list.level, list.plain);
    return onPiece(pieceOf(list));
  };
  let size = 0;
  for await (const { bytes, offset } of cutStream(read.chunks(), read.facts.size, cutterOf(keys))) {
    signal.throwIfAborted();
    hash.update(bytes);
    const ref = { id: keys.idOf(bytes, { path, offset }), length: bytes.length };
    await onPiece({ ...ref, offset });
    for (const list of lists.add(ref)) await onList(list);
    size = offset + bytes.length;
  }
  const { content, lists: rest } = lists.finish();
  for (const list of rest) await onList(list);
  for (const empty of new EmptyCells(keys, path, size)) await onPiece(empty);
  if (size !== read.facts.size || !(await read.check())) return undefined;
  const state = fileState(read.facts, hash.digest('hex'));
  return { state, facts: read.facts, content, broken: readBack.end(), ...growsOf(read) };
}

/** As `readContent` for a node that publishes nothing: only what tells whether the file is as agreed. */
export async function hashContent(
  store: Store,
  path: string,
  signal: AbortSignal,
): Promise<Pick<FileContent, 'state' | 'facts' | 'grows'> | undefined> {
  await using read = await store.read(path, signal);
  const hash = createHash('sha256');
  let size = 0;
  for await (const bytes of read.chunks()) {
    signal.throwIfAborted();
    hash.update(bytes);
    size += bytes.length;
  }
  if (size !== read.facts.size || !(await read.check())) return undefined;
  return { state: fileState(read.facts, hash.digest('hex')), facts: read.facts, ...growsOf(read) };
}

const growsOf = ({ grows }: StableRead): Pick<FileContent, 'grows'> => (grows ? { grows } : {});

const fileState = (facts: DiskFacts, sha256: string): FileContent['state'] => ({
  kind: 'file',
  mode: facts.mode & 0o777,
  mtimeNs: facts.mtimeNs,
  size: facts.size,
  sha256: parseDigest(sha256),
});

const windowBytes = 8 * maxChunk;

const cutterOf = (keys: SealingKeys) => (keys.form === 'cells' ? new FixedCutter() : new Cutter(keys.gear));

/** Cuts a stream of buffers into pieces. A piece is only valid until the next one is asked for. */
async function* cutStream(
  source: AsyncIterable<Uint8Array>,
  expected: number,
  cutter: Cutter | FixedCutter,
): AsyncGenerator<{ bytes: Uint8Array; offset: number }> {
  // Most files are small: a window for all sizes would cost more than the reading.
  const window = new Uint8Array(Math.min(expected + 1, windowBytes));
  let filled = 0;
  let offset = 0;
  const take = function* (last: boolean) {
    let from = 0;
    while (from < filled) {
      const end = cutter.cut(window, from, filled, last);
      if (end < 0) break;
      yield { bytes: window.subarray(from, end), offset };
      offset += end - from;
      from = end;
    }
    window.copyWithin(0, from, filled);
    filled -= from;
  };
  for await (const buffer of source) {
    for (let at = 0; at < buffer.length; ) {
      const part = buffer.subarray(at, at + window.length - filled);
      window.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled === window.length) yield* take(false);
    }
  }
  yield* take(true);
  if (filled > 0) throw new DongboError('INVARIANT', { what: 'cutter left bytes behind' });
}

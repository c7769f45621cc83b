/** The chunk locations of one file as it is read; those of a large one go to the index before its end. */
import { type Origin, originKey } from '#agent/core/ids.ts';
import { type LocalState, sameContent } from '#agent/core/item.ts';
import type { Superseded } from '#agent/feed/owed-drops.ts';
import type { SpaceBatch } from '#agent/feed/space-batch.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import { keepEpoch } from './drops.ts';
import type { LocalChange } from './publisher.ts';
import type { Piece } from './read-content.ts';

/** Piece locations are written to the index in batches of this many while a large file is read. */
const piecesPerBatch = 4096;

export class Places {
  readonly #state: SpaceState;
  readonly #path: string;
  readonly #superseded: () => Promise<Superseded | undefined>;
  waiting: Piece[] = [];
  /** Whether the locations of an earlier content have been dropped. */
  dropped = false;

  /** `superseded`: what becomes of chunks that the file had before. */
  constructor(state: SpaceState, path: string, superseded: () => Promise<Superseded | undefined>) {
    this.#state = state;
    this.#path = path;
    this.#superseded = superseded;
  }

  async add(piece: Piece): Promise<void> {
    this.waiting.push(piece);
    if (this.waiting.length < piecesPerBatch) return;
    const superseded = this.dropped ? undefined : await this.#superseded();
    const batch = this.#state.batch();
    if (!this.dropped) batch.dropLocations(this.#path, superseded);
    for (const { id, ...place } of this.waiting) batch.addLocation(id, { path: this.#path, ...place });
    await batch.commit();
    this.dropped = true;
    this.waiting = [];
  }
}

/** Of chunks that `local` names, when they are this node's own to take back. */
export function supersededOf(
  local: LocalState | undefined,
  origin: Origin,
  by: { readonly seq: number; readonly urgent: boolean },
): Superseded | undefined {
  if (!local?.content || !local.sealedBy || local.epoch === undefined) return undefined;
  return originKey(local.sealedBy) === originKey(origin) ? { ...by, epoch: local.epoch } : undefined;
}

/**
 * A file that was read again, and holds what it held: its records name the chunks of the epoch that it was sealed under
 * then, so those are what can be served, and their places stay. Where they are gone already (a large file), no peer is
 * told to drop anything of that epoch any more.
 */
export function asSealed(batch: SpaceBatch, note: LocalChange, was: LocalState | undefined): LocalChange {
  const now = note.local;
  if (!now?.content || !was?.content || !was.sealedBy || was.epoch === undefined) return note;
  if (!sameContent(was.state, now.state) || was.epoch === now.epoch) return note;
  if (!note.dropPieces) {
    keepEpoch(batch, was.epoch);
    return note;
  }
  const { content, sealedBy, epoch } = was;
  const { pieces: _, dropPieces: __, ...seen } = note;
  return { ...seen, local: { ...now, content, sealedBy, epoch } };
}

/** The chunk locations of one file as it is read; those of a large one go to the index before its end. */
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { Piece } from './read-content.ts';

/** Piece locations are written to the index in batches of this many while a large file is read. */
const piecesPerBatch = 4096;

export class Places {
  readonly #state: SpaceState;
  readonly #path: string;
  waiting: Piece[] = [];
  /** Whether the locations of an earlier content have been dropped. */
  dropped = false;

  constructor(state: SpaceState, path: string) {
    this.#state = state;
    this.#path = path;
  }

  async add(piece: Piece): Promise<void> {
    this.waiting.push(piece);
    if (this.waiting.length < piecesPerBatch) return;
    const batch = this.#state.batch();
    if (!this.dropped) batch.dropLocations(this.#path);
    for (const { id, ...place } of this.waiting) batch.addLocation(id, { path: this.#path, ...place });
    await batch.commit();
    this.dropped = true;
    this.waiting = [];
  }
}

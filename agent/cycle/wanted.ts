/** Chunks that this node wants and nobody had: the next exchange with anyone who might have them asks again. */
import type { ChunkId, SpaceId } from '#agent/core/ids.ts';

/** The oldest want is forgotten beyond this many; whoever wants it asks again anyway. */
const maxWanted = 512;

export class WantList {
  readonly #spaces = new Map<SpaceId, Set<ChunkId>>();

  /** Whether any of them is new: then others should be told. */
  add(space: SpaceId, ids: readonly ChunkId[]): boolean {
    const wanted = this.#spaces.get(space) ?? new Set();
    const isNew = ids.some((id) => !wanted.has(id));
    this.#spaces.set(space, wanted);
    for (const id of ids) {
      wanted.add(id);
      if (wanted.size <= maxWanted) continue;
      for (const oldest of wanted) {
        wanted.delete(oldest);
        break;
      }
    }
    return isNew;
  }

  got(space: SpaceId, ids: readonly ChunkId[]): void {
    const wanted = this.#spaces.get(space);
    for (const id of ids) wanted?.delete(id);
  }

  list(space: SpaceId): readonly ChunkId[] {
    return [...(this.#spaces.get(space) ?? [])];
  }
}

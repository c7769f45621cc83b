/** "Something of this space changed here": a new segment, a new receipt, an agreement. Links listen and act at once. */
import type { SpaceId } from '#agent/core/ids.ts';

type Listener = (space: SpaceId) => void;

export class Pokes {
  readonly #listeners = new Set<Listener>();

  /** Never waits and never throws. */
  poke(space: SpaceId): void {
    for (const listener of this.#listeners) listener(space);
  }

  /** Returns how to stop listening. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

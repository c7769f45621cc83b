/**
 * Brakes: when so much vanishes at once that a fault or an attack is likelier than intent, the store halts until a
 * person releases it. Numbers in brackets are those of the accidents in docs/guarantees.md.
 */
import type { Digest } from './ids.ts';

/** Few deletes never halt, whatever their share: small folders are emptied on purpose every day. */
export const fewDeletes = 20;

/**
 * Whether deletes must wait for a person: more than 20, and more than half of the items [4]. Runs at the sender and
 * at every receiver, on counts net of renames [23].
 */
export const massDelete = (counts: { readonly deletes: number; readonly total: number }): boolean =>
  counts.deletes > fewDeletes && counts.deletes * 2 > counts.total;

/**
 * Copies that may be destroyed between two nights because authors withdrew them, whatever their share: what cannot be
 * undone waits for a person where a delete, which rests in the trash, does not.
 */
export const manyWithdrawn = 100;

/**
 * Whether a whole tree seems to have emptied itself: nothing seen where at least two items were known. An unmounted
 * or exchanged root looks like this [3].
 */
export const suddenlyEmpty = (counts: { readonly seen: number; readonly known: number }): boolean =>
  counts.seen === 0 && counts.known > 1;

/** Who deleted: somebody in this folder, or another member. */
export type LossSide = 'local' | 'incoming';

/** An item that the folder lost. */
export interface Loss {
  readonly path: string;
  /** Of a file. */
  readonly content?: { readonly size: number; readonly sha256: Digest };
  /**
   * Of an item that came within the window itself, in a folder that had next to nothing when the window began: how many
   * items stood before this one went.
   */
  readonly stood?: number;
}

/**
 * What of the deletes of a window counts [23]. The caller leaves out what is back, what lies under another name, and what
 * came within the window; where nearly everything did (a folder that is being filled), what came and went one after the
 * other is told from what was taken away by how many items stood at once.
 */
export class LossCount {
  #files = 0;
  #others = 0;
  #young = 0;
  #peak = 0;

  add({ content, stood }: Loss): void {
    if (stood !== undefined) {
      this.#young += 1;
      this.#peak = Math.max(this.#peak, stood);
    } else if (content) this.#files += 1;
    else this.#others += 1;
  }

  /** `left`: items that stay. `othersCame`: directories and links that are new, under other names maybe. */
  deletes({ left, othersCame }: { readonly left: number; readonly othersCame: number }): number {
    const young = Math.min(this.#young, Math.max(0, this.#peak - left));
    return this.#files + Math.max(0, this.#others - othersCame) + young;
  }
}

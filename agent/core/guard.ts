/**
 * Brakes: when so much vanishes at once that a fault or an attack is likelier than intent, the store halts until a
 * person releases it. Numbers in brackets are those of the accidents in docs/guarantees.md.
 */

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

export interface Deleted {
  readonly path: string;
  /** Of a file's content; absent for directories and links. */
  readonly sha256?: string;
}

/**
 * Deletes that are no half of a rename [23]. A deleted file whose content was put elsewhere in the same look is not
 * gone; a deleted directory or link is set off against one that was put (an entry of `puts` without sha256).
 */
export function netDeletes(
  deletes: readonly Deleted[],
  puts: readonly { readonly sha256?: string }[],
): number {
  const contents = new Set(puts.map((put) => put.sha256));
  const files = deletes.filter((d) => d.sha256 !== undefined);
  const lost = files.filter((d) => !contents.has(d.sha256)).length;
  const others = deletes.length - files.length;
  const otherPuts = puts.filter((put) => put.sha256 === undefined).length;
  return lost + Math.max(0, others - otherPuts);
}

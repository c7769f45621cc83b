/**
 * The brakes on the sender: a tree that emptied itself, or lost most of its items, is not believed without a person.
 * Deletes are counted over a window, or a slow `rm -rf` seen hint by hint would slip through in small looks.
 */
import { DeleteWindow } from '#agent/apply/delete-window.ts';
import type { Halt } from '#agent/core/errors.ts';
import { massDelete, suddenlyEmpty } from '#agent/core/guard.ts';
import type { Clock } from '#agent/sys/clock.ts';

export interface Look {
  /** Items in the index before the deletes of this look. */
  readonly known: number;
  /** Deletes of this look, net of renames. */
  readonly deletes: number;
  /** Items of the index that this look did not find, renames included. */
  readonly gone: number;
}

export class DeleteBrake {
  readonly #window: DeleteWindow;

  constructor(clock: Clock) {
    this.#window = new DeleteWindow(clock);
  }

  check({ known, deletes, gone }: Look): Halt | undefined {
    const recent = this.#window.recent();
    const before = known + recent;
    if (gone > 0 && suddenlyEmpty({ seen: Math.max(0, known - gone), known: before }))
      return { code: 'STORE_SUDDENLY_EMPTY', details: { items: before }, needsRelease: true };
    if (deletes > 0 && massDelete({ deletes: recent + deletes, total: before }))
      return {
        code: 'MASS_DELETE_LOCAL',
        details: { deletes: recent + deletes, items: before },
        needsRelease: true,
      };
    return undefined;
  }

  /** Deletes that were published; a person's release starts the count anew. */
  note(deletes: number, released: boolean): void {
    if (released) this.#window.clear();
    else this.#window.note(deletes);
  }
}

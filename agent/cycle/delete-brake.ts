/**
 * The brakes on the sender: a tree that emptied itself, or lost most of its items, is not believed without a person.
 * Deletes are counted over a window, or a slow `rm -rf` seen hint by hint would slip through in small looks.
 */
import { type Counted, DeleteWindow, type WindowParts } from '#agent/apply/delete-window.ts';
import type { Halt } from '#agent/core/errors.ts';
import { massDelete, suddenlyEmpty } from '#agent/core/guard.ts';

export class DeleteBrake {
  readonly #state: WindowParts['state'];
  readonly #window: DeleteWindow;

  constructor(parts: Omit<WindowParts, 'side'>) {
    this.#state = parts.state;
    this.#window = new DeleteWindow({ ...parts, side: 'local' });
  }

  /** `gone`: what a look missed of the index. What it found is in the index already. */
  async check(gone: ReadonlySet<string>): Promise<Halt | undefined> {
    if (gone.size === 0) return undefined;
    const staying = async (paths: readonly string[]) => paths.filter((path) => !gone.has(path)).length;
    const going = { count: gone.size, paths: () => gone, staying };
    if (!this.#haltOf(await this.#window.most(going), gone.size)) return undefined;
    return this.#haltOf(await this.#window.count(going), gone.size);
  }

  #haltOf({ deletes, items }: Counted, gone: number): Halt | undefined {
    const details = { deletes, items };
    const seen = Math.max(0, this.#state.counts().items - gone);
    if (suddenlyEmpty({ seen, known: items }))
      return { code: 'STORE_SUDDENLY_EMPTY', details: { items }, needsRelease: true };
    if (!massDelete({ deletes, total: items })) return undefined;
    return { code: 'MASS_DELETE_LOCAL', details, needsRelease: true };
  }

  /** Deletes that are published next; a person's release starts the count anew. */
  async note(gone: ReadonlySet<string>, released: boolean): Promise<void> {
    if (released) await this.#window.clear();
    else if (gone.size > 0) await this.#window.note(gone);
  }
}

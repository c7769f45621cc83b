/** How many times running the chunks of an author's epoch could not be had. */
import { originKey } from '#agent/core/ids.ts';
import type { RemoteState } from '#agent/core/item.ts';

/** The one that was met longest ago is forgotten, which only means that it is asked for again. */
const maxKept = 4096;

type Epoch = Pick<RemoteState, 'author' | 'epoch'>;

export class DryCounts {
  readonly #counts = new Map<string, number>();

  of(epoch: Epoch): number {
    return this.#counts.get(keyOf(epoch)) ?? 0;
  }

  note(epoch: Epoch, useful: boolean): void {
    const key = keyOf(epoch);
    const count = useful ? 0 : this.of(epoch) + 1;
    this.#counts.delete(key);
    if (count > 0) this.#counts.set(key, count);
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= maxKept) return;
      this.#counts.delete(oldest);
    }
  }
}

const keyOf = ({ author, epoch }: Epoch): string => `${originKey(author)}/${epoch}`;

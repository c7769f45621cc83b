/** Records whose content is not what they say: no retry helps until their author publishes another. */
import { originKey } from '#agent/core/ids.ts';
import type { RemoteState } from '#agent/core/item.ts';

/** The oldest is forgotten, which only means that it is fetched once more. */
const maxKept = 1024;

export class Refused {
  readonly #records = new Map<string, { readonly record: string; readonly rule: string }>();

  add(path: string, remote: RemoteState, rule: string): void {
    this.#records.set(path, { record: recordKey(remote), rule });
    for (const oldest of this.#records.keys()) {
      if (this.#records.size <= maxKept) return;
      this.#records.delete(oldest);
    }
  }

  /** The rule that the record broke, when this very record was refused before. */
  ruleOf(path: string, remote: RemoteState): string | undefined {
    const known = this.#records.get(path);
    return known?.record === recordKey(remote) ? known.rule : undefined;
  }
}

const recordKey = (r: RemoteState): string => `${originKey(r.author)}/${r.seq}`;

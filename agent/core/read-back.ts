/**
 * What this node is about to publish, read as a stranger reads it: by the decoders, bounds and rules of a receiver. What
 * those refuse is never written to the feed: the feed is a chain, and everything behind a part that is refused would wait.
 */
import { decodeChange, encodeChange } from './change-codec.ts';
import { decodeRefs } from './chunk-refs.ts';
import type { ContentRules } from './content-rules.ts';
import { type Details, DongboError, isCode } from './errors.ts';
import type { ChunkRef, ItemChange } from './item.ts';

/** The bytes of a change, or what a reader would say against it. */
export type ReadBack = { readonly plain: Uint8Array } | { readonly refused: Details };

export function readBack(change: ItemChange, rules: ContentRules): ReadBack {
  try {
    const plain = encodeChange(change);
    decodeChange(plain, rules);
    return { plain };
  } catch (error) {
    if (!(error instanceof DongboError)) throw error;
    const { field, rule, what } = error.details;
    return { refused: { field: field ?? '(all)', rule: rule ?? what ?? error.code } };
  }
}

/**
 * A record that this node has published itself. Undefined for what no reader takes: an earlier version wrote it without
 * reading it back, and a newer record of the item follows.
 */
export function ownChange(plain: Uint8Array, rules: ContentRules): ItemChange | undefined {
  try {
    return decodeChange(plain, rules);
  } catch (error) {
    if (!isCode(error, 'CODEC_MALFORMED')) throw error;
    return undefined;
  }
}

/** The lists of one content, as they are made; holds one ref for each level, however long the file is. */
export class ListsReadBack {
  readonly #rules: ContentRules;
  readonly #size: number;
  /** The last ref of each level: only when another follows is it known not to be the last of all. */
  readonly #waiting: ChunkRef[] = [];
  #sum = 0;
  #broken: string | undefined;

  constructor(rules: ContentRules, size: number) {
    this.#rules = rules;
    this.#size = size;
  }

  /** A list whose refs are of `level`: in their order, those of one level. */
  add(level: number, plain: Uint8Array): void {
    for (const ref of decodeRefs(plain)) {
      this.#judge(level, false);
      this.#waiting[level] = ref;
      if (level === 0) this.#sum += ref.length;
    }
  }

  /** What a reader would find broken, in words; undefined when nothing is. */
  end(): string | undefined {
    for (const level of this.#waiting.keys()) this.#judge(level, true);
    const adds = this.#waiting.length === 0 || this.#sum === this.#size;
    return this.#broken ?? (adds ? undefined : `refs that add up to ${this.#size}`);
  }

  #judge(level: number, last: boolean): void {
    const ref = this.#waiting[level];
    if (ref) this.#broken ??= this.#rules.brokenRef(ref, level, last, this.#size);
  }
}

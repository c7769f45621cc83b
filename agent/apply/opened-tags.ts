/** The tags that a segment touches, and what was opened under each before it and in it. */
import type { Origin, Tag } from '#agent/core/ids.ts';
import type { ItemChange, Withdrawn } from '#agent/core/item.ts';
import { contentName } from '#agent/core/withdraw.ts';
import type { IngestState, OpenedTag, RecordsBatch } from './ports.ts';

export class OpenedTags {
  readonly #origin: Origin;
  readonly #tags: Map<Tag, OpenedTag | undefined>;
  readonly #changed = new Set<Tag>();

  private constructor(origin: Origin, tags: Map<Tag, OpenedTag | undefined>) {
    this.#origin = origin;
    this.#tags = tags;
  }

  static async load(state: IngestState, origin: Origin, tags: readonly Tag[]): Promise<OpenedTags> {
    const all = [...new Set(tags)];
    const found = await state.opened(origin, all);
    return new OpenedTags(origin, new Map(all.map((tag, i) => [tag, found[i]])));
  }

  /** A record was opened. `before`: what a withheld one had taken from its tag and is for this node again. */
  opened(tag: Tag, seq: number, { path, state }: ItemChange, before: readonly string[]): void {
    const name = state.kind === 'yield' ? undefined : contentName(state);
    const known = this.#tags.get(tag);
    const contents = known?.path === path ? known.contents : [];
    if (contents.some((one) => one.seq === seq)) return;
    const again = before.map((each) => ({ seq: 0, name: each }));
    const fresh = name === undefined ? [] : [{ seq, name }];
    this.#set(tag, { path, contents: [...again, ...contents, ...fresh] });
  }

  /** A record stays closed: what came under its tag before is withdrawn, once. Undefined when nothing did. */
  withheld(tag: Tag, seq: number): { readonly path: string; readonly mark: Withdrawn } | undefined {
    const known = this.#tags.get(tag);
    const earlier = known?.contents.filter((one) => one.seq < seq) ?? [];
    if (!known || earlier.length === 0) return undefined;
    this.#set(tag, { ...known, contents: known.contents.filter((one) => one.seq > seq) });
    const contents = [...new Set(earlier.map(({ name }) => name))];
    return { path: known.path, mark: { author: this.#origin, seq, contents } };
  }

  /** What a withheld record of the tag would be of. */
  pathOf(tag: Tag): string | undefined {
    return this.#tags.get(tag)?.path;
  }

  put(batch: Pick<RecordsBatch, 'putOpened'>): void {
    for (const tag of this.#changed) {
      const opened = this.#tags.get(tag);
      if (opened) batch.putOpened(this.#origin, tag, opened);
    }
  }

  #set(tag: Tag, opened: OpenedTag): void {
    this.#tags.set(tag, opened);
    this.#changed.add(tag);
  }
}

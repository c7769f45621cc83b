/** The tags that a segment touches, and which item was opened under each before it and in it. */
import type { Origin, Tag } from '#agent/core/ids.ts';
import type { Brought } from '#agent/core/item.ts';
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

  /** A record was opened: written down once for a tag, since its contents are known from the history of the path. */
  opened(tag: Tag, path: string): void {
    if (this.#tags.get(tag)?.path !== path) this.#set(tag, { path, contents: [] });
  }

  /** What an earlier version wrote down under the tag, before there was a history of paths; once. */
  withheld(tag: Tag, seq: number): readonly Brought[] {
    const known = this.#tags.get(tag);
    const earlier = known?.contents.filter((one) => one.seq < seq) ?? [];
    if (known && earlier.length > 0)
      this.#set(tag, { ...known, contents: known.contents.filter((one) => one.seq >= seq) });
    return earlier.map(({ seq: at, name }) => ({ author: this.#origin, seq: at, name, over: false }));
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

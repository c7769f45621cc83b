/**
 * What label files said when they were last read. A file that is gone, with its folder still there, says it yet: only a
 * file that says something else ends it. Kept sealed: a pattern may hold a name.
 */
import type { LabelRule } from './label-rules.ts';
import type { PathTags } from './path-tags.ts';

export type Texts = ReadonlyMap<string, readonly LabelRule[]>;

export class LabelTexts {
  readonly #tags: PathTags;
  #texts: Texts;
  #sealed: readonly string[];

  constructor(tags: PathTags, sealed: readonly string[]) {
    this.#tags = tags;
    this.#sealed = sealed;
    this.#texts = new Map(sealed.map((one) => JSON.parse(tags.open(one)) as [string, LabelRule[]]));
  }

  get entries(): readonly string[] {
    return this.#sealed;
  }

  /** By the folder of the file; '' for the root. */
  get all(): Texts {
    return this.#texts;
  }

  /** Whether that changed anything. */
  keep(texts: Texts): boolean {
    const sealed = [...texts].map((one) => this.#tags.seal(JSON.stringify(one))).toSorted();
    if (sealed.length === this.#sealed.length && sealed.every((one, i) => one === this.#sealed[i]))
      return false;
    this.#sealed = sealed;
    this.#texts = new Map(texts);
    return true;
  }
}

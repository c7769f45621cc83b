/**
 * What a file holds may be an item that was published before, by whomever, renamed or copied: then it keeps at least the
 * class of that, or a rename would lower a label. Found by size and hash among what this disk holds, what the feeds have
 * and this disk has not, or not yet, and what was published once and stands no more: of a rename the end is often seen first, and what comes back may have been away
 * for long.
 */
import { parseLabelClass } from '#agent/core/clearance.ts';
import { type Origin, originKey } from '#agent/core/ids.ts';
import { type ItemState, type RemoteState, sameContent } from '#agent/core/item.ts';
import { highestLabel, type Label, labelClass } from '#agent/core/label.ts';
import type { LabelDecisions } from '#agent/core/label-decisions.ts';
import { standing } from '#agent/core/merge.ts';
import type { Former } from '#agent/feed/history.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';

export interface KinParts {
  readonly state: Pick<SpaceState, 'pathsOf' | 'comingAt' | 'rows' | 'history'>;
  readonly decisions: LabelDecisions;
  /** Whether anything here gives labels; else all carry the highest. */
  readonly any: () => boolean;
  readonly classOf: (author: Origin, epoch: number) => Promise<string | undefined>;
  /** Whether a feed is one of this node's lives. */
  readonly isOwn: (author: Origin) => boolean;
}

export class Kin {
  readonly #parts: KinParts;

  constructor(parts: KinParts) {
    this.#parts = parts;
  }

  /** At least `given`. */
  async classFor(path: string, state: ItemState, given: string): Promise<string> {
    const own = parseLabelClass(given);
    if (!own || !this.#parts.any() || state.kind !== 'file' || state.size === 0) return given;
    const known = this.#parts.state;
    const others = (of: readonly string[]) => known.rows(of.filter((other) => other !== path));
    const coming = (await others(await known.comingAt(state))).flatMap((row) => standing(row?.remote));
    const published = [
      ...(await others(await known.pathsOf(state))).flatMap((row) => standing(row?.remote)),
      ...coming.filter((record) => sameContent(record.state, state)),
    ];
    const [here] = await known.rows([path]);
    const wasHere = here?.remote !== undefined && this.#isAsPublished(here.remote, state);
    let label = own;
    // Asked in this order: what goes meanwhile is found among what was.
    for (const record of [...published, ...(await known.history.formerOf(state))]) {
      const floor = await this.#floor(wasHere ? path : undefined, record);
      if (floor) label = highestLabel(label, floor);
    }
    return labelClass(label);
  }

  #isAsPublished({ author, state: published }: RemoteState, state: ItemState): boolean {
    return this.#parts.isOwn(author) && sameContent(published, state);
  }

  /**
   * What it was published under, as far as no decision on `path` came after that. Undefined where this content comes to
   * the path only now: a decision on a place says nothing of what is put there later.
   */
  async #floor(path: string | undefined, { author, epoch, seq }: Former): Promise<Label | undefined> {
    const { classOf, decisions, isOwn } = this.#parts;
    const published = parseLabelClass((await classOf(author, epoch)) ?? '');
    // Another node's label is not this one's to lower.
    const feed = isOwn(author) ? originKey(author) : undefined;
    return published && path !== undefined ? decisions.floor(path, published, { feed, seq }) : published;
  }
}

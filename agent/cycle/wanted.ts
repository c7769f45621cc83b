/** Chunks that this node wants: the next exchange with anyone who might have them asks again. */
import type { ChunkId, NodeId, SpaceId } from '#agent/core/ids.ts';
import type { Wanted } from '#agent/exchange/peer.ts';

export interface Want extends Wanted {
  /** Asked of everyone; else of the author alone, since others have brought enough copies. */
  readonly open: boolean;
}

/** The oldest want is forgotten beyond this many; whoever wants it asks again anyway. */
const maxWanted = 512;

const keyOf = ({ author, id }: Wanted): string => author + id;

export class WantList {
  readonly #spaces = new Map<SpaceId, Map<string, Want>>();

  /** Whether any of them is new: then others should be told. */
  add(space: SpaceId, wants: readonly Want[]): boolean {
    const wanted = this.#spaces.get(space) ?? new Map<string, Want>();
    this.#spaces.set(space, wanted);
    let isNew = false;
    for (const want of wants) {
      const known = wanted.get(keyOf(want));
      const open = want.open || known?.open === true;
      if (!known || known.open !== open) isNew = true;
      wanted.set(keyOf(want), { ...want, open });
      if (wanted.size > maxWanted) forgetOldest(wanted);
    }
    return isNew;
  }

  /** Whoever their author is said to be. */
  got(space: SpaceId, ids: readonly ChunkId[]): void {
    const wanted = this.#spaces.get(space);
    if (!wanted || wanted.size === 0) return;
    const came = new Set(ids);
    for (const [key, { id }] of wanted) if (came.has(id)) wanted.delete(key);
  }

  /** From their author itself. */
  gotFrom(author: NodeId, space: SpaceId, ids: readonly ChunkId[]): void {
    const wanted = this.#spaces.get(space);
    for (const id of ids) wanted?.delete(keyOf({ author, id }));
  }

  /** What `node` is asked for. */
  list(space: SpaceId, node: NodeId): readonly Wanted[] {
    const wants = [...(this.#spaces.get(space)?.values() ?? [])];
    return wants
      .filter(({ open, author }) => open || author === node)
      .map(({ author, id }) => ({ author, id }));
  }
}

function forgetOldest(wanted: Map<string, Want>): void {
  for (const key of wanted.keys()) {
    wanted.delete(key);
    return;
  }
}

/**
 * Chunks that are wanted of this node's peers: the next exchange with anyone who might have them asks again. Nobody can
 * tell a chunk that was lost from an id that never was one, so each who asks has a share, and what it asks for in vain
 * keeps its place for a while: a member that asks for ever new ones makes no others busy.
 */
import type { ChunkId, NodeId, SpaceId } from '#agent/core/ids.ts';
import type { Wanted } from '#agent/exchange/peer.ts';
import { maxWantedIds } from '#agent/exchange/limits.ts';
import type { Clock } from '#agent/sys/clock.ts';

export interface Want extends Wanted {
  /** Asked of everyone; else of the author alone, since others have brought enough copies. */
  readonly open: boolean;
}

/** Of one who asks in one space; what comes later waits. Whoever wants it asks again anyway. */
const maxWanted = maxWantedIds;
/** A want that nobody could fulfil makes room for others after so long. */
const keptMs = 60_000;
/** So often others are told at once that there is something new; else they find it at their next look. */
const tellsAtOnce = 16;
const tellsPerSecond = 1;

const keyOf = ({ author, id }: Wanted): string => author + id;

interface Asker {
  readonly wants: Map<string, Want & { readonly since: number }>;
  /** Something new came when others could not be told at once: they are at its next question. */
  untold: boolean;
  /** How often others may be told now, as of `at` (monotonic ms). */
  tells: number;
  at: number;
}

export class WantList {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #spaces = new Map<SpaceId, Map<NodeId, Asker>>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Of who asked for them, which may be this node itself. True when others should be told. */
  add(space: SpaceId, asker: NodeId, wants: readonly Want[]): boolean {
    const now = this.#clock.monotonic();
    const of = this.#of(space, asker, now);
    for (const want of wants) {
      const known = of.wants.get(keyOf(want));
      if (!known && of.wants.size >= maxWanted && !forgetOldest(of.wants, now)) continue;
      const open = want.open || known?.open === true;
      if (!known || known.open !== open) of.untold = true;
      of.wants.set(keyOf(want), { ...want, open, since: known?.since ?? now });
    }
    if (!of.untold || of.tells < 1) return false;
    of.untold = false;
    of.tells -= 1;
    return true;
  }

  #of(space: SpaceId, asker: NodeId, now: number): Asker {
    const askers = this.#spaces.get(space) ?? new Map<NodeId, Asker>();
    this.#spaces.set(space, askers);
    const of = askers.get(asker) ?? { wants: new Map(), untold: false, tells: tellsAtOnce, at: now };
    askers.set(asker, of);
    of.tells = Math.min(tellsAtOnce, of.tells + ((now - of.at) / 1000) * tellsPerSecond);
    of.at = now;
    return of;
  }

  /** Whoever their author is said to be. */
  got(space: SpaceId, ids: readonly ChunkId[]): void {
    const came = new Set(ids);
    for (const { wants } of this.#askers(space))
      for (const [key, { id }] of wants) if (came.has(id)) wants.delete(key);
  }

  /** From their author itself. */
  gotFrom(author: NodeId, space: SpaceId, ids: readonly ChunkId[]): void {
    for (const { wants } of this.#askers(space)) for (const id of ids) wants.delete(keyOf({ author, id }));
  }

  /** What `node` is asked for: of each who asks in turn, as much as a reply takes. */
  list(space: SpaceId, node: NodeId): readonly Wanted[] {
    const each = this.#askers(space).map(({ wants }) =>
      [...wants.values()].filter(({ open, author }) => open || author === node),
    );
    const found = new Map<string, Wanted>();
    const longest = Math.max(0, ...each.map((wants) => wants.length));
    for (let i = 0; i < longest && found.size < maxWantedIds; i += 1)
      for (const wants of each) {
        const want = wants[i];
        if (want && found.size < maxWantedIds) found.set(keyOf(want), { author: want.author, id: want.id });
      }
    return [...found.values()];
  }

  #askers(space: SpaceId): readonly Asker[] {
    return [...(this.#spaces.get(space)?.values() ?? [])];
  }
}

/** Whether there was one that is old enough to go. */
function forgetOldest(wants: Asker['wants'], now: number): boolean {
  for (const [key, { since }] of wants) {
    if (now - since < keptMs) return false;
    return wants.delete(key);
  }
  return false;
}

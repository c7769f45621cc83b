/** Since when each space is in its state, for its reason: as far as somebody looked. One entry for each space. */
import type { SpaceSnapshot } from './snapshot.ts';

export class Since {
  readonly #known = new Map<string, { readonly what: string; readonly at: number }>();

  /** `now`: milliseconds since the Unix epoch. */
  noted(space: SpaceSnapshot, now: number): SpaceSnapshot {
    const what = `${space.state} ${space.reason ?? ''}`;
    const known = this.#known.get(space.space);
    // What a stall is of stands still for longer than it has been called one.
    const began = space.state === 'stalled' ? now - space.quietSeconds * 1000 : now;
    const at = known?.what === what ? known.at : began;
    this.#known.set(space.space, { what, at });
    return { ...space, since: new Date(at).toISOString() };
  }
}

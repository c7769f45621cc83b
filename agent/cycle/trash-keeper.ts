/** Looks after the trash of one space: what is over goes at night, what a program still saves into comes back. */
import type { Applier } from '#agent/apply/applier.ts';
import type { LateNotes } from '#agent/apply/late-writes.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import { parentOf } from '#agent/core/path.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import type { State } from '#agent/feed/state.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Nights } from '#agent/sys/lived-time.ts';
import { forgetDestroyed } from '#agent/apply/withdraw.ts';

export interface TrashKeeperParts {
  readonly clock: Clock;
  readonly nights: Nights;
  readonly state: SpaceState;
  /** Needs no agreement: nothing is planned. */
  readonly applier: () => Applier;
  readonly lookSoon: (dir: string) => void;
}

/** How long a save into the trash may go unseen. */
const lookEveryMs = 2_000;

export class TrashKeeper {
  readonly #parts: TrashKeeperParts;

  constructor(parts: TrashKeeperParts) {
    this.#parts = parts;
  }

  /** Once a night. */
  async purge(days: number, signal: AbortSignal): Promise<number> {
    const { state, nights, applier } = this.#parts;
    await state.history.age(nights.count());
    await forgetDestroyed(state);
    return applier().purgeTrash(days, signal);
  }

  /** Runs until aborted; `contained` sees to what a look throws. */
  async run(signal: AbortSignal, contained: (look: () => Promise<void>) => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      await this.#parts.clock.sleep(lookEveryMs, signal).catch(() => undefined);
      if (!signal.aborted) await contained(() => this.look());
    }
  }

  /** The folder is looked at where copies have come back. */
  async look(): Promise<void> {
    const { applier, lookSoon } = this.#parts;
    for (const copy of await applier().lateWrites()) lookSoon(parentOf(copy));
  }
}

export const lateNotes = (state: Pick<State, 'getMeta' | 'putMeta'>, space: SpaceId): LateNotes => ({
  read: () => state.getMeta(`late/${space}`),
  write: (text) => state.putMeta(`late/${space}`, text),
});

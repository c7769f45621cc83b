/** When keys are rotated by the timetable. A time that passed while this node was off is made up for at its start. */
import type { SpaceId } from '#agent/core/ids.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { passedSince } from '#agent/sys/schedule.ts';

export interface TimetableParts {
  readonly cron: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Kept over restarts. */
  readonly known: {
    getMeta(name: string): Promise<string | undefined>;
    putMeta(name: string, value: string): Promise<void>;
  };
}

export class RotationTimetable {
  readonly #parts: TimetableParts;

  constructor(parts: TimetableParts) {
    this.#parts = parts;
  }

  /**
   * Runs `rotate` when a time of the timetable has passed since it last was, and notes that it was done. Its keys are
   * as new as this node when it asks for the first time. A clock set back makes nothing due; one that was ahead for a
   * while does not put off what comes next until then.
   */
  async look(space: SpaceId, rotate: () => Promise<unknown>): Promise<void> {
    const { cron, clock, known } = this.#parts;
    const now = clock.now();
    const last = Number(await known.getMeta(keyOf(space)));
    if (Number.isFinite(last) && last > 0) {
      if (last <= now && !passedSince(cron, last, now)) return;
      if (last <= now) await rotate();
    }
    await known.putMeta(keyOf(space), String(now));
  }
}

const keyOf = (space: SpaceId): string => `rotated/${space}`;

/** Keeps count of what the node has lived through, and tells when the wall clock is behind what is certainly over. */
import type { Emit } from '#agent/core/event.ts';
import { errnoCode } from '#agent/sys/errno.ts';
import type { LivedTime } from '#agent/sys/lived-time.ts';

export interface ClockWatchParts {
  readonly lived: LivedTime;
  /** The state directory. */
  readonly state: string;
  readonly emit: Emit;
}

export class ClockWatch {
  readonly #parts: ClockWatchParts;
  #isBehind = false;

  constructor(parts: ClockWatchParts) {
    this.#parts = parts;
  }

  /** To be called every few seconds. A count that cannot be written goes on in memory, and is tried again. */
  async tick(): Promise<void> {
    const { lived, state: dir, emit } = this.#parts;
    try {
      await lived.tick();
    } catch (error) {
      const details = { dir, reason: errnoCode(error) ?? String(error) };
      emit({ type: 'error', code: 'STATE_WRITE_FAILED', details });
    }
    this.#tell(lived.behind());
  }

  /** Once when it turns out, and once when it is over. */
  #tell(behind: number | undefined): void {
    const { emit } = this.#parts;
    if (behind !== undefined && !this.#isBehind) {
      const minutes = Math.floor(behind / 60_000);
      emit({ type: 'error', code: 'CLOCK_BEHIND', details: { minutes } });
    } else if (behind === undefined && this.#isBehind) {
      emit({ type: 'note', code: 'CLOCK_RIGHT', details: {} });
    }
    this.#isBehind = behind !== undefined;
  }
}

/** What kept turns from coming to their end: it is told, and they are taken again. */
import { asFault, type Details, DongboError, type Halt, isFatal } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import type { Clock } from '#agent/sys/clock.ts';
import { errnoCode } from '#agent/sys/errno.ts';

/** `since`: milliseconds since the Unix epoch. */
export interface TurnFault {
  readonly code: string;
  readonly details: Details;
  readonly since: number;
}

const restMs = 2_000;
/** After a fault of our own that came back in each turn so far. */
const longestMs = 60_000;

export class TurnFaults {
  readonly #parts: { readonly space: SpaceId; readonly emit: Emit; readonly clock: Clock };
  /** Turns running that a fault of our own has ended. */
  #own = 0;
  #last: TurnFault | undefined;

  constructor(parts: { readonly space: SpaceId; readonly emit: Emit; readonly clock: Clock }) {
    this.#parts = parts;
  }

  /** Until a turn comes to its end. */
  get last(): TurnFault | undefined {
    return this.#last;
  }

  over(): void {
    this.#own = 0;
    this.#last = undefined;
  }

  /**
   * Rethrows what this process cannot go on with: a state that can no longer be written. A fault of our own halts this
   * space alone, and it is tried again; `restMs` is how long to rest before that.
   */
  tell(error: unknown): { readonly restMs: number; readonly halt?: Halt } {
    const { space } = this.#parts;
    if (isFatal(error)) throw error;
    const errno = errnoCode(error);
    if (errno !== undefined && !(error instanceof DongboError)) {
      const code = isUnwritable(errno) ? 'FOLDER_UNWRITABLE' : 'SPACE_DISK_ERROR';
      return this.#told(code, { space, errno });
    }
    const { code, details } = asFault(error);
    if (code !== 'OWN_FAULT') return this.#told(code, details);
    this.#own += 1;
    const rest = Math.min(restMs * 2 ** Math.min(this.#own, 10), longestMs);
    return { restMs: rest, halt: { code, details, needsRelease: false } };
  }

  /** The turn is taken again; until one comes to its end the status says why none did. */
  #told(code: string, details: Details): { readonly restMs: number } {
    const { emit, clock } = this.#parts;
    if (this.#last?.code !== code) this.#last = { code, details, since: clock.now() };
    emit({ type: 'error', code, details });
    return { restMs };
  }
}

const isUnwritable = (errno: string): boolean => ['EACCES', 'EPERM', 'EROFS'].includes(errno);

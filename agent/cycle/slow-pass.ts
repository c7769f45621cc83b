/**
 * Looks at all that is known, slowly and all the time, between turns: the watch does not hear of writes through a memory map
 * or another hard link, and the timetable's look is far off. Costs a hundredth of the time; what differs is looked at.
 */
import { isFatal } from '#agent/core/errors.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import { type Observation, scanTree } from '#agent/store/scan.ts';
import type { Store } from '#agent/store/store.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { PutOff } from './put-off.ts';

export interface SlowPassParts {
  readonly store: Store;
  readonly state: SpaceState;
  readonly clock: Clock;
  readonly putOff: Pick<PutOff, 'waits'>;
  /** Whether the tree was looked through, nothing is halted, and no turn is under way: that one sees more, and is not held up. */
  readonly mayLook: () => boolean;
  readonly lookSoon: (dir: string) => void;
}

/** Rests so many times as long as it worked. */
const restPerWork = 99;
/** Works for about so long at a stretch. */
const stretchMs = 10;
/** From the end of a pass to the next, at least. */
const betweenMs = 5_000;
const heldUpMs = 500;

export class SlowPass {
  readonly #parts: SlowPassParts;
  #workedMs = 0;

  constructor(parts: SlowPassParts) {
    this.#parts = parts;
  }

  /** Until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#pass(signal);
      } catch (error) {
        // What keeps it from looking keeps the next turn too, which tells.
        if (isFatal(error)) throw error;
      }
      await this.#rest(betweenMs, signal).catch(() => undefined);
    }
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { clock, lookSoon, mayLook } = this.#parts;
    const stack = [''];
    for (let dir = stack.pop(); dir !== undefined; dir = stack.pop()) {
      if (this.#workedMs >= stretchMs) await this.#rest(0, signal);
      while (!mayLook()) await clock.sleep(heldUpMs, signal);
      const started = clock.monotonic();
      if (await this.#differs(dir, stack, signal)) lookSoon(dir);
      this.#workedMs += clock.monotonic() - started;
    }
  }

  async #rest(leastMs: number, signal: AbortSignal): Promise<void> {
    const ms = Math.max(leastMs, this.#workedMs * restPerWork);
    this.#workedMs = 0;
    await this.#parts.clock.sleep(ms, signal);
  }

  async #differs(dir: string, below: string[], signal: AbortSignal): Promise<boolean> {
    const { store, state: index } = this.#parts;
    let differs = false;
    for await (const seen of scanTree({ store, index, under: dir, recursive: false, signal })) {
      if (seen.type === 'same' && seen.found.kind === 'dir') below.push(seen.found.path);
      differs ||= await this.#isNews(seen);
    }
    return differs;
  }

  /** What is a problem already, or waits for its turn, is no news. */
  async #isNews(seen: Observation): Promise<boolean> {
    if (seen.type === 'same' || seen.type === 'problem') return false;
    const path = seen.type === 'gone' ? seen.path : seen.found.path;
    return !this.#parts.putOff.waits(path) && (await this.#parts.state.problem(path)) === undefined;
  }
}

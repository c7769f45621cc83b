/** Hints on their way to the agent: one per directory, given when the directory is quiet, and never more than a bound. */
import type { Clock } from '#agent/sys/clock.ts';
import type { Hint } from './store.ts';

/** A directory is given this long after its last event, and at the latest this long after its first. */
const quietMs = 60;
const latestMs = 500;
/** More directories than this at once: looking everywhere is cheaper than a longer list. */
export const maxHints = 4096;

export class HintQueue {
  readonly #clock: Clock;
  /** Directory → when its first and last event came; in order of the first. */
  #fresh = new Map<string, { readonly first: number; last: number }>();
  #due = new Set<string>();
  #all: string | undefined;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  dir(path: string): void {
    if (this.#all !== undefined || this.#due.has(path)) return;
    const now = this.#clock.monotonic();
    const waiting = this.#fresh.get(path);
    if (waiting) waiting.last = now;
    else this.#fresh.set(path, { first: now, last: now });
    if (this.#fresh.size + this.#due.size > maxHints) this.all('too many changes at once');
    else if (!waiting) this.#wake?.();
  }

  all(reason: string): void {
    this.#fresh.clear();
    this.#due.clear();
    this.#all = reason;
    this.#wake?.();
  }

  /** Ends when the signal aborts. An event that comes while a hint is being handled gives a new hint. */
  async *read(signal: AbortSignal): AsyncGenerator<Hint> {
    while (!signal.aborted) {
      const hint = this.#take();
      if (hint) yield hint;
      else await this.#wait(signal);
    }
  }

  #take(): Hint | undefined {
    if (this.#all !== undefined) {
      const reason = this.#all;
      this.#all = undefined;
      return { kind: 'all', reason };
    }
    if (this.#due.size === 0) this.#ripen();
    for (const path of this.#due) {
      this.#due.delete(path);
      return { kind: 'dir', path };
    }
    return undefined;
  }

  #ripen(): void {
    const now = this.#clock.monotonic();
    for (const [path, { first, last }] of this.#fresh) {
      if (now - last < quietMs && now - first < latestMs) continue;
      this.#fresh.delete(path);
      this.#due.add(path);
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#fresh.size > 0) return this.#clock.sleep(this.#nextMs(), signal).catch(() => undefined);
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    this.#wake = wake;
    signal.addEventListener('abort', wake);
    if (!signal.aborted) await promise;
    signal.removeEventListener('abort', wake);
    this.#wake = undefined;
  }

  #nextMs(): number {
    const now = this.#clock.monotonic();
    let next = quietMs;
    for (const { first, last } of this.#fresh.values())
      next = Math.min(next, last + quietMs - now, first + latestMs - now);
    return Math.max(1, Math.ceil(next));
  }
}

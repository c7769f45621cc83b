/**
 * What could not be read as it stands: files that change while they are read, and what the disk refuses. Each is looked
 * at again by itself, ever more seldom, whatever the watch hears; reading one takes at most a tenth of the time.
 */
import type { Problem } from '#agent/core/errors.ts';
import { parentOf } from '#agent/core/path.ts';
import type { Clock } from '#agent/sys/clock.ts';

/** `changing`: none of what it holds is read. `growing`: what it held at first is, and more has come. */
export type Trouble = 'changing' | 'growing' | 'failed';

/** For the status. `since`: milliseconds since the Unix epoch. */
export interface PutOffFacts {
  readonly changing?: { readonly files: number; readonly since: number };
  readonly growing?: { readonly files: number };
}

interface Entry {
  readonly trouble: Trouble;
  readonly dir: string;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  readonly tries: number;
  /** Monotonic: from when on it may be read, when it is looked at by itself. */
  readonly free: number;
  readonly next: number;
  /** Holds what nobody has read. */
  unread: boolean;
  asked: boolean;
}

/** Beyond so many the hints and the timetable must do. */
const maxEntries = 10_000;
const most = { changing: 10_000, growing: 10_000, failed: 60_000 } as const;
const least = { changing: 500, growing: 500, failed: 2_000 } as const;
/** A tenth of the time is for reading. */
const restPerRead = 9;

export class PutOff {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `tookMs`: what the try has cost. `dir` is to be looked at for the next one. Returns how often it was so, and since when. */
  met(path: string, trouble: Trouble, of: { dir: string; tookMs: number; unread: boolean }) {
    const before = this.#entries.get(path);
    const same = before?.trouble === trouble ? before : undefined;
    const [tries, since] = [(same?.tries ?? 0) + 1, same?.since ?? this.#clock.now()];
    if (!before && this.#entries.size >= maxEntries) return { tries, since };
    const now = this.#clock.monotonic();
    const free = now + of.tookMs * restPerRead;
    const pause = Math.min(least[trouble] * 2 ** Math.min(tries - 1, 16), most[trouble]);
    const next = Math.max(free, now + pause);
    const { dir, unread } = of;
    this.#entries.set(path, { trouble, dir, since, tries, free, next, unread, asked: false });
    return { tries, since };
  }

  /** It was found changed: whether it must wait all the same, for reading it has just cost much. */
  waits(path: string): boolean {
    const entry = this.#entries.get(path);
    if (!entry || this.#clock.monotonic() >= entry.free) return false;
    entry.unread = true;
    return true;
  }

  over(path: string): void {
    this.#entries.delete(path);
  }

  /** It holds what was read. What grows is read no sooner for that. */
  same(path: string): void {
    const entry = this.#entries.get(path);
    if (entry?.trouble === 'growing') entry.unread = false;
    else this.#entries.delete(path);
  }

  /** Directories to look at now. */
  due(): string[] {
    const now = this.#clock.monotonic();
    const due = [...this.#entries.values()].filter(({ asked, next }) => !asked && next <= now);
    for (const entry of due) entry.asked = true;
    return due.filter(({ unread }) => unread).map(({ dir }) => dir);
  }

  /** After a look: what was due and not met again is over. */
  looked(): void {
    for (const [path, { asked }] of this.#entries) if (asked) this.#entries.delete(path);
  }

  /** Milliseconds until something is due. */
  dueIn(): number {
    let next = Infinity;
    for (const entry of this.#entries.values()) if (!entry.asked) next = Math.min(next, entry.next);
    return Math.max(0, next - this.#clock.monotonic());
  }

  facts(): PutOffFacts {
    const unread = [...this.#entries.values()].filter((entry) => entry.unread);
    const changing = unread.filter(({ trouble }) => trouble === 'changing');
    const growing = unread.filter(({ trouble }) => trouble === 'growing').length;
    const since = Math.min(...changing.map((entry) => entry.since));
    return {
      ...(changing.length > 0 ? { changing: { files: changing.length, since } } : {}),
      ...(growing > 0 ? { growing: { files: growing } } : {}),
    };
  }
}

/** A directory or an item that could not be looked at. Other problems of a listing are no matter of time. */
export function putOffListing(putOff: PutOff, { code, path }: Problem): void {
  if (code !== 'STORE_LIST_FAILED' && code !== 'STORE_LOOK_FAILED') return;
  const dir = code === 'STORE_LIST_FAILED' ? path : parentOf(path);
  putOff.met(path, 'failed', { dir, tookMs: 0, unread: true });
}

/**
 * Requests that bring something are held in memory while their bodies come, so there are only so many places; each member
 * has a few, and others wait in line. Who is too slow while another waits gives its place up and is told to come back:
 * nobody holds up the others by being slow, and a slow line is served as long as there is room.
 */
import { DongboError } from '#agent/core/errors.ts';
import type { NodeId } from '#agent/core/ids.ts';
import type { Clock } from '#agent/sys/clock.ts';

export interface UploadLimits {
  readonly places: number;
  readonly perMember: number;
  /** Slower than this, since its body began, is slow; not before `graceMs`. */
  readonly leastBytesPerSecond: number;
  readonly graceMs: number;
}

/** What a request does with its place. */
export interface Place {
  /** Aborted with PEER_BUSY when the place is lost. */
  readonly signal: AbortSignal;
  /** The body as it comes, counted; it throws when the place is lost. */
  counted(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

interface Holder {
  readonly member: NodeId;
  readonly since: number;
  readonly stop: AbortController;
  bytes: number;
  /** Its body is still coming. */
  comes: boolean;
}

interface Waiter {
  readonly member: NodeId;
  readonly enter: () => void;
}

const lookMs = 1_000;

export class UploadPlaces {
  readonly #limits: UploadLimits;
  readonly #clock: Clock;
  readonly #holders = new Set<Holder>();
  /** Bounded by the admission of requests. */
  #waiting: Waiter[] = [];
  #looking = false;

  constructor(limits: UploadLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  async run<T>(member: NodeId, work: (place: Place) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    // Looked for and taken in one step: also of those that wake up together each finds its own.
    while (!this.#hasRoom(member)) await this.#turn(member, signal);
    const holder: Holder = {
      ...{ member, since: this.#clock.monotonic(), bytes: 0, comes: false },
      stop: new AbortController(),
    };
    this.#holders.add(holder);
    try {
      const counted = (body: AsyncIterable<Uint8Array>) => this.#counted(holder, body);
      return await work({ signal: AbortSignal.any([signal, holder.stop.signal]), counted });
    } finally {
      this.#holders.delete(holder);
      this.#next();
    }
  }

  async *#counted(holder: Holder, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const source = body[Symbol.asyncIterator]();
    const { signal } = holder.stop;
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => undefined);
    signal.addEventListener('abort', () => lost.reject(signal.reason), { once: true });
    holder.comes = true;
    try {
      for (;;) {
        const next = await Promise.race([source.next(), lost.promise]);
        if (next.done) return;
        holder.bytes += next.value.length;
        yield next.value;
      }
    } finally {
      holder.comes = false;
      // A body that stands still would not be left before its next piece.
      void Promise.resolve(source.return?.()).catch(() => undefined);
    }
  }

  #turn(member: NodeId, signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const waiter = { member, enter: resolve };
      this.#waiting.push(waiter);
      const gone = () => {
        this.#waiting = this.#waiting.filter((one) => one !== waiter);
        reject(signal.reason);
      };
      signal.addEventListener('abort', gone, { once: true });
      void this.#look();
    });
  }

  #hasRoom(member: NodeId): boolean {
    const { places, perMember } = this.#limits;
    return this.#holders.size < places && this.#of(member) < perMember;
  }

  #of(member: NodeId): number {
    return [...this.#holders].filter((holder) => holder.member === member).length;
  }

  /** The first in line that has room. */
  #next(): void {
    const at = this.#waiting.findIndex(({ member }) => this.#hasRoom(member));
    const [first] = at < 0 ? [] : this.#waiting.splice(at, 1);
    first?.enter();
  }

  /** While anybody waits, those who are too slow lose their places: its own for a member, all for the house. */
  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    while (this.#waiting.length > 0) {
      for (const { member } of this.#waiting) this.#free(member);
      await this.#clock.sleep(lookMs, new AbortController().signal);
    }
    this.#looking = false;
  }

  #free(waiting: NodeId): void {
    const isFull = this.#holders.size >= this.#limits.places;
    const slow = [...this.#holders].find(
      (holder) => (isFull || holder.member === waiting) && this.#isSlow(holder),
    );
    slow?.stop.abort(new DongboError('PEER_BUSY', {}, { retry: 'later' }));
  }

  #isSlow({ comes, since, bytes, stop }: Holder): boolean {
    const { leastBytesPerSecond, graceMs } = this.#limits;
    const ms = this.#clock.monotonic() - since;
    return comes && !stop.signal.aborted && ms > graceMs && bytes < (leastBytesPerSecond * ms) / 1000;
  }
}

/**
 * What an agent was brought and has not used. Nobody can tell whether a record will ever name it, so of each member only
 * so much is kept: the oldest goes first, and what is older than a day that this node has lived through goes anyway. What
 * a record names after all is found missing, wanted, and brought again.
 */
import { type CopyKey, type Pusher, pusherIn } from './copy-key.ts';

export interface WaitingLimits {
  /** Bytes of one member in all spaces. */
  readonly bytes: number;
  readonly copies: number;
  /** By a clock that never goes back. */
  readonly ageMs: number;
}

interface Of {
  bytes: number;
  /** The oldest first. */
  readonly copies: Map<CopyKey, { readonly bytes: number; readonly since: number }>;
}

export class WaitingCopies {
  readonly #limits: () => WaitingLimits;
  readonly #of = new Map<Pusher, Of>();

  /** `limits` may follow from the disk. */
  constructor(limits: () => WaitingLimits) {
    this.#limits = limits;
  }

  add(key: CopyKey, bytes: number, now: number): void {
    const pusher = pusherIn(key);
    const of = this.#of.get(pusher) ?? { bytes: 0, copies: new Map() };
    this.#of.set(pusher, of);
    if (of.copies.has(key)) return;
    of.copies.set(key, { bytes, since: now });
    of.bytes += bytes;
  }

  remove(key: CopyKey): void {
    const of = this.#of.get(pusherIn(key));
    const copy = of?.copies.get(key);
    if (!of || !copy) return;
    of.copies.delete(key);
    of.bytes -= copy.bytes;
    if (of.copies.size === 0) this.#of.delete(pusherIn(key));
  }

  /** What is to go. It stays in here until `remove`. */
  due(now: number): CopyKey[] {
    const { bytes: most, copies: many, ageMs } = this.#limits();
    const due: CopyKey[] = [];
    for (const { bytes, copies } of this.#of.values()) {
      let [left, count] = [bytes, copies.size];
      for (const [key, copy] of copies) {
        if (left <= most && count <= many && now - copy.since < ageMs) break;
        due.push(key);
        left -= copy.bytes;
        count -= 1;
      }
    }
    return due;
  }
}

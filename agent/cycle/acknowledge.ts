/**
 * When receipts are signed: for each author whose every change is applied here. An item that can never be placed holds
 * up those who have a hand in it, and nobody else.
 */
import { originKey } from '#agent/core/ids.ts';
import type { Row } from '#agent/core/item.ts';
import { standing, withAgreed } from '#agent/core/merge.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { NodeSpace } from './node-space.ts';

export interface AcknowledgerParts {
  readonly own: NodeSpace;
  readonly clock: Clock;
  /** Called when everything that was received is on this disk. */
  readonly settled: () => Promise<void>;
  /** Called at each turn, whatever waits. */
  readonly each: () => Promise<void>;
}

const pathsPerRead = 256;
/** A look through what waits takes at most so large a part of the time. */
const restFactor = 20;

export class Acknowledger {
  readonly #parts: AcknowledgerParts;
  #notBefore = 0;

  constructor(parts: AcknowledgerParts) {
    this.#parts = parts;
  }

  /** After each turn. */
  async run(): Promise<void> {
    const { own, settled, each } = this.#parts;
    await each();
    if (own.state.pendingCount() > 0) return this.#some();
    await settled();
    // Alone with the rows: what arrives meanwhile moves a head together with its want-list.
    await own.state.exclusive(async () => {
      if (own.state.pendingCount() === 0) await own.receipts.acknowledge();
    });
  }

  /** What arrives after the heads were read is not vouched for, so what waits need not be looked at alone. */
  async #some(): Promise<void> {
    const { own, clock } = this.#parts;
    const began = clock.monotonic();
    if (began < this.#notBefore) return;
    const heads = await own.receipts.due();
    const free = new Set(heads.map(({ origin }) => originKey(origin)));
    await this.#strikeOut(free);
    const done = heads.filter(({ origin }) => free.has(originKey(origin)));
    if (done.length > 0) await own.receipts.acknowledge(done);
    const now = clock.monotonic();
    this.#notBefore = now + (now - began) * restFactor;
  }

  /** Takes from `free` the feeds that have a hand in what waits, until none is left. */
  async #strikeOut(free: Set<string>): Promise<void> {
    const { state } = this.#parts.own;
    let page: string[] = [];
    for await (const path of state.pending()) {
      if (free.size === 0) return;
      page.push(path);
      if (page.length < pathsPerRead) continue;
      strike(free, await state.rows(page));
      page = [];
    }
    strike(free, await state.rows(page));
  }
}

/**
 * Every author of a record that still stands: which of them the disk follows is not settled while the item waits. And
 * who has withdrawn it: the receipt says that this is done.
 */
function strike(free: Set<string>, rows: readonly (Row | undefined)[]): void {
  for (const row of rows)
    for (const { author } of [...standing(withAgreed(row?.remote, row?.agreed)), ...(row?.withdrawn ?? [])])
      free.delete(originKey(author));
}

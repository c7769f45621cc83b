/**
 * Notices that events may have been lost. The kernel drops them when its queue is full, and Node does not tell. But
 * Node empties that queue in one turn of its loop: a turn with about as many events as it holds may follow a loss.
 */
export class Flood {
  readonly #suspicious: number;
  readonly #lost: () => void;
  #inTurn = 0;

  /** `queued` is fs.inotify.max_queued_events. Half of it counts, since events of dropped watches are not seen here. */
  constructor(queued: number, lost: () => void) {
    this.#suspicious = queued / 2;
    this.#lost = lost;
  }

  event(): void {
    if (this.#inTurn === 0) setImmediate(() => this.#endTurn());
    this.#inTurn += 1;
  }

  #endTurn(): void {
    if (this.#inTurn >= this.#suspicious) this.#lost();
    this.#inTurn = 0;
  }
}

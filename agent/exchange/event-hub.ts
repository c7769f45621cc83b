/**
 * Tells held-open streams that something moved. A reader that is slow gets the latest of each feed, not each step: its
 * queue is bounded by the number of feeds, and at `maxWaitingFeeds` the stream ends, so that the reader looks anew.
 */
import { DongboError } from '#agent/core/errors.ts';
import { type NodeId, originKey } from '#agent/core/ids.ts';
import type { PeerEvent } from './peer.ts';

export const maxWaitingFeeds = 4096;

interface Subscriber {
  readonly reader: NodeId;
  readonly concerns: (event: PeerEvent) => boolean;
  readonly waiting: Map<string, PeerEvent>;
  overflown: boolean;
  wake: () => void;
}

export class EventHub {
  readonly #subscribers = new Set<Subscriber>();

  /** Never waits. `cause` is the node whose request moved it: it knows already. */
  publish(event: PeerEvent, cause?: NodeId): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.reader === cause || !subscriber.concerns(event)) continue;
      const key = `${event.space}/${originKey(event.origin)}`;
      subscriber.waiting.delete(key);
      if (subscriber.waiting.size >= maxWaitingFeeds) subscriber.overflown = true;
      else subscriber.waiting.set(key, event);
      subscriber.wake();
    }
  }

  /** Open streams, for the status. */
  get size(): number {
    return this.#subscribers.size;
  }

  /**
   * Every event from the first `next()` on that `concerns` says yes to. Ends quietly when aborted; throws PEER_BUSY
   * when the reader has fallen too far behind.
   */
  async *subscribe(
    reader: NodeId,
    concerns: (event: PeerEvent) => boolean,
    signal: AbortSignal,
  ): AsyncGenerator<PeerEvent> {
    const subscriber: Subscriber = { reader, concerns, waiting: new Map(), overflown: false, wake: () => {} };
    const onAbort = () => subscriber.wake();
    signal.addEventListener('abort', onAbort);
    this.#subscribers.add(subscriber);
    try {
      while (!signal.aborted) {
        if (subscriber.overflown) throw new DongboError('PEER_BUSY', {}, { retry: 'later' });
        for (const [key, event] of subscriber.waiting) {
          subscriber.waiting.delete(key);
          yield event;
          break;
        }
        if (subscriber.waiting.size === 0 && !signal.aborted) await sleepUntilWoken(subscriber);
      }
    } finally {
      this.#subscribers.delete(subscriber);
      signal.removeEventListener('abort', onAbort);
    }
  }
}

const sleepUntilWoken = (subscriber: Subscriber): Promise<void> =>
  new Promise((resolve) => {
    subscriber.wake = resolve;
  });

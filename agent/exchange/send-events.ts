/** A held-open reply: a frame for each event, an empty frame at once and whenever it has been quiet. */
import type { ServerResponse } from 'node:http';
import type { Clock } from '#agent/sys/clock.ts';
import { frame } from './frames.ts';
import type { PeerEvent } from './peer.ts';
import { bytesType, write } from './reply.ts';
import { encodeEvent } from './wire-messages.ts';

export interface EventStream {
  readonly events: AsyncIterable<PeerEvent>;
  /** Asked for each event at the moment of sending: membership may have ended meanwhile. */
  readonly allowed: (event: PeerEvent) => boolean;
  readonly heartbeatMs: number;
  readonly clock: Clock;
  /** Called at each heartbeat. */
  readonly onBeat: () => void;
}

const heartbeat = new Uint8Array(4);

export async function sendEvents(
  res: ServerResponse,
  stream: EventStream,
  signal: AbortSignal,
): Promise<void> {
  res.writeHead(200, { 'content-type': bytesType });
  const source = stream.events[Symbol.asyncIterator]();
  try {
    // Listening begins before the caller is told so, or what happens in between would be lost.
    let next = source.next();
    next.catch(() => {});
    await write(res, heartbeat, signal);
    for (;;) {
      const came = await nextOrBeat(next, stream, signal);
      if (came === 'beat') {
        await write(res, heartbeat, signal);
        stream.onBeat();
        continue;
      }
      if (came.done) break;
      if (stream.allowed(came.value)) await write(res, frame(encodeEvent(came.value)), signal);
      next = source.next();
    }
  } finally {
    await source.return?.();
  }
  res.end();
}

async function nextOrBeat(
  next: Promise<IteratorResult<PeerEvent>>,
  { clock, heartbeatMs }: EventStream,
  signal: AbortSignal,
): Promise<IteratorResult<PeerEvent> | 'beat'> {
  const stop = new AbortController();
  const beat = clock.sleep(heartbeatMs, AbortSignal.any([signal, stop.signal])).then(() => 'beat' as const);
  beat.catch(() => {});
  try {
    return await Promise.race([next, beat]);
  } finally {
    stop.abort();
  }
}

import { expect, test } from 'vitest';
import { EventHub, maxWaitingFeeds } from '#agent/exchange/event-hub.ts';
import { gather, nodeNamed, originOf, spaceNamed } from './sample-feed.ts';

const space = spaceNamed('hub');
const reader = nodeNamed('reader');
const origin = originOf(nodeNamed('author'));
const all = () => true;

test('a slow reader gets the latest of each feed, in the order of their last move', async () => {
  const hub = new EventHub();
  const stop = new AbortController();
  const events = hub.subscribe(reader, all, stop.signal);
  const first = events.next();
  for (let seq = 1; seq <= 1000; seq++) hub.publish({ space, origin, seq });
  hub.publish({ space, origin: originOf(reader), seq: 5 });
  expect(await first).toEqual({ done: false, value: { space, origin, seq: 1000 } });
  expect((await events.next()).value).toEqual({ space, origin: originOf(reader), seq: 5 });
  stop.abort();
  expect(await gather(events)).toEqual([]);
  expect(hub.size).toBe(0);
});

test('who caused a move, and whom it does not concern, is not told', async () => {
  const hub = new EventHub();
  const stop = new AbortController();
  const mine = hub.subscribe(reader, (event) => event.seq !== 2, stop.signal);
  const next = mine.next();
  hub.publish({ space, origin, seq: 1 }, reader);
  hub.publish({ space, origin, seq: 2 });
  hub.publish({ space, origin, seq: 3 });
  expect((await next).value).toEqual({ space, origin, seq: 3 });
  stop.abort();
});

test('a reader that falls too far behind is let go', async () => {
  const hub = new EventHub();
  const events = hub.subscribe(reader, all, new AbortController().signal);
  const first = events.next();
  for (let i = 0; i <= maxWaitingFeeds + 1; i++) {
    hub.publish({ space, origin: originOf(nodeNamed(`author ${i}`)), seq: 1 });
  }
  await expect(Promise.all([first, gather(events)])).rejects.toMatchObject({ code: 'PEER_BUSY' });
  expect(hub.size).toBe(0);
});

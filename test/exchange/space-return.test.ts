/** A peer that has forgotten its own feed, or shows another: whoever calls it brings what it holds of that. */
import { expect, test } from 'vitest';
import { DongboError } from '#agent/core/errors.ts';
import { type Origin, originKey } from '#agent/core/ids.ts';
import { type Head, lastSeq, type Segment } from '#agent/core/segment.ts';
import { noWords } from '#agent/exchange/audit-words.ts';
import { MemoryPeer } from '#agent/exchange/memory-peer.ts';
import { Semaphore } from '#agent/exchange/semaphore.ts';
import { returnFeeds } from '#agent/exchange/space-return.ts';
import { LinkFixture } from './link-fixture.ts';
import { MemoryBackend } from './memory-backend.ts';
import { MemoryLocal } from './memory-local.ts';
import { digestNamed, feedOf, headAt, nodeNamed, originOf, spaceNamed } from './sample-feed.ts';
import { until } from './until.ts';

const space = spaceNamed('return');
const listener = nodeNamed('listener');
const origin: Origin = originOf(listener);
const signal = new AbortController().signal;

/** The near end holds the first `held` segments of the peer's feed. */
function setUp(held: number) {
  const backend = new MemoryBackend();
  backend.role = 'agent';
  const local = new MemoryLocal(nodeNamed('me'));
  const feed = feedOf(space, origin, held);
  local.taken.set(`${space}/${originKey(origin)}`, feed);
  const pushed: { seqs: number[]; head: Head }[] = [];
  const push = backend.pushSegments.bind(backend);
  backend.pushSegments = async (caller, s, segments, head) => {
    pushed.push({ seqs: segments.map(({ header }) => lastSeq(header)), head });
    await push(caller, s, segments, head);
  };
  const parts = { peer: new MemoryPeer(listener, backend, local.node), local, uploads: new Semaphore(2) };
  const last = headAt(feed.at(-1) ?? expect.fail());
  const told = (head?: Head) => ({ ...reply, heads: head ? [head] : [] });
  return { backend, local, parts, pushed, feed, last, told };
}

const reply = {
  heads: [],
  receipts: [],
  dialsBack: false,
  role: 'agent',
  wanted: [],
  audit: noWords,
} as const;
const whole = { forked: false, signal };

test('all of it, segment by segment, under the head that its author signed', async () => {
  const { backend, parts, pushed, last, told } = setUp(3);
  await returnFeeds(parts, space, told(), whole);
  expect(pushed).toEqual([2, 4, 6].map((seq) => ({ seqs: [seq], head: last })));
  expect(backend.feeds.get(`${space}/${originKey(origin)}`)?.segments).toHaveLength(3);
});

test('what is beyond the peer’s own word', async () => {
  const { backend, parts, pushed, feed, told } = setUp(3);
  const first = feed[0] as Segment;
  await backend.pushSegments(listener, space, [first], headAt(first));
  await returnFeeds(parts, space, told(headAt(first)), whole);
  expect(pushed.slice(1).map(({ seqs }) => seqs)).toEqual([[4], [6]]);
});

test('the last segment when both ends differ at the same number, or the fetch has shown it', async () => {
  const { parts, pushed, last, told } = setUp(3);
  parts.peer.pushSegments = async (_s, segments, head) =>
    void pushed.push({ seqs: segments.map(({ header }) => lastSeq(header)), head });
  await returnFeeds(parts, space, told({ ...last, digest: digestNamed('other') }), whole);
  await returnFeeds(parts, space, told({ ...last, seq: 9 }), { forked: true, signal });
  expect(pushed).toEqual([last, last].map((head) => ({ seqs: [6], head })));
});

test('nothing to who has it, to a relay, and to who calls back', async () => {
  const { parts, pushed, last, told } = setUp(2);
  await returnFeeds(parts, space, told(last), whole);
  await returnFeeds(parts, space, told({ ...last, seq: 9 }), whole);
  await returnFeeds(parts, space, { ...told(), role: 'relay' }, whole);
  await returnFeeds(parts, space, { ...told(), dialsBack: true }, whole);
  expect(pushed).toEqual([]);
});

test('a link does it at each look, and after a fetch that met another history', async () => {
  const { backend, local, parts, pushed, feed, last } = setUp(2);
  const far: Head = { ...last, seq: 20 };
  backend.feeds.set(`${space}/${originKey(origin)}`, { segments: feed, head: far });
  let forked = 0;
  local.accept = async () => {
    forked += 1;
    throw new DongboError('FEED_FORK', {}, { retry: 'never' });
  };
  const take = local.accept;
  const bad = feedOf(space, originOf(nodeNamed('bad')), 1);
  const badHead = headAt(bad[0] ?? expect.fail());
  backend.feeds = new Map([['bad', { segments: bad, head: badHead }], ...backend.feeds]);
  local.accept = async (s, from, segments, head) => {
    // Another feed's fault, met before, does not hide it.
    if (head.origin.node === badHead.origin.node)
      throw new DongboError('SEGMENT_REFUSED', {}, { retry: 'never' });
    return take(s, from, segments, head);
  };
  await using link = new LinkFixture(parts.peer, local, [space]);
  await until(() => pushed.length > 0);
  expect(pushed[0]).toEqual({ seqs: [4], head: last });
  expect(forked).toBeGreaterThan(0);
  await until(() => link.count('error', 'FEED_FORK') === 1);
});

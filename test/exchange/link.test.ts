import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DongboError } from '#agent/core/errors.ts';
import { originKey, parseIncarnation } from '#agent/core/ids.ts';
import { pushChunkBytes } from '#agent/exchange/limits.ts';
import { MemoryPeer } from '#agent/exchange/memory-peer.ts';
import type { Wanted } from '#agent/exchange/peer.ts';
import { LinkFixture } from './link-fixture.ts';
import { MemoryBackend } from './memory-backend.ts';
import { MemoryLocal } from './memory-local.ts';
import {
  chunkNamed,
  feedOf,
  gather,
  headAt,
  idNamed,
  nodeNamed,
  originOf,
  receiptFor,
  spaceNamed,
  streamOf,
} from './sample-feed.ts';
import { until } from './until.ts';

const space = spaceNamed('link');
const me = nodeNamed('me');
const hub = nodeNamed('hub');

function setUp() {
  const backend = new MemoryBackend();
  const local = new MemoryLocal(me);
  const peer = new MemoryPeer(hub, backend, me);
  const seqThere = (s = space) => backend.feeds.get(`${s}/${originKey(local.origin)}`)?.head.seq ?? 0;
  return { backend, local, peer, seqThere };
}

test('brings a backlog: chunks before the segment that needs them, none twice, one stretch at a time', async () => {
  const { backend, local, peer, seqThere } = setUp();
  const push = backend.pushSegments.bind(backend);
  backend.pushSegments = async (...args) => {
    for (const segment of args[2]) {
      const written = local.written.get(space)?.find((w) => w.segment === segment);
      for (const id of written?.needs ?? []) expect(backend.chunks.has(id)).toBe(true);
    }
    return push(...args);
  };
  for (let i = 0; i < 30; i++) {
    const fresh = Array.from({ length: 20 }, (_, n) => chunkNamed(`${i}-${n}`, 60_000));
    local.write(space, [...fresh, chunkNamed('shared by all'), ...fresh.slice(0, 3)]);
  }
  await using link = new LinkFixture(peer, local, [space]);
  await until(() => seqThere() === 60);
  await until(() => local.delivered_.get(`${space}/${hub}`) === 60);
  expect(backend.chunks.size).toBe(601);
  expect([...backend.arrivals.values()].every((times) => times === 1)).toBe(true);
  expect(local.mostAhead).toBe(1);
  expect(link.count('peer.up')).toBe(1);
  expect(link.count('error')).toBe(0);
});

test('never sends a chunk that the peer has', async () => {
  const { backend, local, peer, seqThere } = setUp();
  const chunks = Array.from({ length: 600 }, (_, n) => chunkNamed(`k${n}`));
  for (const chunk of chunks.slice(1)) backend.keep(local.node, chunk);
  local.write(space, chunks);
  await using _link = new LinkFixture(peer, local, [space]);
  await until(() => seqThere() === 2);
  expect([...backend.arrivals.keys()]).toEqual([idNamed('k0')]);
});

test('a poke brings a new segment, an event fetches one, neither waits for the interval', async () => {
  const { backend, local, peer, seqThere } = setUp();
  await using link = new LinkFixture(peer, local, [space]);
  await until(() => backend.hub.size === 1 && local.replies.length > 0);
  local.write(space, [chunkNamed('new')]);
  link.pokes.poke(space);
  await until(() => seqThere() === 2);
  const author = nodeNamed('author');
  const theirs = feedOf(space, originOf(author), 3);
  await backend.pushSegments(author, space, theirs, headAt(theirs[2] ?? expect.fail()));
  await until(() => local.seqOf(space, originOf(author)) === 6);
});

test('a stream that breaks is resumed after what was kept', async () => {
  const { backend, local, peer } = setUp();
  const author = originOf(nodeNamed('author'));
  const theirs = feedOf(space, author, 10);
  await backend.pushSegments(author.node, space, theirs, headAt(theirs[9] ?? expect.fail()));
  const asked: number[] = [];
  const segments = backend.segments.bind(backend);
  backend.segments = async function* (caller, s, origin, from) {
    asked.push(from);
    let left = 4;
    for await (const segment of segments(caller, s, origin, from)) {
      if (left-- === 0) throw new DongboError('PEER_LOST', {}, { retry: 'later' });
      yield segment;
    }
  };
  await using _link = new LinkFixture(peer, local, [space]);
  await until(() => local.seqOf(space, author) === 20);
  expect(asked).toEqual([1, 9, 17]);
});

test('puts that fail half way are taken up by asking; what is sent again is bounded', async () => {
  const { backend, local, peer, seqThere } = setUp();
  const put = backend.putChunks.bind(backend);
  let failures = 0;
  let calls = 0;
  backend.putChunks = async (caller, s, chunks) => {
    if (calls++ % 3 !== 1) return put(caller, s, chunks);
    failures += 1;
    for await (const _ of chunks) break;
    throw new DongboError('DISK_FULL', {}, { retry: 'later' });
  };
  const size = 200_000;
  local.write(
    space,
    Array.from({ length: 200 }, (_, n) => chunkNamed(`f${n}`, size)),
  );
  await using link = new LinkFixture(peer, local, [space]);
  await until(() => seqThere() === 2);
  expect(backend.chunks.size).toBe(200);
  const again = [...backend.arrivals.values()].reduce((sum, times) => sum + times - 1, 0) * size;
  expect(again).toBeLessThanOrEqual(failures * (pushChunkBytes + size));
  expect(link.count('error', 'DISK_FULL')).toBeGreaterThan(0);
});

test('what a kill can waste: two requests under way over all spaces, each of about 3 MiB', async () => {
  const { backend, local, peer, seqThere } = setUp();
  const other = spaceNamed('other');
  const put = backend.putChunks.bind(backend);
  let now = 0;
  let most = 0;
  let largest = 0;
  backend.putChunks = async (caller, s, chunks) => {
    most = Math.max(most, ++now);
    const whole = await gather(chunks);
    await delay(5);
    largest = Math.max(
      largest,
      whole.reduce((sum, { sealed }) => sum + sealed.length, 0),
    );
    await put(caller, s, streamOf(whole));
    now -= 1;
  };
  for (const s of [space, other]) {
    local.write(
      s,
      Array.from({ length: 100 }, (_, n) => chunkNamed(`${s} ${n}`, 250_000)),
    );
  }
  await using _link = new LinkFixture(peer, local, [space, other]);
  await until(() => seqThere() === 2 && seqThere(other) === 2);
  expect(most).toBe(2);
  expect(2 * largest).toBeLessThanOrEqual(8 * 1024 * 1024);
  expect(largest).toBeGreaterThan(2 * 1024 * 1024);
});

test('a space that is refused does not hold up another, and is told once', async () => {
  const { backend, local, peer, seqThere } = setUp();
  const refused = spaceNamed('refused');
  let tries = 0;
  backend.fault = (_operation, s) => {
    if (s !== refused) return;
    tries += 1;
    throw new DongboError('AGREEMENT_MISMATCH');
  };
  local.write(space, [chunkNamed('one')]);
  local.write(refused, [chunkNamed('two')]);
  await using link = new LinkFixture(peer, local, [refused, space]);
  await until(() => seqThere() === 2 && tries > 3);
  expect(link.count('error', 'AGREEMENT_MISMATCH')).toBe(1);
  backend.fault = undefined;
  await until(() => seqThere(refused) === 2);
});

test('an agent that dials back fetches for itself; one that cannot is brought everything', async () => {
  const { backend, local, peer, seqThere } = setUp();
  backend.role = 'agent';
  backend.dialsBack = true;
  const head = local.write(space, [chunkNamed('one')]);
  const receipt = receiptFor({ ...head, origin: originOf(hub) }, me);
  const past = parseIncarnation('00000000000000bb');
  local.ownReceipts.push(receipt, receiptFor({ ...head, origin: originOf(nodeNamed('third')) }, me));
  local.ownReceipts.push(receiptFor({ ...head, origin: { ...originOf(hub), incarnation: past } }, me));
  for (const { origin, seq } of [receipt, { origin: { ...originOf(hub), incarnation: past }, seq: 1 }])
    backend.feeds.set(`${space}/${originKey(origin)}`, { segments: [], head: { ...head, origin, seq } });
  await using link = new LinkFixture(peer, local, [space]);
  await until(() => backend.receipts.length > 0);
  expect(backend.receipts).toEqual([receipt]);
  expect(seqThere()).toBe(0);
  backend.dialsBack = false;
  backend.hub.publish({ space, origin: local.origin, seq: 0 });
  await until(() => seqThere() === 2);
  link.pokes.poke(space);
  expect(backend.receipts).toHaveLength(1);
});

test('a chunk that the peer has lost and wants is brought again', async () => {
  const { backend, local, peer, seqThere } = setUp();
  local.write(space, [chunkNamed('lost'), chunkNamed('kept')]);
  await using _link = new LinkFixture(peer, local, [space]);
  await until(() => seqThere() === 2);
  backend.chunks.delete(idNamed('lost'));
  const claimed = { author: nodeNamed('not its author'), id: idNamed('lost') };
  const nobodys = { author: local.node, id: idNamed('nobody has it') };
  const look = (...wanted: Wanted[]) => {
    backend.wanted = wanted;
    backend.hub.publish({ space, origin: local.origin, seq: 2 });
  };
  look(claimed, nobodys);
  await until(() => local.sought.some(({ id }) => id === nobodys.id));
  expect(backend.chunks.has(idNamed('lost'))).toBe(false);
  look(nobodys, claimed, { author: local.node, id: idNamed('lost') });
  await until(() => backend.chunks.has(idNamed('lost')));
  expect(backend.arrivals.get(idNamed('kept'))).toBe(1);
  for (const one of [claimed, nobodys]) {
    expect(local.sought.filter(({ author, id }) => author === one.author && id === one.id)).toHaveLength(1);
  }
});

test('of one chunk that is wanted in the name of two authors, that of the true one is brought', async () => {
  const { backend, local, peer, seqThere } = setUp();
  local.write(space, [chunkNamed('lost')]);
  await using _link = new LinkFixture(peer, local, [space]);
  await until(() => seqThere() === 2);
  backend.chunks.clear();
  const id = idNamed('lost');
  backend.wanted = [nodeNamed('not its author'), local.node].map((author) => ({ author, id }));
  backend.hub.publish({ space, origin: local.origin, seq: 2 });
  await until(() => backend.chunks.has(id));
});

test('a wanted chunk that could not be sealed is looked for again once something was published here', async () => {
  const { backend, local, peer, seqThere } = setUp();
  let asked = 0;
  const sealed = local.sealed.bind(local);
  local.sealed = async (of, wanted) => {
    if (wanted.id === idNamed('late')) asked += 1;
    return sealed(of, wanted);
  };
  local.write(space);
  backend.wanted = [{ author: local.node, id: idNamed('late') }];
  await using link = new LinkFixture(peer, local, [space]);
  await until(() => seqThere() === 2 && asked === 1);
  const looks = local.replies.length;
  backend.hub.publish({ space, origin: local.origin, seq: 2 });
  await until(() => local.replies.length > looks);
  // The file comes back, as a scan tells.
  const { sealed: bytes } = chunkNamed('late');
  local.chunks.set(idNamed('late'), bytes);
  expect(asked).toBe(1);
  local.write(space);
  link.pokes.poke(space);
  await until(() => backend.chunks.has(idNamed('late')));
  expect([asked, seqThere()]).toEqual([2, 4]);
});

test('a chunk that can no longer be sealed does not stop the feed', async () => {
  const { backend, local, peer, seqThere } = setUp();
  local.write(space, [chunkNamed('gone'), chunkNamed('here')]);
  local.chunks.delete(idNamed('gone'));
  await using _link = new LinkFixture(peer, local, [space]);
  await until(() => seqThere() === 2);
  expect([...backend.chunks.keys()]).toEqual([idNamed('here')]);
});

test('a peer restored from an old image is brought what it lost', async () => {
  const { backend, local, peer, seqThere } = setUp();
  for (let i = 0; i < 5; i++) local.write(space, [chunkNamed(`r${i}`)]);
  await using _link = new LinkFixture(peer, local, [space]);
  await until(() => seqThere() === 10);
  backend.feeds.clear();
  backend.chunks.clear();
  backend.hub.publish({ space, origin: local.origin, seq: 1 });
  await until(() => seqThere() === 10 && backend.chunks.size === 5);
});

test('a space agreed upon later joins in, one that ended drops out', async () => {
  const { local, peer, seqThere } = setUp();
  local.write(space);
  await using link = new LinkFixture(peer, local, []);
  await until(() => link.count('peer.up') === 1);
  link.spaces = [space];
  link.pokes.poke(space);
  await until(() => seqThere() === 2);
});

test('what nobody foresaw is told, and the link goes on', async () => {
  const { local, peer, seqThere } = setUp();
  const peerHolds = local.peerHolds.bind(local);
  local.peerHolds = async () => {
    throw new TypeError('broken');
  };
  local.write(space);
  await using link = new LinkFixture(peer, local, [space]);
  await until(() => link.events.some((e) => e.type === 'error' && e.code === 'OWN_FAULT'));
  local.peerHolds = peerHolds;
  await until(() => seqThere() > 0);
});

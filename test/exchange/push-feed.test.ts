/** What one stretch of a feed, one chunk or one peer of another version may hold up: itself. */
import { expect, it } from 'vitest';
import { DongboError } from '#agent/core/errors.ts';
import type { ChunkId } from '#agent/core/ids.ts';
import type { Segment } from '#agent/core/segment.ts';
import { MemoryPeer } from '#agent/exchange/memory-peer.ts';
import { Semaphore } from '#agent/exchange/semaphore.ts';
import { SpacePush } from '#agent/exchange/space-push.ts';
import { MemoryBackend } from './memory-backend.ts';
import { MemoryLocal } from './memory-local.ts';
import { chunkNamed, idNamed, nodeNamed, spaceNamed } from './sample-feed.ts';

const space = spaceNamed('link');
const me = nodeNamed('me');
const hub = nodeNamed('hub');
const never = new AbortController().signal;

function world() {
  const backend = new MemoryBackend();
  const local = new MemoryLocal(me);
  const peer = new MemoryPeer(hub, backend, me);
  const session = () => {
    const push = new SpacePush({ peer, local, uploads: new Semaphore(2) }, space);
    return async (isNews?: () => boolean): Promise<void> => {
      push.noteReply(await peer.heads(space, never));
      await push.run(never, isNews);
    };
  };
  const there = () => [...backend.feeds.values()][0];
  return { backend, local, session, there };
}

/** A segment that needs so many chunks of a large file. */
function writeLarge(local: MemoryLocal, name: string, count: number): ChunkId[] {
  const chunks = Array.from({ length: count }, (_, i) => chunkNamed(`${name} ${i}`));
  const { seq } = local.write(space);
  for (const { id, sealed } of chunks) local.chunks.set(id, sealed);
  const ids = chunks.map(({ id }) => id);
  local.large.set(seq - 1, ids);
  return ids;
}

it('the content of large files comes behind the records and small contents of all', async () => {
  const { backend, local, session } = world();
  const large = new Set(writeLarge(local, 'quét', 300));
  for (let i = 0; i < 5; i++) local.write(space, [chunkNamed(`nhỏ ${i}`)]);
  await session()();
  const arrived = [...backend.arrivals.keys()];
  expect(arrived.slice(0, 5).every((id) => !large.has(id))).toBe(true);
  expect(arrived).toHaveLength(305);
  expect(local.laterFrom.size).toBe(0);
});

it('a large file on its way makes room for what is newer, and still comes to its end', async () => {
  const { backend, local, session } = world();
  const large = writeLarge(local, 'quét', 300);
  const run = session();
  let rounds = 0;
  for (; local.laterFrom.size > 0 || rounds === 0; rounds++) {
    local.write(space, [chunkNamed(`lần ${rounds}`)]);
    await run(() => true);
    expect(backend.chunks.has(idNamed(`lần ${rounds}`))).toBe(true);
  }
  expect(rounds).toBeGreaterThan(2);
  expect(large.every((id) => backend.chunks.has(id))).toBe(true);
  expect([...backend.arrivals.values()].every((times) => times === 1)).toBe(true);
});

it('a list that a reader waits for comes behind all that it names, or nobody would bring that', async () => {
  const { backend, local, session } = world();
  const named = Array.from({ length: 300 }, (_, i) => chunkNamed(`quét ${i}`));
  const list = chunkNamed('quét');
  for (const { id, sealed } of [...named, list]) local.chunks.set(id, sealed);
  local.large.set(local.write(space).seq - 1, [list.id]);
  local.largeLists.set(
    list.id,
    named.map(({ id }) => id),
  );
  const run = session();
  for (let rounds = 0; local.laterFrom.size > 0 || rounds === 0; rounds++) {
    await run(() => true);
    backend.wanted = backend.chunks.has(list.id) ? [] : [{ author: local.node, id: list.id }];
    if (backend.chunks.has(list.id)) expect(named.every(({ id }) => backend.chunks.has(id))).toBe(true);
  }
  expect([...backend.arrivals.values()]).toEqual(Array.from({ length: 301 }, () => 1));
});

it('what was put off is brought after a restart, of which the peer knows nothing', async () => {
  const { backend, local, session, there } = world();
  const large = writeLarge(local, 'quét', 200);
  local.write(space);
  await session()(() => true);
  expect(there()?.head.seq).toBe(4);
  expect(large.every((id) => backend.chunks.has(id))).toBe(false);
  await session()();
  expect(large.every((id) => backend.chunks.has(id))).toBe(true);
});

it('a chunk that the peer refuses is set aside by name, and the rest is brought', async () => {
  const { backend, local, session, there } = world();
  const bad = idNamed('xấu 7');
  const put = backend.putChunks.bind(backend);
  backend.putChunks = async (caller, of, chunks) => {
    const all = await Array.fromAsync(chunks);
    if (all.some(({ id }) => id === bad)) throw new DongboError('BODY_TOO_LARGE');
    const each = async function* () {
      yield* all;
    };
    return put(caller, of, each());
  };
  local.write(
    space,
    Array.from({ length: 40 }, (_, i) => chunkNamed(`xấu ${i}`)),
  );
  local.write(space, [chunkNamed('sau')]);
  await session()();
  expect(local.aside).toEqual([{ peer: hub, what: { chunk: bad }, code: 'BODY_TOO_LARGE' }]);
  expect(backend.chunks.size).toBe(40);
  expect(there()?.head.seq).toBe(4);
});

it('an id that the peer refuses to be asked for is set aside as well', async () => {
  const { backend, local, session, there } = world();
  const bad = idNamed('xấu 7');
  const missing = backend.missing.bind(backend);
  backend.missing = async (caller, of, ids) => {
    if (ids.includes(bad)) throw new DongboError('BODY_MALFORMED');
    return missing(caller, of, ids);
  };
  local.write(
    space,
    Array.from({ length: 40 }, (_, i) => chunkNamed(`xấu ${i}`)),
  );
  await session()();
  expect(local.aside).toEqual([{ peer: hub, what: { chunk: bad }, code: 'BODY_MALFORMED' }]);
  expect([backend.chunks.size, there()?.head.seq]).toEqual([39, 2]);
});

it('a record that the peer refuses is found and left out there; the chain and the other records go on', async () => {
  const { backend, local, session, there } = world();
  const { seq } = local.write(space);
  const [{ segment } = expect.fail()] = local.written.get(space) ?? [];
  const [, bad] = segment.bodies;
  const push = backend.pushSegments.bind(backend);
  const taken: (readonly boolean[])[] = [];
  backend.pushSegments = async (caller, of, segments, head) => {
    const bodies = segments.flatMap((one) => one.bodies);
    if (bodies.includes(bad)) throw new DongboError('BODY_TOO_LARGE');
    taken.push(bodies.map((body) => body !== undefined));
    return push(caller, of, segments, head);
  };
  local.write(space);
  await session()();
  expect(local.aside).toEqual([{ peer: hub, what: { seq, body: bad }, code: 'BODY_TOO_LARGE' }]);
  expect(taken).toEqual([
    [false, false],
    [true, false],
    [true, true],
  ]);
  expect(there()?.head.seq).toBe(4);
});

it('a peer that refuses everything is told as that, not item by item', async () => {
  const { backend, local, session } = world();
  let asked = 0;
  backend.missing = async () => {
    asked += 1;
    throw new DongboError('BODY_MALFORMED');
  };
  local.write(
    space,
    Array.from({ length: 500 }, (_, i) => chunkNamed(`k ${i}`)),
  );
  await expect(session()()).rejects.toMatchObject({ code: 'BODY_MALFORMED' });
  expect(asked).toBeLessThan(40);
  expect(local.aside).toEqual([]);
});

it('a stretch that a peer of the version before calls withheld is not sent again: it has been kept', async () => {
  const { backend, local, session, there } = world();
  for (let i = 0; i < 4; i++) local.write(space);
  const written = local.written.get(space) ?? [];
  const holed = written.map((one, i): typeof one => {
    const segment: Segment = { ...one.segment, bodies: [undefined, one.segment.bodies[1]] };
    return i < 3 ? { ...one, segment } : one;
  });
  local.written.set(space, holed);
  const push = backend.pushSegments.bind(backend);
  let pushes = 0;
  backend.pushSegments = async (caller, of, segments, head) => {
    pushes += 1;
    await push(caller, of, segments, head);
    if (segments.some(({ bodies }) => bodies.includes(undefined))) throw new DongboError('FEED_WITHHELD');
  };
  await session()();
  expect([pushes, there()?.head.seq]).toEqual([4, 8]);
  // One that fails for another reason has kept nothing, and is a failure.
  local.write(space);
  backend.pushSegments = async () => {
    throw new DongboError('STATE_WRITE_FAILED');
  };
  await expect(session()()).rejects.toMatchObject({ code: 'PEER_INTERNAL' });
});

/** What every `Peer` must do, whatever carries it. Run by each implementation against the same small backend. */
import { describe, expect, test } from 'vitest';
import { DongboError } from '#agent/core/errors.ts';
import type { NodeId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { noWords } from '#agent/exchange/audit-words.ts';
import { maxChunkStreamBytes, maxIdsPerRequest } from '#agent/exchange/limits.ts';
import type { Peer } from '#agent/exchange/peer.ts';
import { MemoryBackend } from '#test/exchange/memory-backend.ts';
import {
  auditWordsOf,
  chunkNamed,
  feedOf,
  gather,
  headAt,
  idNamed,
  nodeNamed,
  originOf,
  receiptFor,
  sha256,
  spaceNamed,
  streamOf,
} from '#test/exchange/sample-feed.ts';
import { until } from '#test/exchange/until.ts';

export interface PeerFixture extends AsyncDisposable {
  readonly peer: Peer;
  readonly caller: NodeId;
}

export type OpenPeer = (backend: MemoryBackend) => Promise<PeerFixture>;

const space = spaceNamed('contract');
const author = nodeNamed('author');
const origin = originOf(author);
const lost = { author, id: idNamed('lost') };
const never = new AbortController().signal;
const digestOf = ({ id, sealed }: SealedChunk): string => `${id} ${sha256(sealed)}`;

export function peerContract(name: string, open: OpenPeer): void {
  describe(`Peer contract: ${name}`, () => {
    feedContract(open);
    chunkContract(open);
    eventContract(open);
    failureContract(open);
  });
}

function feedContract(open: OpenPeer): void {
  test('tells heads, receipts, role and wants', async () => {
    const backend = new MemoryBackend();
    await using fixture = await open(backend);
    const own = feedOf(space, originOf(fixture.caller), 1);
    const head = headAt(own[0] ?? expect.fail());
    await fixture.peer.pushSegments(space, own, head, never);
    await fixture.peer.pushReceipts(space, [receiptFor(head, nodeNamed('reader'))], never);
    backend.wanted = [lost];
    backend.audit = auditWordsOf(nodeNamed('server'), fixture.caller);
    const told = auditWordsOf(fixture.caller, nodeNamed('server'));
    expect(await fixture.peer.heads(space, never, told)).toEqual({
      heads: [head],
      receipts: [receiptFor(head, nodeNamed('reader'))],
      dialsBack: false,
      role: 'relay',
      wanted: [lost],
      audit: backend.audit,
    });
    await fixture.peer.heads(space, never);
    expect(backend.told).toEqual([told, noWords]);
    expect(backend.callers).toEqual(new Set([fixture.caller]));
  });

  test('streams the segments from the one that holds a sequence number', async () => {
    const backend = new MemoryBackend();
    await using fixture = await open(backend);
    const segments = feedOf(space, origin, 5);
    await fixture.peer.pushSegments(space, segments, headAt(segments[4] ?? expect.fail()), never);
    expect(await gather(fixture.peer.segments(space, origin, 4, never))).toEqual(segments.slice(1));
    expect(await gather(fixture.peer.segments(space, origin, 11, never))).toEqual([]);
    expect(await gather(fixture.peer.segments(space, originOf(nodeNamed('nobody')), 1, never))).toEqual([]);
  });

  test('takes a head alone, signed again for what is held', async () => {
    const backend = new MemoryBackend();
    await using fixture = await open(backend);
    const segments = feedOf(space, origin, 1);
    const head = headAt(segments[0] ?? expect.fail());
    await fixture.peer.pushSegments(space, segments, head, never);
    await fixture.peer.pushSegments(space, [], { ...head, time: head.time + 1 }, never);
    expect((await fixture.peer.heads(space, never)).heads).toEqual([{ ...head, time: head.time + 1 }]);
  });

  test('skips segments that are held and refuses a gap', async () => {
    await using fixture = await open(new MemoryBackend());
    const segments = feedOf(space, origin, 4);
    const [first, second, , last] = segments;
    if (!first || !second || !last) expect.fail();
    await fixture.peer.pushSegments(space, [first], headAt(first), never);
    await fixture.peer.pushSegments(space, [first, second], headAt(second), never);
    const gap = fixture.peer.pushSegments(space, [last], headAt(last), never);
    await expect(gap).rejects.toMatchObject({ code: 'FEED_GAP', retry: 'later' });
    expect(await gather(fixture.peer.segments(space, origin, 1, never))).toEqual([first, second]);
  });

  test('a segment body may be absent', async () => {
    await using fixture = await open(new MemoryBackend());
    const [whole] = feedOf(space, origin, 1);
    if (!whole) expect.fail();
    const thinned = { ...whole, bodies: [undefined, whole.bodies[1]] };
    await fixture.peer.pushSegments(space, [thinned], headAt(whole), never);
    expect(await gather(fixture.peer.segments(space, origin, 1, never))).toEqual([thinned]);
  });
}

function chunkContract(open: OpenPeer): void {
  test('puts chunks, tells which are missing, gives those that are there', async () => {
    const backend = new MemoryBackend();
    await using fixture = await open(backend);
    const chunks = Array.from({ length: 40 }, (_, i) => chunkNamed(`c${i}`, 17 + i * 6000));
    await fixture.peer.putChunks(space, streamOf(chunks), never);
    const ids = [idNamed('absent'), ...chunks.map(({ id }) => id)];
    expect(await fixture.peer.missing(space, ids, never)).toEqual([idNamed('absent')]);
    const got = await gather(fixture.peer.getChunks(space, author, ids, never));
    expect(got.map(digestOf)).toEqual(chunks.map(digestOf));
  });

  test('gives what the author put, else every copy there is', async () => {
    const backend = new MemoryBackend();
    await using fixture = await open(backend);
    const [true_, false_] = [chunkNamed('c', 2000), { ...chunkNamed('d'), id: idNamed('c') }];
    backend.keep(fixture.caller, false_);
    backend.keep(author, true_);
    const got = (of: NodeId) => gather(fixture.peer.getChunks(space, of, [true_.id], never));
    expect((await got(author)).map(digestOf)).toEqual([digestOf(true_)]);
    expect((await got(fixture.caller)).map(digestOf)).toEqual([digestOf(false_)]);
    expect((await got(nodeNamed('third'))).map(digestOf)).toEqual([false_, true_].map(digestOf));
  });

  test('takes back what the caller has put, and nothing of others', async () => {
    const backend = new MemoryBackend();
    await using fixture = await open(backend);
    const [mine, both] = [chunkNamed('mine'), chunkNamed('both')];
    await fixture.peer.putChunks(space, streamOf([mine, both]), never);
    backend.keep(author, both);
    const ids = [idNamed('absent'), mine.id, both.id];
    expect(await fixture.peer.dropChunks(space, ids, never)).toBe(2);
    expect(await fixture.peer.missing(space, ids, never)).toEqual(ids);
    expect(await gather(fixture.peer.getChunks(space, author, ids, never))).toHaveLength(1);
    expect(await fixture.peer.dropChunks(space, ids, never)).toBe(0);
  });

  test('nothing asked, nothing got', async () => {
    await using fixture = await open(new MemoryBackend());
    await fixture.peer.putChunks(space, streamOf([]), never);
    expect(await fixture.peer.missing(space, [], never)).toEqual([]);
    expect(await gather(fixture.peer.getChunks(space, author, [], never))).toEqual([]);
  });

  test('a reply ends before the bound; the rest is for the next request', async () => {
    const backend = new MemoryBackend();
    await using fixture = await open(backend);
    const big = Array.from({ length: 40 }, (_, i) => chunkNamed(`b${i}`, 250_000));
    for (const chunk of big) backend.keep(author, chunk);
    const ids = big.map(({ id }) => id);
    const first = await gather(fixture.peer.getChunks(space, author, ids, never));
    expect(first.length).toBe(Math.floor(maxChunkStreamBytes / 250_036));
    const rest = await gather(fixture.peer.getChunks(space, author, ids.slice(first.length), never));
    expect([...first, ...rest].map(digestOf)).toEqual(big.map(digestOf));
  });

  test('refuses too many ids and too many bytes', async () => {
    await using fixture = await open(new MemoryBackend());
    const ids = Array.from({ length: maxIdsPerRequest + 1 }, (_, i) => idNamed(`i${i}`));
    for (const asked of [fixture.peer.missing(space, ids, never), fixture.peer.dropChunks(space, ids, never)])
      await expect(asked).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
    await expect(gather(fixture.peer.getChunks(space, author, ids, never))).rejects.toMatchObject({
      code: 'BODY_TOO_LARGE',
    });
    const tooMuch = Array.from({ length: 40 }, (_, i) => chunkNamed(`t${i}`, 250_000));
    await expect(fixture.peer.putChunks(space, streamOf(tooMuch), never)).rejects.toBeInstanceOf(DongboError);
  });

  test('leaving a stream early returns the generator at the other end', async () => {
    const backend = new MemoryBackend();
    await using fixture = await open(backend);
    const big = Array.from({ length: 30 }, (_, i) => chunkNamed(`l${i}`, 250_000));
    for (const chunk of big) backend.keep(author, chunk);
    for await (const chunk of fixture.peer.getChunks(
      space,
      author,
      big.map(({ id }) => id),
      never,
    )) {
      expect(chunk.id).toBe(big[0]?.id);
      break;
    }
    await until(() => backend.open === 0);
  });
}

function eventContract(open: OpenPeer): void {
  test('a held-open stream says at once that it stands, then what moved', async () => {
    const backend = new MemoryBackend();
    await using fixture = await open(backend);
    const stop = new AbortController();
    const events = fixture.peer.events(stop.signal)[Symbol.asyncIterator]();
    expect(await events.next()).toEqual({ done: false, value: undefined });
    const next = events.next();
    await until(() => backend.hub.size === 1);
    backend.hub.publish({ space, origin, seq: 9 }, fixture.caller);
    backend.hub.publish({ space, origin, seq: 10 });
    expect(await next).toEqual({ done: false, value: { space, origin, seq: 10 } });
    const last = events.next();
    last.catch(() => {});
    stop.abort(new Error('enough'));
    await expect(last).rejects.toThrow('enough');
    await until(() => backend.open === 0);
  });
}

function failureContract(open: OpenPeer): void {
  test('a refusal of the other side keeps its code; any other failure there says no more than that', async () => {
    const backend = new MemoryBackend();
    await using fixture = await open(backend);
    backend.fault = () => {
      throw new DongboError('FEED_FORK', { path: 'mật/danh sách.docx' });
    };
    const refusal = await fixture.peer.heads(space, never).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'FEED_FORK', retry: 'after-change' });
    expect(String(refusal)).not.toContain('danh');
    backend.fault = () => {
      throw new TypeError('/srv/mật');
    };
    await expect(fixture.peer.heads(space, never)).rejects.toMatchObject({ code: 'PEER_INTERNAL' });
  });

  test('a source that fails ends the request with its own error', async () => {
    await using fixture = await open(new MemoryBackend());
    const broken = async function* () {
      yield chunkNamed('one');
      throw new DongboError('STORE_READ_FAILED');
    };
    const put = fixture.peer.putChunks(space, broken(), never);
    await expect(put).rejects.toMatchObject({ code: 'STORE_READ_FAILED' });
    expect(await fixture.peer.missing(space, [idNamed('never')], never)).toEqual([idNamed('never')]);
  });

  test('aborted, it rejects with the reason', async () => {
    await using fixture = await open(new MemoryBackend());
    const reason = new Error('stop');
    const signal = AbortSignal.abort(reason);
    await expect(fixture.peer.heads(space, signal)).rejects.toBe(reason);
    await expect(gather(fixture.peer.segments(space, origin, 1, signal))).rejects.toBe(reason);
    await expect(fixture.peer.putChunks(space, streamOf([]), signal)).rejects.toBe(reason);
  });
}

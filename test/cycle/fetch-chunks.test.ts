/** Chunks that hostile members have poisoned: garbage under the ids of another's content. */

import { afterEach, describe, expect, it } from 'vitest';
import { ChunkGetter } from '#agent/apply/chunk-getter.ts';
import { LocalChunks } from '#agent/apply/local-chunks.ts';
import { type ChunkId, parseIncarnation, type SpaceId } from '#agent/core/ids.ts';
import type { SealedChunk } from '#agent/core/sealed-chunk.ts';
import { ChunkFetcher } from '#agent/cycle/fetch-chunks.ts';
import { MemoryPeer } from '#agent/exchange/memory-peer.ts';
import type { Peer, Wanted } from '#agent/exchange/peer.ts';
import { EpochKeys } from '#agent/seal/epoch.ts';
import { epochSecret } from '#agent/seal/key-types.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { MemoryBackend } from '#test/exchange/memory-backend.ts';
import { nodeNamed, streamOf } from '#test/exchange/sample-feed.ts';
import { serving } from './serving.ts';

const owned: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]();
});
const never = new AbortController().signal;
const garbage = (id: ChunkId, size = 300): SealedChunk => ({ id, sealed: new Uint8Array(size).fill(7) });

/** An agent that reads what party 0 publishes, with nothing on its own disk. */
async function reader(peers: readonly Peer[] = []) {
  const { vault, space, party } = await serving('agent', owned);
  const origin = { node: party(0).node, incarnation: parseIncarnation('0b'.repeat(8)) };
  const secret = epochSecret(new Uint8Array(32).fill(3));
  const keys = new EpochKeys({ space, origin, epoch: 1, labelClass: 'INTERNAL', suite: 'nacl-pq', secret });
  const wanted: Wanted[] = [];
  const fetcher = new ChunkFetcher({
    vault,
    peers: () => peers,
    clock: systemClock,
    wanted: (_space, author, ids) => wanted.push(...ids.map((id) => ({ author, id }))),
    got: () => undefined,
  });
  const state = {
    row: async () => undefined,
    locations: async () => [],
    locationsOf: async (ids: readonly ChunkId[]) => ids.map(() => []),
  };
  const keysFor = async () => keys;
  const getter = new ChunkGetter({
    space,
    keys: { keysFor },
    local: new LocalChunks({ root: '/nowhere', disk: nodeDisk, state, keysFor }),
    source: { fetch: (ids, r) => fetcher.fetch(ids, { ...r, author: r.author.node }) },
  });
  const get = (...chunks: readonly SealedChunk[]) =>
    getter.get(
      chunks.map(({ id, sealed }) => ({ id, length: sealed.length })),
      { author: origin, epoch: 1 },
      { signal: never },
    );
  const seal = (text: string) => keys.seal(Buffer.from(text));
  return { vault, space, party, author: party(0).node, hostile: party(1).node, wanted, fetcher, get, seal };
}

const textsOf = ({ plain }: { plain: Map<ChunkId, Uint8Array> }): string[] =>
  [...plain.values()].map((bytes) => Buffer.from(bytes).toString());

function peerWith(...copies: readonly (readonly [by: string, SealedChunk])[]): Peer {
  const backend = new MemoryBackend();
  for (const [by, chunk] of copies) backend.keep(nodeNamed(by), chunk);
  return new MemoryPeer(nodeNamed('peer'), backend, nodeNamed('me'));
}

/** Through the relay that all talk to, in the way that they do. */
async function relayed(space: SpaceId) {
  const { backend, party } = await serving('relay', owned);
  const as = (i: number) => new MemoryPeer(party(3).node, backend, party(i).node);
  const push = async (i: number, chunk: SealedChunk) => {
    const absent = await as(i).missing(space, [chunk.id], never);
    await as(i).putChunks(space, streamOf(absent.includes(chunk.id) ? [chunk] : []), never);
  };
  return { peer: as(2), push };
}

describe('what a hostile publisher pushed first', () => {
  it('to a relay keeps no reader from the content', async () => {
    const peers: Peer[] = [];
    const at = await reader(peers);
    const relay = await relayed(at.space);
    peers.push(relay.peer);
    const chunk = at.seal('the content');
    await relay.push(1, garbage(chunk.id));
    expect((await at.get(chunk)).tampered).toEqual(new Set([chunk.id]));
    expect(at.wanted).toEqual([{ author: at.author, id: chunk.id }]);
    await relay.push(0, chunk);
    expect(await at.get(chunk)).toMatchObject({ tampered: new Set() });
    expect(textsOf(await at.get(chunk))).toEqual(['the content']);
  });

  it('to a relay that lost the copy of its author is outweighed by the true copy of a third', async () => {
    const peers: Peer[] = [];
    const at = await reader(peers);
    const relay = await relayed(at.space);
    peers.push(relay.peer);
    const chunk = at.seal('the content');
    await relay.push(1, garbage(chunk.id));
    await relay.push(2, chunk);
    expect(textsOf(await at.get(chunk))).toEqual(['the content']);
  });

  it('to the reader itself is dropped, and peers are asked', async () => {
    const peers: Peer[] = [];
    const at = await reader(peers);
    const [a, b] = [at.seal('a'), at.seal('b')];
    await at.vault.put(at.space, at.hostile, [garbage(a.id), garbage(b.id)]);
    await at.vault.put(at.space, at.author, [b]);
    peers.push(peerWith(['x', a]));
    const got = await at.get(a, b);
    expect([textsOf(got).sort(), got.tampered]).toEqual([['a', 'b'], new Set()]);
    expect(await at.vault.missing(at.space, at.hostile, [a.id, b.id])).toEqual([a.id]);
    expect(at.fetcher.takeServed(at.space)).toEqual([b.id]);
  });
});

describe('a copy that does not open', () => {
  it('leads to the next in the vault, also behind more than are given out at once', async () => {
    const at = await reader();
    const chunk = at.seal('here');
    await at.vault.put(at.space, at.author, [garbage(chunk.id)]);
    for (let i = 0; i < 9; i++) {
      await at.vault.put(at.space, nodeNamed(`${i}`), [i === 0 ? chunk : garbage(chunk.id)]);
    }
    expect(textsOf(await at.get(chunk))).toEqual(['here']);
    expect(at.wanted).toEqual([]);
  });

  it('leads to the next copy of a peer, then to the next peer', async () => {
    const peers: Peer[] = [];
    const at = await reader(peers);
    const [a, b] = [at.seal('a'), at.seal('b')];
    peers.push(
      peerWith(['x', garbage(a.id)], ['x', garbage(b.id)], ['y', a], ['z', garbage(a.id)]),
      peerWith(['x', garbage(a.id)], ['x', b]),
    );
    const got = await at.get(a, b);
    expect([textsOf(got).sort(), got.tampered, at.wanted]).toEqual([['a', 'b'], new Set(), []]);
  });

  it('counts as tampered, and is wanted, when nobody has a true one', async () => {
    const peers: Peer[] = [];
    const at = await reader(peers);
    const [a, b] = [at.seal('a'), at.seal('b')];
    peers.push(peerWith(['x', garbage(a.id)]));
    expect(await at.get(a, b)).toEqual({ plain: new Map(), tampered: new Set([a.id]) });
    expect(at.wanted).toEqual([a, b].map(({ id }) => ({ author: at.author, id })));
  });
});

it('asks again for what a full reply had no room for, and never for too many at once', async () => {
  const peers: Peer[] = [];
  const at = await reader(peers);
  const chunks = Array.from({ length: 600 }, (_, i) => at.seal(`${i}`));
  const copies = chunks.flatMap((chunk) =>
    Number(chunk.id[0]) < 5
      ? ([
          ['x', garbage(chunk.id, 200_000)],
          ['y', chunk],
        ] as const)
      : ([['y', chunk]] as const),
  );
  peers.push(peerWith(...copies));
  const got = await at.get(...chunks);
  expect(got.tampered).toEqual(new Set());
  expect(got.plain.size).toBe(600);
  expect(at.wanted).toEqual([]);
});

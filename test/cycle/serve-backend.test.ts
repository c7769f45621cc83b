/** What a node takes from others: from whom, and whom it tells of what it lacks. */
import { afterEach, describe, expect, it } from 'vitest';
import type { NodeId } from '#agent/core/ids.ts';
import type { Receipt } from '#agent/core/segment.ts';
import { maxCopies } from '#agent/feed/vault.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { backendContract } from '#test/contract/backend.ts';
import {
  chunkNamed,
  digestNamed,
  gather,
  idNamed,
  nodeNamed,
  signature,
  streamOf,
} from '#test/exchange/sample-feed.ts';
import { serving } from './serving.ts';
import { type Signed, SignedFeed } from './signed-feed.ts';

const owned: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]();
});
const never = new AbortController().signal;

/** B has nothing yet of the feed that it once wrote in its present life; A, who called it, brings some. */
async function restored() {
  const { backend, node, party, agreement } = await serving('agent', owned);
  const { origin } = node.own;
  const feed = new SignedFeed(party(2), agreement, origin.incarnation);
  const push = ({ segment, head }: Signed) =>
    backend.pushSegments(party(0).node, agreement.space, [segment], head);
  const heads = async () => (await backend.heads(party(0).node, agreement.space)).heads;
  const lives = () => node.events.filter((e) => e.type === 'note' && e.code === 'FEED_REJOINED').length;
  return { node, origin, feed, push, heads, lives };
}

for (const role of ['agent', 'relay'] as const) {
  backendContract(role, async () => {
    const { backend, space, party } = await serving(role, owned);
    return { backend, space, author: party(0).node, hostile: party(1).node };
  });
}

it('takes a feed from its author alone: another could leave bodies out in its name', async () => {
  const { backend, node, party, agreement } = await serving('relay', owned);
  const { segment, head } = new SignedFeed(party(0), agreement).filled(2);
  const push = (caller: Identity) => backend.pushSegments(caller.node, agreement.space, [segment], head);
  await expect(push(party(1))).rejects.toMatchObject({ code: 'ROLE_REFUSED' });
  expect(await node.own.state.origins()).toEqual([]);
  await push(party(0));
  expect(await node.own.state.origins()).toMatchObject([{ seq: 2 }]);
});

it('destroys a copy at the word of who put it, whatever its roles are by now, but only under an agreement in force', async () => {
  const { backend, node, party, space } = await serving('relay', owned);
  const chunk = chunkNamed('put');
  const [author, later] = [party(0).node, Date.parse('2200-01-01T00:00:00Z')];
  await backend.putChunks(author, space, streamOf([chunk]));
  node.clock.ms = later;
  await expect(backend.dropChunks(author, space, [chunk.id])).rejects.toMatchObject({
    code: 'AGREEMENT_EXPIRED',
  });
});

it('takes nothing of a member that does not publish', async () => {
  const { backend, party, space, agreement } = await serving('agent', owned);
  const [relay, chunk] = [party(3), chunkNamed('put')];
  const { segment, head } = new SignedFeed(relay, agreement).filled();
  const refused = { code: 'ROLE_REFUSED' };
  await expect(backend.putChunks(relay.node, space, streamOf([chunk]))).rejects.toMatchObject(refused);
  await expect(backend.missing(relay.node, space, [chunk.id])).rejects.toMatchObject(refused);
  await expect(backend.pushSegments(relay.node, space, [segment], head)).rejects.toMatchObject(refused);
});

it('tells events to members alone', async () => {
  const { backend, hub, node, party } = await serving('agent', owned);
  const heard: string[] = [];
  const stop = new AbortController();
  const listening = [party(0).node, nodeNamed('stranger')].map(async (caller) => {
    for await (const _ of backend.events(caller, stop.signal)) heard.push(caller);
  });
  await new Promise(setImmediate);
  hub.publish({ space: node.own.space, origin: node.own.origin, seq: 1 });
  await new Promise(setImmediate);
  stop.abort();
  await Promise.all(listening);
  expect(heard).toEqual([party(0).node]);
});

it('tells receipts about the feeds of who asks, and of members alone', async () => {
  const { backend, node, party, space } = await serving('relay', owned);
  const of = (author: NodeId, reader: NodeId): Receipt => {
    const origin = { ...node.own.origin, node: author };
    return { space, reader, origin, seq: 1, digest: digestNamed('one'), time: 1, signature };
  };
  const [author, reader] = [party(0).node, party(1).node];
  const batch = node.own.state.batch();
  for (const receipt of [of(author, reader), of(reader, author), of(author, nodeNamed('nobody'))])
    batch.putReceipt(receipt);
  await batch.commit();
  const { receipts } = await backend.heads(author, space);
  expect(receipts).toMatchObject([{ origin: { node: author }, reader }]);
});

describe('what it was asked for in vain', () => {
  const { id, sealed } = chunkNamed('lost');

  async function asked(role: 'agent' | 'relay' = 'relay') {
    const { backend, party, space, wanted, vault } = await serving(role, owned);
    const [author, hostile, third] = [party(0).node, party(1).node, party(2).node];
    return {
      author,
      hostile,
      third,
      wanted,
      vault,
      space,
      ask: () => gather(backend.getChunks(third, space, author, [id], never)),
      put: (from: NodeId, bytes = sealed) =>
        backend.putChunks(from, space, streamOf([{ id, sealed: bytes }])),
      told: async (to: NodeId) => (await backend.heads(to, space)).wanted,
    };
  }

  it('is remembered, and said once to be new', async () => {
    const { ask, author, hostile, third, wanted, space, told } = await asked();
    expect(await ask()).toEqual([]);
    const want = { author, id, open: true };
    expect([await told(author), await told(hostile)]).toEqual([[{ author, id }], [{ author, id }]]);
    expect(wanted.add(space, third, [want])).toBe(false);
    wanted.got(space, [id, idNamed('other')]);
    expect(await told(author)).toEqual([]);
    expect(wanted.add(space, third, [want])).toBe(true);
  });

  it('is wanted still when others have brought copies, and when they do so again; not when its author has', async () => {
    const { ask, put, told, author, hostile, third } = await asked();
    await put(hostile, new Uint8Array(99));
    expect(await ask()).toHaveLength(1);
    expect([await told(author), await told(third)]).toEqual([[{ author, id }], [{ author, id }]]);
    await put(hostile, new Uint8Array(99));
    expect(await told(author)).toEqual([{ author, id }]);
    await put(author);
    expect(await told(third)).toEqual([]);
    expect(await ask()).toEqual([{ id, sealed }]);
    expect(await told(author)).toEqual([]);
  });

  it('is asked of its author alone once others have brought many copies', async () => {
    const { ask, vault, space, told, author, third } = await asked();
    for (let i = 0; i < maxCopies; i++) await vault.put(space, nodeNamed(`n${i}`), [{ id, sealed }]);
    expect(await ask()).toHaveLength(maxCopies);
    expect([await told(author), await told(third)]).toEqual([[{ author, id }], []]);
  });

  it('is forgotten by an agent when a copy has proved itself, not when somebody brought one', async () => {
    const { ask, put, told, author, hostile, third } = await asked('agent');
    await ask();
    await put(hostile);
    expect(await told(third)).toEqual([{ author, id }]);
    await put(author);
    expect(await told(third)).toEqual([]);
  });
});

describe('its own feed, brought by another,', () => {
  it('begins a new life, and is taken back as a feed of an old one', async () => {
    const { node, origin, feed, push, heads, lives } = await restored();
    const [first, second] = [feed.filled(3), feed.filled(2)];
    await push({ segment: first.segment, head: second.head });
    expect(node.own.origin.incarnation).not.toBe(origin.incarnation);
    expect((await node.own.state.position(origin))?.seq).toBe(3);
    await push(second);
    expect(await heads()).toMatchObject([{ origin, seq: 5 }]);
    expect(lives()).toBe(1);
  });

  it('does nothing when its signature is forged, or when it is known', async () => {
    const { node, origin, feed, push, lives } = await restored();
    const known = feed.filled(2);
    const batch = node.own.state.batch();
    await batch.append(known.segment, known.head);
    await batch.commit();
    await push(known);
    const next = feed.filled(2);
    const forged = { ...next, head: { ...next.head, signature: new Uint8Array(64).fill(1) } };
    await expect(push(forged)).rejects.toMatchObject({ code: 'SEGMENT_REFUSED' });
    expect(node.own.origin).toEqual(origin);
    expect(lives()).toBe(0);
    expect(await node.own.state.origins()).toMatchObject([{ seq: 2 }]);
  });

  it('is said not to be held while bodies are missing, and filled by who has them', async () => {
    const { feed, push, heads } = await restored();
    const { segment, head } = feed.filled(3);
    const [a, , c] = segment.bodies;
    const withheld = push({ segment: { ...segment, bodies: [a, undefined, c] }, head });
    await withheld;
    expect(await heads()).toEqual([]);
    await push({ segment, head });
    expect(await heads()).toMatchObject([{ seq: 3 }]);
  });
});

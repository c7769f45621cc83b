/** What a node takes from others: from whom, and whom it tells of what it lacks. */
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseChunkId } from '#agent/core/ids.ts';
import { PeerBook } from '#agent/cycle/peer-book.ts';
import { ServeBackend } from '#agent/cycle/serve-backend.ts';
import { WantList } from '#agent/cycle/wanted.ts';
import { EventHub } from '#agent/exchange/event-hub.ts';
import { State } from '#agent/feed/state.ts';
import { Vault } from '#agent/feed/vault.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { agree, type Members, TestNode } from './node.ts';
import { type Signed, SignedFeed } from './signed-feed.ts';

const members: Members = [
  ['H29.12', 'publish', 'subscribe'],
  ['H29.13', 'publish', 'subscribe'],
  ['H29', 'relay'],
];
const owned: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function serving(member: number, role: 'agent' | 'relay') {
  const { parties, agreement } = await agree(...members);
  const party = (i: number) => parties[i] as Identity;
  const node = await TestNode.open(party(member), agreement);
  const dir = await temporaryDir();
  const state = await State.open(dir.path, { node: party(member).node });
  const vault = await Vault.open(join(dir.path, 'vault'), state);
  owned.push(node, dir, state, vault);
  const wanted = new WantList();
  const parts = { vault, wanted, hub: new EventHub(), peers: new PeerBook(node.clock) };
  const backend = new ServeBackend({ role, space: () => node.own, ...parts });
  return { backend, node, party, agreement, wanted };
}

const relay = () => serving(2, 'relay');

/** B has nothing yet of the feed that it once wrote in its present life; A, who called it, brings some. */
async function restored() {
  const { backend, node, party, agreement } = await serving(1, 'agent');
  const { origin } = node.own;
  const feed = new SignedFeed(party(1), agreement, origin.incarnation);
  const push = ({ segment, head }: Signed) =>
    backend.pushSegments(party(0).node, agreement.space, [segment], head);
  const heads = async () => (await backend.heads(party(0).node, agreement.space)).heads;
  const lives = () => node.events.filter((e) => e.type === 'note' && e.code === 'FEED_REJOINED').length;
  return { node, origin, feed, push, heads, lives };
}

it('takes a feed from its author alone: another could leave bodies out in its name', async () => {
  const { backend, node, party, agreement } = await relay();
  const { segment, head } = new SignedFeed(party(0), agreement).filled(2);
  const push = (caller: Identity) => backend.pushSegments(caller.node, agreement.space, [segment], head);
  await expect(push(party(1))).rejects.toMatchObject({ code: 'ROLE_REFUSED' });
  expect(await node.own.state.origins()).toEqual([]);
  await push(party(0));
  expect(await node.own.state.origins()).toMatchObject([{ seq: 2 }]);
});

it('remembers what it was asked for in vain, and says once that it is new', async () => {
  const { backend, party, agreement, wanted } = await relay();
  const id = parseChunkId('ab'.repeat(32));
  const asked = backend.getChunks(party(1).node, agreement.space, [id], new AbortController().signal);
  expect((await asked.next()).done).toBe(true);
  expect(wanted.list(agreement.space)).toEqual([id]);
  expect(wanted.add(agreement.space, [id])).toBe(false);
  wanted.got(agreement.space, [id]);
  expect(wanted.add(agreement.space, [id])).toBe(true);
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
    await expect(withheld).rejects.toMatchObject({ code: 'FEED_WITHHELD' });
    expect(await heads()).toEqual([]);
    await push({ segment, head });
    expect(await heads()).toMatchObject([{ seq: 3 }]);
  });
});

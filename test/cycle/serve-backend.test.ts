/** What a node takes from others: from whom, and whom it tells of what it lacks. */
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
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
import { SignedFeed } from './signed-feed.ts';

const members: Members = [
  ['H29.12', 'publish', 'subscribe'],
  ['H29.13', 'publish', 'subscribe'],
  ['H29', 'relay'],
];
const owned: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function relay() {
  const { parties, agreement } = await agree(...members);
  const party = (i: number) => parties[i] as Identity;
  const node = await TestNode.open(party(2), agreement);
  const dir = await temporaryDir();
  const state = await State.open(dir.path, { node: party(2).node });
  const vault = await Vault.open(join(dir.path, 'vault'), state);
  owned.push(node, dir, state, vault);
  const wanted = new WantList();
  const parts = { vault, wanted, hub: new EventHub(), peers: new PeerBook(node.clock) };
  const backend = new ServeBackend({ role: 'relay', space: () => node.own, ...parts });
  return { backend, node, party, agreement, wanted };
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

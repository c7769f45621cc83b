/** A node that answers others: a real backend over a real state, vault and agreement. */
import { join } from 'node:path';
import { PeerBook } from '#agent/cycle/peer-book.ts';
import { ServeBackend } from '#agent/cycle/serve-backend.ts';
import { WantList } from '#agent/cycle/wanted.ts';
import { EventHub } from '#agent/exchange/event-hub.ts';
import { State } from '#agent/feed/state.ts';
import { Vault } from '#agent/feed/vault.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { agree, type Members, TestNode } from './node.ts';

const members: Members = [
  ['H29.12', 'publish', 'subscribe'],
  ['H29.13', 'publish', 'subscribe'],
  ['H29.14', 'publish', 'subscribe'],
  ['H29', 'relay'],
];

export async function parties(): Promise<(i: number) => Identity> {
  const { parties: all } = await agree(...members);
  return (i) => all[i] as Identity;
}

/** Parties 0 to 2 publish and read; 3 is the relay. */
export async function serving(role: 'agent' | 'relay', owned: AsyncDisposable[]) {
  const { agreement } = await agree(...members);
  const party = await parties();
  const me = party(role === 'relay' ? 3 : 2);
  const node = await TestNode.open(me, agreement);
  const dir = await temporaryDir();
  const state = await State.open(dir.path, { node: me.node });
  const vault = await Vault.open(join(dir.path, 'vault'), state);
  owned.push(node, dir, state, vault);
  const wanted = new WantList(node.clock);
  const hub = new EventHub();
  const parts = { vault, wanted, hub, peers: new PeerBook(node.clock) };
  const backend = new ServeBackend({ role, space: () => node.own, ...parts });
  return { backend, node, party, agreement, wanted, vault, hub, space: agreement.space };
}

/** From where this node asks for a feed. */
import { expect, it } from 'vitest';
import { originKey } from '#agent/core/ids.ts';
import { withheldMs } from '#agent/cycle/accept.ts';
import { NodeLinkLocal } from '#agent/cycle/link-local.ts';
import { noWords } from '#agent/exchange/audit-words.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { SetClock } from '#test/trust/parties.ts';
import { agree, TestNode } from './node.ts';
import { SignedFeed } from './signed-feed.ts';

it('is behind what it holds, and from the first body that a peer left out', async () => {
  const { parties, agreement } = await agree(['H29.12', 'publish', 'subscribe'], ['H29.13', 'publish']);
  const [me, author] = parties as readonly [Identity, Identity];
  await using node = await TestNode.open(me, agreement);
  const { own, peers } = node;
  const keyring = new Keyring({
    identity: me,
    store: new MemorySecrets(),
    random: systemRandom,
    clock: new SetClock(),
    suiteOf: () => 'nacl-pq',
  });
  const local = new NodeLinkLocal({ identity: me, keyring, peers, space: () => own });
  const feed = new SignedFeed(author, agreement);
  const first = feed.filled(2);
  expect(await local.held(own.space, feed.origin)).toBe(0);
  await own.acceptor.accept(author.node, [first.segment], first.head);
  expect(await local.held(own.space, feed.origin)).toBe(2);
  const { segment, head } = feed.filled(3);
  const withheld = { ...segment, bodies: [segment.bodies[0], undefined, segment.bodies[2]] };
  await own.acceptor.accept(author.node, [withheld], head);
  // A later record may excuse it, and is asked for first.
  expect(await local.held(own.space, feed.origin)).toBe(5);
  node.clock.ms += withheldMs;
  expect(await local.held(own.space, feed.origin)).toBe(3);
  await own.acceptor.accept(author.node, [segment], head);
  expect(await local.held(own.space, feed.origin)).toBe(5);
});

it('believes no head that its author has not signed, of its own feed or of another', async () => {
  const { parties, agreement } = await agree(['H29.12', 'publish', 'subscribe'], ['H29.13', 'publish']);
  const [me, author] = parties as readonly [Identity, Identity];
  await using node = await TestNode.open(me, agreement);
  const { own, peers } = node;
  const keyring = new Keyring({
    identity: me,
    store: new MemorySecrets(),
    random: systemRandom,
    clock: new SetClock(),
    suiteOf: () => 'nacl-pq',
  });
  const local = new NodeLinkLocal({ identity: me, keyring, peers, space: () => own });
  const feed = new SignedFeed(author, agreement);
  const { origin } = own;
  const sound = feed.filled(2).head;
  const forged = [
    { ...new SignedFeed(author, agreement, '0c'.repeat(8)).filled(2).head, seq: 900 },
    new SignedFeed(
      { ...author, sign: author.sign.bind(author), node: me.node } as Identity,
      agreement,
      origin.incarnation,
    ).filled(2).head,
  ];
  const reply = { receipts: [], dialsBack: false, role: 'agent', wanted: [], audit: noWords } as const;
  await local.peerHolds(own.space, author.node, { ...reply, heads: [...forged, sound] });
  expect([...peers.heardOf(own.space)]).toEqual([[originKey(feed.origin), 2]]);
  expect(own.origin).toEqual(origin);
});

it('offers its feed to who reads or relays, and not to who only publishes', async () => {
  const { parties, agreement } = await agree(
    ['H29.12', 'publish', 'subscribe'],
    ['H29.13', 'publish'],
    ['H29.14', 'subscribe'],
  );
  const [me, author, reader] = parties as readonly [Identity, Identity, Identity];
  await using node = await TestNode.open(me, agreement);
  const { own, peers } = node;
  const clock = new SetClock();
  const store = new MemorySecrets();
  const keyring = new Keyring({ identity: me, random: systemRandom, clock, store, suiteOf: () => 'nacl-pq' });
  const local = new NodeLinkLocal({ identity: me, keyring, peers, space: () => own });
  const { segment, head } = new SignedFeed(me, agreement, own.origin.incarnation).filled(2);
  const batch = own.state.batch();
  await batch.append(segment, head);
  await batch.commit();
  expect(await local.offers(own.space, reader.node)).toMatchObject([{ seq: 2 }]);
  expect(await local.offers(own.space, author.node)).toEqual([]);
});

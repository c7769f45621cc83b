/** What the status is told, from a real state: "in step" must be impossible while anything is missing anywhere. */
import { afterEach, describe, expect, it } from 'vitest';
import { withheldMs } from '#agent/cycle/accept.ts';
import { receiptSigned } from '#agent/core/receipt-codec.ts';
import type { Head, Receipt } from '#agent/core/segment.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { agree, type Members, TestNode } from './node.ts';
import { SignedFeed } from './signed-feed.ts';

const both = ['publish', 'subscribe'] as const;
const open: TestNode[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node[Symbol.asyncDispose]();
});

/** The node of member `index`, and what the others sign. */
async function world(index: number, ...members: Members) {
  const { parties, agreement } = await agree(...members);
  const node = await TestNode.open(parties[index] as Identity, agreement);
  open.push(node);
  const signing = parties.map((each) => new SignedFeed(each, agreement));
  const party = (i: number) => parties[i] as Identity;
  const feed = (i: number) => signing[i] as SignedFeed;
  const id = (i: number) => party(i).node;
  /** A link stands, and both have said what they hold. */
  const meet = (i: number, heads: readonly Head[] = []) => {
    node.peers.linkUp(id(i), true);
    node.peers.noteHeads(id(i), agreement.space, heads);
  };
  const take = (from: number, of: number, records = 1) => {
    const { segment, head } = feed(of).filled(records);
    return node.own.acceptor.accept(id(from), [segment], head);
  };
  return { node, party, id, feed, agreement, meet, take };
}

/** A change of the node's own, as the publisher leaves it. */
async function publish(node: TestNode, feed: SignedFeed, records = 1) {
  const { segment, head } = feed.filled(records);
  const batch = node.own.state.batch();
  await batch.append(segment, head);
  await batch.commit();
  return head;
}

function receipt(reader: Identity, { space, origin, seq, digest }: Head): Receipt {
  const unsigned = { space, reader: reader.node, origin, seq, digest, time: 1 };
  return { ...unsigned, signature: reader.sign('nacl-pq', 'receipt', receiptSigned(unsigned)) };
}

describe('a publisher and subscriber behind a relay', () => {
  const members: Members = [
    ['H29.12', ...both],
    ['H29.13', ...both],
    ['H29', 'relay'],
  ];
  const called = () => ({ urlOf: () => 'https://relay' });

  it('is not in step before it has reached anybody', async () => {
    const { node, id } = await world(0, ...members);
    expect(await node.standing()).toBe('waiting NO_PEER_CONNECTED');
    node.peers.linkUp(id(2), true);
    expect(await node.standing()).toBe('syncing COMPARING');
  });

  it('is in step when nobody has written anything and the relay has said so', async () => {
    const { node, meet } = await world(0, ...members);
    meet(2);
    expect(await node.standing()).toBe('in-step');
  });

  it('forgets what was told when the link breaks', async () => {
    const { node, id, meet } = await world(0, ...members);
    meet(2);
    node.peers.linkUp(id(2), false);
    expect(await node.standing()).toBe('waiting NO_PEER_CONNECTED');
    node.peers.linkUp(id(2), true);
    expect(await node.standing()).toBe('syncing COMPARING');
  });

  it('is not in step while the relay holds records that it does not', async () => {
    const { node, meet, feed, take } = await world(0, ...members);
    const { segment, head } = feed(1).filled(3);
    meet(2, [head]);
    expect(await node.facts()).toMatchObject({ behind: 3 });
    expect(await node.standing()).toBe('syncing RECEIVING');
    await node.own.acceptor.accept(head.origin.node, [segment], head);
    expect(await node.standing()).toBe('in-step');
    await take(2, 1);
    expect(await node.standing()).toBe('in-step');
  });

  it('counts each life of a feed by itself', async () => {
    const { node, meet, party, agreement, take } = await world(0, ...members);
    await take(2, 1, 10);
    const second = new SignedFeed(party(1), agreement, '0c'.repeat(8));
    meet(2, [second.filled(4).head]);
    expect(await node.facts()).toMatchObject({ behind: 4 });
  });

  it('reads back the feed of its own earlier life', async () => {
    const { node, meet, feed } = await world(0, ...members);
    meet(2, [feed(0).filled(7).head]);
    expect(await node.facts()).toMatchObject({ behind: 7 });
    expect(await node.standing()).toBe('syncing RECEIVING');
  });

  it('is not in step while a reader has not signed for its changes', async () => {
    const { node, meet, party, agreement } = await world(0, ...members);
    const own = new SignedFeed(party(0), agreement, node.own.origin.incarnation);
    const head = await publish(node, own, 5);
    meet(2);
    expect(await node.standing(called())).toBe('syncing SENDING');
    meet(2, [head]);
    expect(await node.standing(called())).toBe('syncing RECEIPTS_AWAITED');
    await node.own.receipts.accept(party(2).node, [receipt(party(1), head)]);
    expect(await node.standing(called())).toBe('in-step');
  });

  it('is not in step while chunks of unknown records arrive, for a while', async () => {
    const { node, id, meet, agreement } = await world(0, ...members);
    meet(2);
    node.peers.noteOffer(id(2), agreement.space);
    meet(1);
    node.peers.noteOffer(id(1), agreement.space);
    expect(await node.standing()).toBe('syncing RECEIVING');
    node.clock.ms += 10_000;
    expect(await node.standing()).toBe('in-step');
  });

  it('is not in step while a body is withheld, or an item waits', async () => {
    const { node, meet, feed } = await world(0, ...members);
    meet(2);
    const { segment, head } = feed(1).filled(2);
    const bodies = [undefined, segment.bodies[1]];
    await node.own.acceptor.accept(head.origin.node, [{ ...segment, bodies }], head);
    expect(await node.standing()).toBe('syncing RECEIVING');
    node.clock.ms += withheldMs;
    expect(await node.standing()).toBe('stalled RECORDS_WITHHELD');
    const batch = node.own.state.batch();
    batch.markPending('a.txt');
    await batch.commit();
    expect(await node.standing()).toBe('syncing RECEIVING');
  });

  it('takes no notice of feeds that a relay made up', async () => {
    const { node, meet, party, agreement } = await world(0, ...members);
    meet(2, [new SignedFeed(party(2), agreement).filled(9).head]);
    expect(await node.standing()).toBe('in-step');
  });
});

it('a subscriber has nothing to send, and needs what is written', async () => {
  const { node, meet, feed } = await world(1, ['H29.12', 'publish'], ['H29.13', 'subscribe']);
  expect(await node.standing()).toBe('waiting NO_PEER_CONNECTED');
  const { segment, head } = feed(0).filled(2);
  meet(0, [head]);
  expect(await node.standing()).toBe('syncing RECEIVING');
  await node.own.acceptor.accept(head.origin.node, [segment], head);
  expect(await node.standing()).toBe('in-step');
  expect((await node.facts()).peers).toMatchObject([{ takes: false, reads: false, heldSeq: 2, theirSeq: 2 }]);
});

it('a publisher needs nothing of others, and the word of its readers only', async () => {
  const members: Members = [
    ['H29.12', 'publish'],
    ['H29.13', 'publish'],
    ['H29.14', 'subscribe'],
  ];
  const { node, meet, feed, party, agreement } = await world(0, ...members);
  meet(1, [feed(1).filled(9).head]);
  meet(2);
  expect(await node.facts()).toMatchObject({ behind: 0 });
  expect(await node.standing()).toBe('in-step');
  const own = new SignedFeed(party(0), agreement, node.own.origin.incarnation);
  const head = await publish(node, own);
  expect(await node.standing()).toBe('syncing RECEIPTS_AWAITED');
  await node.own.receipts.accept(party(2).node, [receipt(party(2), head)]);
  expect(await node.standing()).toBe('in-step');
});

it('a relay is in step when it holds what members have told it of', async () => {
  const { node, id, agreement, feed } = await world(1, ['H29.12', ...both], ['H29', 'relay']);
  const relay = { role: 'relay', lastScan: undefined as never } as const;
  expect(await node.standing(relay)).toBe('waiting NO_PEER_CONNECTED');
  const a = id(0);
  node.peers.inbound(a, 1);
  expect(await node.standing(relay)).toBe('syncing COMPARING');
  node.peers.noteAsked(a, agreement.space);
  expect(await node.standing(relay)).toBe('in-step');
  node.peers.noteOffer(a, agreement.space);
  expect(await node.standing(relay)).toBe('syncing RECEIVING');
  const { segment, head } = feed(0).filled(2);
  await node.own.acceptor.accept(a, [segment], head);
  node.peers.noteBrought(a, agreement.space, head.origin, head.seq);
  expect(await node.standing(relay)).toBe('in-step');
  expect((await node.facts(relay)).peers).toMatchObject([{ reads: false, heldSeq: 2, theirSeq: 2 }]);
  node.peers.inbound(a, -1);
  expect(await node.standing(relay)).toBe('waiting NO_PEER_CONNECTED');
});

it('without an agreement in force nothing is asked and the reason is told', async () => {
  const { node, agreement } = await world(0, ['H29.12', ...both], ['H29.13', ...both]);
  node.clock.ms = Date.parse(agreement.notAfter) + 1;
  expect(await node.standing()).toBe('no-agreement AGREEMENT_EXPIRED');
  expect(await node.facts()).toMatchObject({
    name: agreement.name,
    peers: [],
    refusal: { code: 'AGREEMENT_EXPIRED', details: { notAfter: agreement.notAfter } },
  });
});

it('problems are counted by code, and keep the space from being in step', async () => {
  const { node, meet } = await world(0, ['H29.12', ...both], ['H29.13', ...both]);
  meet(1);
  const batch = node.own.state.batch();
  for (const path of ['a', 'b']) batch.putProblem({ code: 'NAME_CLASH', path, details: {} });
  await batch.commit();
  expect(await node.facts()).toMatchObject({ problems: 2, problemCodes: { NAME_CLASH: 2 } });
  expect(await node.standing()).toBe('waiting ITEM_PROBLEMS');
});

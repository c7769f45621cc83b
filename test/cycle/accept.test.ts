/** What others wrote is taken only when all of it is as the agreement, the chain and the signatures say. */
import { afterEach, describe, expect, it } from 'vitest';
import { parseAgreement } from '#agent/core/agreement.ts';
import { nextRevision } from '#agent/core/amendment.ts';
import { receiptSigned } from '#agent/core/receipt-codec.ts';
import type { Receipt, Segment } from '#agent/core/segment.ts';
import { Acceptor, withheldMs } from '#agent/cycle/accept.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { sampleSystem } from '#test/trust/agreed.ts';
import { agree, type Members, TestNode } from './node.ts';
import { SignedFeed } from './signed-feed.ts';

const members: Members = [
  ['H29.12', 'publish', 'subscribe'],
  ['H29.13', 'publish'],
  ['H29.14', 'subscribe'],
  ['H29', 'relay'],
];
const open: TestNode[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node[Symbol.asyncDispose]();
});

async function world() {
  const { parties, agreement } = await agree(...members);
  const node = await TestNode.open(parties[0], agreement);
  open.push(node);
  const party = (i: number) => parties[i] as Identity;
  const feed = (i: number, incarnation?: string) => new SignedFeed(party(i), agreement, incarnation);
  const relay = party(3).node;
  /** This node has written so many records. */
  const wrote = async (records: number) => {
    const { segment, head } = feed(0, node.own.origin.incarnation).filled(records);
    const batch = node.own.state.batch();
    await batch.append(segment, head);
    await batch.commit();
  };
  return { node, party, feed, wrote, agreement, relay, accept: node.own.acceptor };
}

describe('a segment', () => {
  it('that is sound is taken, and again without effect', async () => {
    const { node, feed, accept, relay } = await world();
    const { segment, head } = feed(1).filled(3);
    expect(await accept.accept(relay, [segment], head)).toBe(3);
    expect(await accept.accept(relay, [segment], head)).toBe(0);
    expect(await node.own.state.origins()).toMatchObject([{ seq: 3 }]);
    expect(node.events.filter(({ type }) => type === 'received')).toHaveLength(1);
  });

  it('with a body left out is owed the body, and takes it from the next peer', async () => {
    const { node, feed, accept, relay } = await world();
    const { segment, head } = feed(1).filled(3);
    const { bodies } = segment;
    const withheld = { ...segment, bodies: [bodies[0], undefined, bodies[2]] };
    expect(await accept.accept(relay, [withheld], head)).toBe(3);
    node.clock.ms += withheldMs;
    await expect(accept.accept(relay, [withheld], head)).rejects.toMatchObject({ code: 'FEED_WITHHELD' });
    expect(await node.own.state.owed(head.origin)).toBe(2);
    await accept.accept(relay, [segment], head);
    expect(await node.own.state.owed(head.origin)).toBeUndefined();
    expect(Buffer.from((await node.own.state.record(head.origin, 2)) ?? [])).toEqual(bodies[1]);
    expect(node.events.filter(({ type }) => type === 'received')).toHaveLength(1);
  });

  it('of an earlier revision is taken, of another agreement not', async () => {
    const { node, party, agreement, relay, accept } = await world();
    const next = await signAgreement(parseAgreement(nextRevision(agreement)), party(0));
    await node.book.accept(next);
    const before = new SignedFeed(party(1), agreement).filled(2);
    expect(await accept.accept(relay, [before.segment], before.head)).toBe(2);
    const later = new SignedFeed(
      party(1),
      await signAgreement(parseAgreement(nextRevision(next)), party(0)),
      '0c'.repeat(8),
    );
    const { segment, head } = later.filled();
    await expect(accept.accept(relay, [segment], head)).rejects.toMatchObject({
      details: { rule: 'must name the agreement in force' },
    });
  });

  it("written after the end of its author's approval is refused, what it wrote before is not (R09)", async () => {
    const { node, party, agreement, relay, accept } = await world();
    const validUntil = new Date(Date.parse(agreement.notBefore) + 1).toISOString();
    const system = { ...sampleSystem, validUntil };
    const members = agreement.members.map((m, i) => (i === 1 ? { ...m, system } : m));
    const next = await signAgreement(parseAgreement({ ...nextRevision(agreement), members }), party(0));
    await node.book.accept(next);
    const feed = new SignedFeed(party(1), next);
    const before = feed.filled();
    expect(await accept.accept(relay, [before.segment], before.head)).toBe(1);
    const after = feed.at(Date.parse(validUntil)).filled();
    await expect(accept.accept(relay, [after.segment], after.head)).rejects.toMatchObject({
      details: { rule: "must be written while the approval of its author's system is valid" },
    });
  });

  it.each([
    ['signed by nobody', (s: Segment): Segment => ({ ...s, signature: new Uint8Array(64) })],
    ['with another body', (s: Segment): Segment => ({ ...s, bodies: [Buffer.from('khác')] })],
    [
      'with a header that was not signed',
      (s: Segment): Segment => ({ ...s, header: { ...s.header, time: 1 } }),
    ],
    ['without a place for a body', (s: Segment): Segment => ({ ...s, bodies: [] })],
  ])('%s is refused', async (_what, harm) => {
    const { node, feed, accept, relay } = await world();
    const { segment, head } = feed(1).filled();
    await expect(accept.accept(relay, [harm(segment)], head)).rejects.toMatchObject({
      code: 'SEGMENT_REFUSED',
    });
    expect(await node.own.state.origins()).toEqual([]);
  });

  it('of a member that does not publish, or of nobody, is refused', async () => {
    const { feed, accept, relay, agreement } = await world();
    const { parties } = await agree(['H30', 'publish']);
    for (const other of [feed(2), feed(3), new SignedFeed(parties[0], agreement)]) {
      const { segment, head } = other.filled();
      await expect(accept.accept(relay, [segment], head)).rejects.toMatchObject({ code: 'SEGMENT_REFUSED' });
    }
  });

  it('under another agreement is refused', async () => {
    const { party, accept, relay } = await world();
    const other = await agree(['H29.12', 'publish'], ['H29.13', 'publish']);
    const { segment, head } = new SignedFeed(party(1), other.agreement).filled();
    await expect(accept.accept(relay, [segment], head)).rejects.toMatchObject({
      code: 'SEGMENT_REFUSED',
      details: { rule: 'must name the agreement in force' },
    });
  });

  it('beyond its head, or under the head of another feed, is refused', async () => {
    const { feed, accept, relay } = await world();
    const b = feed(1);
    const [first, second] = [b.filled(), b.filled()];
    const strange = feed(1, '0c'.repeat(8)).filled();
    const mixed = accept.accept(relay, [strange.segment], second.head);
    await expect(mixed).rejects.toMatchObject({ details: { rule: 'must be of the feed it was sent as' } });
    const beyond = accept.accept(relay, [first.segment, second.segment], first.head);
    await expect(beyond).rejects.toMatchObject({ details: { rule: 'must lie within its head' } });
  });

  it('after a hole, or of another history, is refused', async () => {
    const { feed, accept, relay } = await world();
    const [b, c] = [feed(1), feed(1)];
    const first = b.filled();
    await accept.accept(relay, [first.segment], first.head);
    b.filled();
    const third = b.filled();
    await expect(accept.accept(relay, [third.segment], third.head)).rejects.toMatchObject({
      code: 'FEED_GAP',
    });
    c.next([Buffer.from('another first')]);
    const fork = c.filled();
    await expect(accept.accept(relay, [fork.segment], fork.head)).rejects.toMatchObject({
      code: 'FEED_FORK',
    });
  });
});

it('a head of our own feed that we do not know begins a new life', async () => {
  const { node, party, agreement, accept, relay } = await world();
  const { origin } = node.own;
  const clone = new SignedFeed(party(0), agreement, origin.incarnation);
  const { segment, head } = clone.filled(4);
  // Now it is a feed like any other.
  expect(await accept.accept(relay, [segment], head)).toBe(4);
  expect(node.own.origin.incarnation).not.toBe(origin.incarnation);
  expect(node.events).toContainEqual(
    expect.objectContaining({
      type: 'note',
      code: 'FEED_REJOINED',
      details: expect.objectContaining({ seq: 4 }),
    }),
  );
});

it('a head of our own feed that is not on what we hold begins a new life too', async () => {
  const { node, feed, accept, wrote } = await world();
  const { incarnation } = node.own.origin;
  await wrote(2);
  await accept.checkOwn(feed(0, incarnation).next([Buffer.from('một'), Buffer.from('hai')]).head);
  expect(node.own.origin.incarnation).not.toBe(incarnation);
});

it('nothing of our own present life is taken from others, also when it goes on beyond what is held', async () => {
  const { node, party, agreement, relay } = await world();
  const { space, origin, state } = node.own;
  const { segment, head } = new SignedFeed(party(0), agreement, origin.incarnation).filled(4);
  const told: string[] = [];
  const accept = new Acceptor({
    ...{ space, state, me: origin.node, emit: () => undefined, now: () => 0, monotonic: () => 0 },
    agreement: () => agreement,
    formerly: () => undefined,
    myOrigin: () => origin,
    take: async () => expect.fail('taken'),
    forked: async (_head, how) => told.push(how) === 0,
  });
  expect(await accept.accept(relay, [segment], head)).toBe(0);
  expect(told).toEqual(['behind']);
});

it('peers that hold several histories of one old life make the index anew once, and then it is a fault', async () => {
  const { node, party, agreement, accept, relay } = await world();
  const { origin, state } = node.own;
  const history = (name: string) => {
    const feed = new SignedFeed(party(0), agreement, origin.incarnation);
    return [feed.next([Buffer.from(name)]), feed.filled(2)] as const;
  };
  const [one, other] = [history('one'), history('other')];
  const lives = () => node.events.filter((e) => e.type === 'note' && e.code === 'FEED_REJOINED').length;
  await accept.accept(relay, [one[0].segment], one[0].head);
  expect(lives()).toBe(1);
  expect(await accept.accept(relay, [other[1].segment], other[1].head)).toBe(0);
  expect(lives()).toBe(2);
  expect(await state.origins()).toEqual([]);
  const life = node.own.origin;
  await accept.accept(relay, [one[0].segment], one[0].head);
  for (const _ of [1, 2]) {
    const taken = accept.accept(relay, [other[1].segment], other[1].head);
    await expect(taken).rejects.toMatchObject({ code: 'FEED_FORK' });
  }
  expect(node.own.origin).toEqual(life);
  expect(await state.origins()).toMatchObject([{ seq: 1 }]);
});

describe('a receipt', () => {
  const of = (reader: Identity, seq: number, changes: Partial<Receipt>, signer = reader): Receipt => {
    const unsigned = { reader: reader.node, seq, digest: 'ab'.repeat(32), time: 1, ...changes } as Receipt;
    return { ...unsigned, signature: signer.sign('nacl-pq', 'receipt', receiptSigned(unsigned)) };
  };

  it('of a member counts, whoever brings it; the furthest is kept', async () => {
    const { node, party, agreement, relay, wrote } = await world();
    await wrote(7);
    const about = { space: agreement.space, origin: node.own.origin };
    for (const seq of [3, 7, 5]) await node.own.receipts.accept(relay, [of(party(2), seq, about)]);
    expect(await node.own.state.receipts()).toMatchObject([{ reader: party(2).node, seq: 7 }]);
  });

  it('beyond what is held of the feed is left out, until that has come', async () => {
    const { node, party, agreement, relay, feed, accept, wrote } = await world();
    const { receipts, state } = node.own;
    const b = feed(1);
    const first = b.filled(2);
    await wrote(1);
    const about = { space: agreement.space, origin: b.origin };
    const never = { ...about, origin: { ...b.origin, incarnation: '0c'.repeat(8) } } as typeof about;
    const given = [
      of(party(2), 2, about),
      of(party(2), 1, never),
      of(party(2), 2, { ...about, origin: node.own.origin }),
    ];
    await receipts.accept(relay, given);
    expect(await state.receipts()).toEqual([]);
    await accept.accept(relay, [first.segment], first.head);
    await receipts.accept(relay, given);
    expect(await state.receipts()).toMatchObject([{ seq: 2, origin: b.origin }]);
  });

  it('that does not verify keeps no other back', async () => {
    const { node, party, agreement, relay, wrote } = await world();
    await wrote(3);
    const about = { space: agreement.space, origin: node.own.origin };
    const [bad, good] = [of(party(1), 3, about, party(2)), of(party(2), 3, about)];
    await expect(node.own.receipts.accept(relay, [bad, good])).rejects.toMatchObject({
      code: 'SEGMENT_REFUSED',
    });
    expect(await node.own.state.receipts()).toMatchObject([{ reader: party(2).node, seq: 3 }]);
  });

  it('that another signed is refused; of a stranger, who may be a member that has left, it is passed over', async () => {
    const { node, party, agreement, relay, wrote } = await world();
    await wrote(3);
    const about = { space: agreement.space, origin: node.own.origin };
    const stranger = (await agree(['H30', 'subscribe'])).parties[0];
    const forged = node.own.receipts.accept(relay, [of(party(2), 3, about, party(1))]);
    await expect(forged).rejects.toMatchObject({ code: 'SEGMENT_REFUSED' });
    await node.own.receipts.accept(relay, [of(stranger, 3, about)]);
    expect(await node.own.state.receipts()).toEqual([]);
  });

  it('is signed for every feed of others that is whole, and for no other', async () => {
    const { node, feed, accept, relay, party } = await world();
    const whole = feed(1).filled(2);
    await accept.accept(relay, [whole.segment], whole.head);
    const part = feed(1, '0c'.repeat(8)).filled(2);
    const bodies = [undefined, part.segment.bodies[1]];
    await accept.accept(relay, [{ ...part.segment, bodies }], part.head).catch(() => undefined);
    await node.own.receipts.acknowledge();
    const receipts = await node.own.state.receipts();
    expect(receipts).toMatchObject([{ reader: party(0).node, seq: 2, origin: whole.head.origin }]);
    await node.own.receipts.acknowledge();
    expect(await node.own.state.receipts()).toEqual(receipts);
  });
});

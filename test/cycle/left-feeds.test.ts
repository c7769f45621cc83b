/** What a member that has left had published is taken as far as those that stay have signed for it, and no further. */
import { afterEach, expect, it } from 'vitest';
import { type Agreement, parseAgreement } from '#agent/core/agreement.ts';
import { nextRevision } from '#agent/core/amendment.ts';
import { receiptSigned } from '#agent/core/receipt-codec.ts';
import type { Head, Receipt } from '#agent/core/segment.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { agree, TestNode } from './node.ts';
import { SignedFeed } from './signed-feed.ts';

const open: TestNode[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node[Symbol.asyncDispose]();
});

const receiptOf = (reader: Identity, { space, origin, seq, digest }: Head): Receipt => {
  const unsigned = { space, reader: reader.node, origin, seq, digest, time: 1 };
  return { ...unsigned, signature: reader.sign('nacl-pq', 'receipt', receiptSigned(unsigned)) };
};

/** The second member leaves after it has written two segments of two records; nothing of them is here yet. */
async function world() {
  const { parties, agreement } = await agree(
    ['H29.12', 'publish', 'subscribe'],
    ['H29.13', 'publish'],
    ['H29.14', 'subscribe'],
    ['H29.15', 'subscribe'],
  );
  const [me, leaver, stays, goes] = parties as readonly Identity[] as [
    Identity,
    Identity,
    Identity,
    Identity,
  ];
  const node = await TestNode.open(me, agreement);
  open.push(node);
  const leave = async (held: Agreement, who: Identity) => {
    const members = held.members.filter(({ card }) => card.node !== who.node);
    const next = await signAgreement(parseAgreement({ ...nextRevision(held), members }), me);
    await node.book.accept(next);
    return next;
  };
  const feed = new SignedFeed(leaver, agreement);
  const [first, second] = [feed.filled(2), feed.filled(2)];
  const { acceptor, receipts } = node.own;
  const bring = () => acceptor.accept(stays.node, [first.segment, second.segment], second.head);
  return { node, leaver, stays, goes, agreement, leave, first, second, bring, receipts };
}

it('ends where the receipt of a member that stays ends', async () => {
  const { stays, leaver, agreement, leave, first, bring, receipts } = await world();
  await leave(agreement, leaver);
  expect(await bring()).toBe(0);
  await receipts.accept(stays.node, [receiptOf(stays, first.head)]);
  expect(await bring()).toBe(2);
});

it('does not end where one signed that has left too', async () => {
  const { stays, goes, leaver, agreement, leave, first, second, bring, receipts } = await world();
  const next = await leave(agreement, leaver);
  await receipts.accept(stays.node, [receiptOf(stays, first.head), receiptOf(goes, second.head)]);
  await leave(next, goes);
  expect(await bring()).toBe(2);
});

it('is the one that was signed for: another history, written after its author left, is refused', async () => {
  const { node, stays, leaver, agreement, leave, first, receipts } = await world();
  await leave(agreement, leaver);
  await receipts.accept(stays.node, [receiptOf(stays, first.head)]);
  const other = new SignedFeed(leaver, agreement).next([Buffer.from('khác'), Buffer.from('khác nữa')]);
  const brought = node.own.acceptor.accept(stays.node, [other.segment], other.head);
  await expect(brought).rejects.toMatchObject({ code: 'FEED_FORK' });
  expect(await node.own.state.position(first.head.origin)).toBeUndefined();
});

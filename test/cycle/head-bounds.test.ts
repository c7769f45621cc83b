/** A head that an earlier version kept, with a time that no key of the database holds, is its author's own affair. */
import { afterEach, expect, it } from 'vitest';
import { maxTimeMs } from '#agent/core/bounds.ts';
import { headSigned } from '#agent/core/head-codec.ts';
import { encodeHead, encodeHeader, encodeReceipt } from '#agent/core/segment-codec.ts';
import { noWords } from '#agent/exchange/audit-words.ts';
import { decodeHeadsReply, encodeHeadsReply } from '#agent/exchange/wire-messages.ts';
import { headerKept, headKept, receiptKept } from '#agent/feed/kept.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { agree, TestNode } from './node.ts';
import { SignedFeed } from './signed-feed.ts';

const open: TestNode[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node[Symbol.asyncDispose]();
});

async function world() {
  const { parties, agreement } = await agree(
    ['H29.12', 'publish', 'subscribe'],
    ['H29.13', 'publish'],
    ['H29.14', 'publish'],
  );
  const [me, hostile, good] = parties as readonly [Identity, Identity, Identity];
  const node = await TestNode.open(me, agreement);
  open.push(node);
  const feed = new SignedFeed(hostile, agreement);
  const first = feed.filled(2);
  const { signature: _, ...unsigned } = { ...first.head, time: 2 ** 49 };
  const wide = { ...unsigned, signature: hostile.sign(agreement.suite, 'head', headSigned(unsigned)) };
  return { node, me, hostile, good, feed, first, wide, agreement };
}

it('does not keep receipts from other authors, nor from itself once it signs a true one', async () => {
  const { node, good, feed, first, wide, agreement } = await world();
  const { acceptor, receipts, state } = node.own;
  // As it came off the wire before there was a bound.
  await acceptor.accept(wide.origin.node, [first.segment], wide);
  const other = new SignedFeed(good, agreement).filled(3);
  await acceptor.accept(good.node, [other.segment], other.head);
  await receipts.acknowledge();
  expect(await state.receipts()).toMatchObject([{ origin: other.head.origin, seq: 3 }]);
  expect(await state.origins()).toMatchObject([{ origin: other.head.origin }]);
  await acceptor.renewed([feed.headAt(node.clock.now())]);
  await receipts.acknowledge();
  expect(await state.receipts()).toHaveLength(2);
  const next = feed.filled();
  expect(await acceptor.accept(wide.origin.node, [next.segment], next.head)).toBe(1);
});

it('is passed over in a reply, with the heads of others beside it', async () => {
  const { first, wide, hostile, agreement } = await world();
  const receipt = { ...first.head, reader: hostile.node };
  const reply = {
    heads: [wide, first.head],
    receipts: [{ ...receipt, time: 2 ** 49 }, receipt],
    dialsBack: false,
    role: 'relay',
    wanted: [],
    audit: noWords,
  } as const;
  const read = decodeHeadsReply(encodeHeadsReply(reply), agreement.space);
  expect([read.heads, read.receipts]).toEqual([[first.head], [receipt]]);
});

it('counts as not there, as a receipt does; a segment stays', async () => {
  const { first, wide, hostile } = await world();
  expect([headKept(encodeHead(wide)), receiptKept(encodeReceipt({ ...wide, reader: hostile.node }))]).toEqual(
    [undefined, undefined],
  );
  const header = { ...first.segment.header, time: 2 ** 50 };
  expect(headerKept(encodeHeader(header))).toEqual({ ...header, time: maxTimeMs });
});

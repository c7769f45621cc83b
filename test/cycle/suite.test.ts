/** A feed is taken in a space of suite vn-civil only with its signatures, and its own receipts carry them. */
import { afterEach, describe, expect, it } from 'vitest';
import { headSigned } from '#agent/core/head-codec.ts';
import { receiptSigned } from '#agent/core/receipt-codec.ts';
import type { Receipt } from '#agent/core/segment.ts';
import { suiteNames } from '#agent/core/suite-name.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { verifierOf } from '#agent/seal/space-verify.ts';
import { draft, makeParties } from '#test/trust/parties.ts';
import { TestNode } from './node.ts';
import { SignedFeed } from './signed-feed.ts';

const open: TestNode[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node[Symbol.asyncDispose]();
});

async function world(suite: string) {
  const [a, b] = await makeParties('H29.12', 'H29.13');
  const members = [
    [a, 'publish', 'subscribe'],
    [b, 'publish', 'subscribe'],
  ] as const;
  const agreement = await signAgreement(draft(members, { suite }), a);
  const node = await TestNode.open(a, agreement);
  open.push(node);
  return { node, b, agreement, feed: new SignedFeed(b, agreement) };
}

const refused = { code: 'SEGMENT_REFUSED' };

describe.each(suiteNames)('a space of suite %s', (suite) => {
  const other = suiteNames.find((name) => name !== suite) ?? suite;

  it('takes the feed that was signed with it, keeps it, and signs its receipt with it', async () => {
    const { node, b, agreement, feed } = await world(suite);
    const { segment, head } = feed.filled(3);
    expect(await node.own.acceptor.accept(b.node, [segment], head)).toBe(3);
    for await (const kept of node.own.state.segments(head.origin, 1)) {
      expect(Buffer.compare(kept.signature, segment.signature)).toBe(0);
      expect(Buffer.compare(kept.headerBytes, segment.headerBytes)).toBe(0);
    }
    await node.own.receipts.acknowledge();
    const [receipt] = await node.own.state.receipts();
    if (!receipt) throw new Error('no receipt');
    const verify = verifierOf(agreement);
    expect(verify(node.me.node, 'receipt', receiptSigned(receipt), receipt.signature)).toBe(true);
  });

  it('takes no segment, head or receipt that was signed with the other', async () => {
    const { node, b, feed } = await world(suite);
    const { segment, head } = feed.filled(1);
    const harmed = { ...segment, signature: b.sign(other, 'segment', segment.headerBytes) };
    await expect(node.own.acceptor.accept(b.node, [harmed], head)).rejects.toMatchObject(refused);
    const harmedHead = { ...head, signature: b.sign(other, 'head', headSigned(head)) };
    await expect(node.own.acceptor.accept(b.node, [segment], harmedHead)).rejects.toMatchObject(refused);
    expect(await node.own.state.origins()).toEqual([]);
    // Of a feed that is held: about others nothing is taken at all.
    await node.own.acceptor.accept(b.node, [segment], head);
    const unsigned = { ...head, reader: b.node };
    const receipt: Receipt = { ...unsigned, signature: b.sign(other, 'receipt', receiptSigned(unsigned)) };
    await expect(node.own.receipts.accept(b.node, [receipt])).rejects.toMatchObject(refused);
  });
});

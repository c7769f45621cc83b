/** A member that begins feed after feed, or signs for feeds that never were, fills nobody's state and no reply. */

import { afterEach, describe, expect, it } from 'vitest';
import { type Agreement, maxMembers } from '#agent/core/agreement.ts';
import { maxSeq, maxTimeMs } from '#agent/core/bounds.ts';
import { type NodeId, parseIncarnation } from '#agent/core/ids.ts';
import { receiptSigned } from '#agent/core/receipt-codec.ts';
import type { Head, Receipt } from '#agent/core/segment.ts';
import { NodeLinkLocal } from '#agent/cycle/link-local.ts';
import { headsToTell, livesOf, receiptsToTell } from '#agent/cycle/lives.ts';
import { noWords } from '#agent/exchange/audit-words.ts';
import { maxFeeds, maxHeadsBytes, maxReceiptsInReply, maxWantedIds } from '#agent/exchange/limits.ts';
import { decodeHeadsReply, encodeHeadsReply } from '#agent/exchange/wire-messages.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { hexOf } from '#test/core/sample.ts';
import { digestNamed, idNamed, nodeNamed, signature, spaceNamed } from '#test/exchange/sample-feed.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { SetClock } from '#test/trust/parties.ts';
import { agree, TestNode } from './node.ts';
import { SignedFeed } from './signed-feed.ts';

const open: TestNode[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node[Symbol.asyncDispose]();
});

const lifeOf = (n: number) => hexOf(n + 1, 8);

async function world() {
  const { parties, agreement } = await agree(
    ['H29.12', 'publish', 'subscribe'],
    ['H29.13', 'publish', 'subscribe'],
    ['H29.14', 'publish'],
  );
  const [me, hostile, honest] = parties as readonly [Identity, Identity, Identity];
  const node = await TestNode.open(me, agreement);
  open.push(node);
  const begin = async (identity: Identity, life: number) => {
    const { segment, head } = new SignedFeed(identity, agreement, lifeOf(life)).filled();
    return node.own.acceptor.accept(identity.node, [segment], head);
  };
  return { node, me, hostile, honest, agreement, begin };
}

describe('lives of one node', () => {
  it('are taken up to a bound, and what is held goes on', async () => {
    const { node, hostile, honest, agreement, begin } = await world();
    const feed = new SignedFeed(hostile, agreement, lifeOf(0));
    const { segment, head } = feed.filled();
    await node.own.acceptor.accept(hostile.node, [segment], head);
    for (let n = 1; n < 64; n++) await begin(hostile, n);
    await expect(begin(hostile, 64)).rejects.toMatchObject({
      code: 'SEGMENT_REFUSED',
      details: { rule: 'must be one of 64 feeds of its node', node: hostile.node },
    });
    const next = feed.filled();
    expect(await node.own.acceptor.accept(hostile.node, [next.segment], next.head)).toBe(1);
    expect(await begin(honest, 0)).toBe(1);
    expect(await node.own.state.origins()).toHaveLength(65);
  });

  it('are counted rightly when many begin at once, and when none is ended', async () => {
    const { node, hostile, agreement } = await world();
    const half = async (n: number) => {
      const feed = new SignedFeed(hostile, agreement, lifeOf(n));
      const [{ segment }, { head }] = [feed.filled(), feed.filled()];
      await node.own.acceptor.accept(hostile.node, [segment], head);
    };
    const all = await Promise.allSettled(Array.from({ length: 80 }, (_, n) => half(n)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(64);
    expect([await node.own.state.lives(hostile.node), await node.own.state.origins()]).toEqual([64, []]);
  });

  it('beyond the bound are not asked for', async () => {
    const { node, me, hostile, honest, agreement, begin } = await world();
    const keyring = new Keyring({
      identity: me,
      store: new MemorySecrets(),
      random: systemRandom,
      clock: new SetClock(),
      suiteOf: () => 'nacl-pq',
    });
    const { own, peers } = node;
    const local = new NodeLinkLocal({ identity: me, keyring, peers, space: () => own });
    const held = (of: Identity, n: number) =>
      local.held(agreement.space, { node: of.node, incarnation: parseIncarnation(lifeOf(n)) });
    for (let n = 0; n < 64; n++) await begin(hostile, n);
    expect([await held(hostile, 0), await held(hostile, 64), await held(honest, 0)]).toEqual([
      1,
      undefined,
      0,
    ]);
  });
});

it('receipts for feeds that nobody holds are not kept; those for feeds held always', async () => {
  const { node, hostile, honest, agreement, begin } = await world();
  await begin(honest, 1000);
  const of = (life: number): Receipt => {
    const unsigned = {
      space: agreement.space,
      reader: hostile.node,
      origin: { node: honest.node, incarnation: parseIncarnation(lifeOf(life)) },
      seq: 1,
      digest: digestNamed('any'),
      time: 1,
    };
    return { ...unsigned, signature: hostile.sign('nacl-pq', 'receipt', receiptSigned(unsigned)) };
  };
  const { receipts, state } = node.own;
  const all = Array.from({ length: 100 }, (_, n) => of(n));
  await receipts.accept(hostile.node, [...all, of(1000)]);
  expect((await state.receipts()).map((r) => r.origin.incarnation)).toEqual([lifeOf(1000)]);
});

describe('the heads reply', () => {
  const space = spaceNamed('any');
  const headOf = (node: NodeId, life: number, time = maxTimeMs): Head => ({
    space,
    origin: { node, incarnation: parseIncarnation(lifeOf(life)) },
    seq: maxSeq,
    digest: digestNamed('any'),
    time,
    signature,
  });
  const [one, other, gone] = [nodeNamed('one'), nodeNamed('other'), nodeNamed('gone')];
  const agreementOf = (...nodes: NodeId[]) =>
    ({ members: nodes.map((node) => ({ card: { node }, roles: ['publish'] })) }) as unknown as Agreement;

  it('has room for every feed that an agreement lets its publishers have', () => {
    for (const n of [1, 255, 256, 257, 1000, maxMembers]) {
      const agreement = agreementOf(...Array.from({ length: n }, () => one));
      expect(livesOf(agreement)).toBeGreaterThanOrEqual(4);
      expect(livesOf(agreement) * n).toBeLessThanOrEqual(maxFeeds);
    }
    expect([livesOf(agreementOf(one)), livesOf(agreementOf())]).toEqual([64, 64]);
  });

  it('fits when it is full', () => {
    const heads = Array.from({ length: maxFeeds }, (_, n) => headOf(one, n));
    const receipts = heads.slice(0, maxReceiptsInReply).map((head) => ({ ...head, reader: other }));
    const wanted = Array.from({ length: maxWantedIds }, (_, n) => ({ author: one, id: idNamed(`${n}`) }));
    const bytes = encodeHeadsReply({
      heads,
      receipts,
      dialsBack: true,
      role: 'relay',
      wanted,
      audit: noWords,
    });
    expect(bytes.length).toBeLessThan(maxHeadsBytes);
    expect(decodeHeadsReply(bytes, space).heads).toHaveLength(maxFeeds);
  });

  it('names the latest lives of publishers when more feeds are held than fit', () => {
    const old = Array.from({ length: maxFeeds + 1 }, (_, n) => headOf(one, n, n));
    const told = headsToTell([...old, headOf(gone, 1), headOf(other, 1, 1)], agreementOf(one, other));
    expect(told).toHaveLength(65);
    expect(told.filter(({ origin }) => origin.node === one).map(({ time }) => time)).toEqual(
      Array.from({ length: 64 }, (_, n) => maxFeeds - n),
    );
    expect(told.some(({ origin }) => origin.node === other)).toBe(true);
    expect(headsToTell(old.slice(0, 100), agreementOf(other))).toHaveLength(100);
  });

  it('carries the newest receipts', () => {
    const all = Array.from({ length: maxReceiptsInReply + 5 }, (_, n) => ({
      ...headOf(one, 1, n),
      reader: other,
    }));
    const told = receiptsToTell(all);
    expect([told.length, told.at(-1)?.time]).toEqual([maxReceiptsInReply, 5]);
  });
});

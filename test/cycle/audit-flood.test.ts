/** No member fills the log, whatever it asks, brings and signs: beyond its budget there are sums, and sharing goes on. */
import { afterEach, expect, it } from 'vitest';
import { auditHeadSigned } from '#agent/core/audit-head.ts';
import { type ChunkId, parseChunkId } from '#agent/core/ids.ts';
import { receiptSigned } from '#agent/core/receipt-codec.ts';
import type { Receipt } from '#agent/core/segment.ts';
import { MemberTally } from '#agent/cycle/member-tally.ts';
import { hexOf } from '#test/core/sample.ts';
import { nodeNamed, spaceNamed } from '#test/exchange/sample-feed.ts';
import { SetClock } from '#test/trust/parties.ts';
import { auditedRelay } from './audited-relay.ts';
import { SignedFeed } from './signed-feed.ts';

const { signal } = new AbortController();
const owned: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function world() {
  const node = await auditedRelay(owned);
  const { agreement, party } = node;
  const feed = new SignedFeed(party(0), agreement);
  const written = feed.filled(300);
  await node.backend.pushSegments(party(0).node, agreement.space, [written.segment], written.head, signal);
  const reader = party(1);
  const receipt = (seq: number): Receipt => {
    const { digest, origin } = written.head;
    const unsigned = { space: agreement.space, reader: reader.node, origin, seq, digest, time: seq };
    return { ...unsigned, signature: reader.sign(agreement.suite, 'receipt', receiptSigned(unsigned)) };
  };
  const minute = async () => {
    node.clock.ms += 60_000;
    await node.trail.tick();
  };
  return { ...node, ...written, feed, reader, receipt, minute, space: agreement.space };
}

it('receipts of one reader for one feed are summed by the minute', async () => {
  const { backend, reader, receipt, minute, space, ofType, head } = await world();
  for (let seq = 1; seq <= 300; seq++) await backend.pushReceipts(reader.node, space, [receipt(seq)], signal);
  expect(await ofType('receipt')).toMatchObject([{ fields: { records: 1 } }]);
  await minute();
  const reference = expect.stringMatching(new RegExp(`^${head.origin.node}.*#1-300$`));
  expect(await ofType('receipt')).toMatchObject([{}, { fields: { times: 299, reference } }]);
});

it('receipts for what nobody has written leave nothing', async () => {
  const { backend, reader, receipt, space, ofType, receipts } = await withReceipts();
  const made = Array.from({ length: 200 }, (_, i) => receipt(301 + i));
  await backend.pushReceipts(reader.node, space, made, signal);
  expect([await receipts(), await ofType('receipt')]).toEqual([[], []]);
});

async function withReceipts() {
  const made = await world();
  const receipts = async () => (await made.backend.heads(made.head.origin.node, made.space, signal)).receipts;
  return { ...made, receipts };
}

it('fetching again and again, and dropping, ends in sums; another member has its own budget', async () => {
  const { backend, party, vault, reader, minute, space, ofType, head } = await world();
  const fetch = async () => {
    for await (const _ of backend.segments(reader.node, space, head.origin, 1, signal));
  };
  const ids: ChunkId[] = [parseChunkId(hexOf(1, 32))];
  for (let i = 0; i < 400; i++) await fetch();
  expect((await ofType('supplied')).length).toBeLessThan(70);
  for (let i = 0; i < 100; i++) {
    await vault.put(space, party(0).node, [{ id: ids[0] as ChunkId, sealed: Buffer.alloc(20) }]);
    await backend.dropChunks(party(0).node, space, ids, signal);
  }
  expect((await ofType('content.dropped')).length).toBeLessThan(70);
  await minute();
  const [supplied, dropped] = [await ofType('supplied'), await ofType('content.dropped')];
  const times = (all: typeof supplied) => all.reduce((sum, { fields }) => sum + Number(fields.times ?? 1), 0);
  expect([times(supplied), times(dropped)]).toEqual([400, 100]);
  expect(dropped.reduce((sum, { fields }) => sum + Number(fields.chunks), 0)).toBe(100);
});

it('a peer whose log goes to and fro is told of as often as its budget allows', async () => {
  const { backend, reader, space, ofType } = await world();
  const headAt = (seq: number) => {
    const unsigned = {
      node: reader.node,
      seq,
      hash: 'ab'.repeat(32),
      time: '2026-07-01T02:03:04.000005Z',
    } as Parameters<typeof auditHeadSigned>[0];
    return { ...unsigned, signature: reader.signSlowly('audit', auditHeadSigned(unsigned)) };
  };
  for (let i = 1; i <= 200; i++) {
    await backend.heads(reader.node, space, signal, { head: headAt(i), remembered: [] });
    const false_ = { ...headAt(i + 1), signature: new Uint8Array(64) };
    await backend.heads(reader.node, space, signal, { head: false_, remembered: [] });
  }
  expect((await ofType('peer.log')).length).toBeLessThan(70);
});

it('what one member may write in a month is a small part of a log, with any number of feeds', () => {
  const clock = new SetClock();
  const tally = new MemberTally(clock);
  let records = 0;
  for (let minute = 0; minute < 600; minute++) {
    for (let i = 0; i < 500; i++) {
      const act = {
        type: ['supplied', 'receipt', 'received'][i % 3] ?? '',
        member: nodeNamed('one'),
        space: spaceNamed('any'),
      };
      if (tally.note({ ...act, reference: `feed ${i}#1-5`, fields: { records: 1 }, often: i % 3 === 1 }))
        records += 1;
    }
    clock.ms += 60_000;
    records += tally.due().length;
  }
  expect(records).toBeLessThan(60 + 600 * 16);
});

/** What a hostile relay can make a reader do with a reply that is full of heads that nobody signed. */
import { afterEach, expect, it } from 'vitest';
import { parseDigest, parseIncarnation } from '#agent/core/ids.ts';
import type { Head } from '#agent/core/segment.ts';
import { heardHeads } from '#agent/cycle/heard-heads.ts';
import { NodeLinkLocal } from '#agent/cycle/link-local.ts';
import { livesOf } from '#agent/cycle/lives.ts';
import { noWords } from '#agent/exchange/audit-words.ts';
import { maxFeeds } from '#agent/exchange/limits.ts';
import type { HeadsReply } from '#agent/exchange/peer.ts';
import { pullSpace } from '#agent/exchange/space-pull.ts';
import { decodeHeadsReply, encodeHeadsReply, readHeadsReply } from '#agent/exchange/wire-messages.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { hexOf } from '#test/core/sample.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { SetClock } from '#test/trust/parties.ts';
import { agree, TestNode } from './node.ts';
import { SignedFeed } from './signed-feed.ts';

const open: TestNode[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node[Symbol.asyncDispose]();
});

async function world() {
  const { parties, agreement } = await agree(
    ['H29.12', 'publish', 'subscribe'],
    ['H29.13', 'publish', 'subscribe'],
    ['H29', 'relay'],
  );
  const [me, other, relay] = parties as readonly [Identity, Identity, Identity];
  const node = await TestNode.open(me, agreement);
  open.push(node);
  /** Signatures that were looked at. */
  const looked = { count: 0 };
  const { acceptor } = node.own;
  const isGenuine = acceptor.isGenuine.bind(acceptor);
  acceptor.isGenuine = (head: Head) => {
    looked.count += 1;
    return isGenuine(head);
  };
  const keyring = new Keyring({
    identity: me,
    store: new MemorySecrets(),
    random: systemRandom,
    clock: new SetClock(),
    suiteOf: () => 'nacl-pq',
  });
  const local = new NodeLinkLocal({ identity: me, keyring, peers: node.peers, space: () => node.own });
  return { node, local, me, other, relay, agreement, looked };
}

type World = Awaited<ReturnType<typeof world>>;

const forged = ({ agreement, other }: World, count: number): Head[] =>
  Array.from({ length: count }, (_, i) => ({
    space: agreement.space,
    origin: { node: other.node, incarnation: parseIncarnation(hexOf(i + 1, 8)) },
    seq: 9,
    digest: parseDigest('ab'.repeat(32)),
    time: 1,
    signature: new Uint8Array(64).fill(i),
  }));

const replyOf = (heads: readonly Head[]): HeadsReply => ({
  heads,
  receipts: [],
  dialsBack: true,
  role: 'relay',
  wanted: [],
  audit: noWords,
});

it('of what a relay makes up so many heads are verified as an author may have feeds, and one is told', async () => {
  const w = await world();
  const { node, local, relay, agreement, looked } = w;
  const space = agreement.space;
  const bytes = encodeHeadsReply(replyOf(forged(w, maxFeeds)));
  const reply = await readHeadsReply(bytes, space);
  expect(reply).toEqual(decodeHeadsReply(bytes, space));
  expect(reply.heads).toHaveLength(maxFeeds);
  const counted = await local.peerHolds(space, relay.node, reply);
  expect(looked.count).toBe(livesOf(agreement));
  expect(counted.heads).toEqual(reply.heads.slice(0, 1));
  expect(node.peers.heardOf(space).size).toBe(0);
  let asked = 0;
  const segments = async function* () {
    asked += 1;
    yield* [];
  };
  const pulled = pullSpace(
    { peer: { node: relay.node, segments } as never, local },
    space,
    counted,
    new AbortController().signal,
  );
  await expect(pulled).rejects.toMatchObject({ code: 'SEGMENT_REFUSED' });
  expect(asked).toBe(0);
});

it('what is held just so is not verified again, what is new of it is, with whatever beside it', async () => {
  const w = await world();
  const { node, other, agreement, looked } = w;
  const feed = new SignedFeed(other, agreement);
  const { segment, head } = feed.filled(2);
  await node.own.acceptor.accept(other.node, [segment], head);
  looked.count = 0;
  expect(await heardHeads(node.own, [head])).toEqual({ genuine: [head], forged: undefined });
  expect(looked.count).toBe(0);
  const newer = feed.filled(1).head;
  const lie = { ...newer, seq: 99 };
  const many = forged(w, 200);
  expect(await heardHeads(node.own, [...many, newer])).toEqual({ genuine: [newer], forged: many[0] });
  expect(await heardHeads(node.own, [lie])).toEqual({ genuine: [], forged: lie });
  const stranger = { ...newer, origin: { ...newer.origin, node: w.relay.node } };
  expect(await heardHeads(node.own, [stranger])).toEqual({ genuine: [], forged: undefined });
});

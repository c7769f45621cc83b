/** R13: how old the copy of each author is, by the author's own word. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Details } from '#agent/core/errors.ts';
import { clockSkewMs } from '#agent/core/freshness.ts';
import { ReplicaFreshness } from '#agent/cycle/freshness.ts';
import { FreshnessWatch } from '#agent/cycle/freshness-watch.ts';
import { NodeLinkLocal } from '#agent/cycle/link-local.ts';
import type { NodeSpace } from '#agent/cycle/node-space.ts';
import { noWords } from '#agent/exchange/audit-words.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { snapshotOfSpace } from '#agent/status/space-snapshot.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { startMs } from '#test/trust/parties.ts';
import { agree, TestNode } from './node.ts';
import { SignedFeed } from './signed-feed.ts';
import { SpaceNode } from './space-node.ts';

const hour = 3_600_000;
const open: TestNode[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node[Symbol.asyncDispose]();
});

/** A reader of two authors behind a relay; the agreement says 24 hours. */
async function reading() {
  const { parties, agreement } = await agree(
    ['H29.13', 'subscribe'],
    ['H29.12', 'publish'],
    ['H29.14', 'publish'],
    ['H29', 'relay'],
  );
  const [me, one, other, relay] = parties;
  if (!one || !other || !relay) throw new Error('no parties');
  const node = await TestNode.open(me, agreement);
  open.push(node);
  const { own, clock, emit } = node;
  const records: { type: string; fields: Details }[] = [];
  const record = async (type: string, fields: Details) => void records.push({ type, fields });
  const watching = (space: NodeSpace) =>
    new ReplicaFreshness({ own: space, me: me.node, clock, emit, record });
  const keyring = new Keyring({
    identity: me,
    store: new MemorySecrets(),
    random: systemRandom,
    clock,
    suiteOf: () => 'nacl-pq',
  });
  const local = new NodeLinkLocal({ identity: me, keyring, peers: node.peers, space: () => own });
  const told = (hours: number, ...heads: ReturnType<SignedFeed['headAt']>[]) => {
    clock.ms = startMs + hours * hour;
    return local.peerHolds(own.space, relay.node, {
      receipts: [],
      audit: noWords,
      dialsBack: false,
      role: 'relay',
      wanted: [],
      heads,
    });
  };
  const feeds = [new SignedFeed(one, agreement), new SignedFeed(other, agreement)] as const;
  const [feed, second] = feeds;
  for (const each of feeds) {
    const { segment, head } = each.at(startMs).filled(2);
    await own.acceptor.accept(relay.node, [segment], head);
  }
  const freshness = watching(own);
  const look = async (hours: number) => {
    clock.ms = startMs + hours * hour;
    await freshness.look();
    const facts = { ...(await node.facts()), freshness: freshness.facts() };
    return snapshotOfSpace(facts as Parameters<typeof snapshotOfSpace>[0], 0, () => ({ in: 0, out: 0 }));
  };
  return { node, own, look, told, feed, second, records, watching, one, other, clock };
}

const iso = (hours: number) => new Date(startMs + hours * hour).toISOString();

describe('a reader behind one relay', () => {
  it('counts a copy as old as its author says, once everything of it is durable', async () => {
    const { own, look, one } = await reading();
    const before = await look(1);
    expect([before.lastSyncedAt, before.validUntil]).toEqual([undefined, iso(25)]);
    await own.receipts.acknowledge();
    const after = await look(2);
    expect([after.lastSyncedAt, after.validUntil, after.flags]).toEqual([iso(0), iso(24), []]);
    expect(after.peers.find(({ node }) => node === one.node)).toMatchObject({
      lastSyncedAt: iso(0),
      validUntil: iso(24),
      flags: [],
    });
  });

  it('notices a relay that is silent: what it repeats makes nothing younger', async () => {
    const { own, look, told, feed, second, node, records, one } = await reading();
    await own.receipts.acknowledge();
    await look(1);
    await told(20, feed.headAt(startMs), second.headAt(startMs + 20 * hour));
    const shown = await look(24);
    expect(shown).toMatchObject({ state: 'stalled', reason: 'STALE_EXPIRED', flags: ['STALE_EXPIRED'] });
    expect(shown.peers.map(({ agency, flags }) => [agency, flags])).toEqual([
      ['H29.12', ['STALE_EXPIRED']],
      ['H29.14', []],
    ]);
    await look(25);
    const events = node.events.filter((event) => event.type === 'error');
    expect(events).toMatchObject([{ code: 'STALE_EXPIRED', details: { authors: 1, agencies: 'H29.12' } }]);
    const fields = {
      space: own.space,
      authors: 1,
      agencies: 'H29.12',
      freshnessHours: 24,
      lastSyncedAt: iso(0),
    };
    expect(records).toEqual([{ type: 'replica.stale', fields }]);
    await told(25.5, feed.headAt(startMs + 25 * hour));
    expect(await look(26)).toMatchObject({ flags: [], lastSyncedAt: iso(20) });
    expect(records.map(({ type }) => type)).toEqual(['replica.stale', 'replica.fresh']);
    expect((await own.state.head(feed.origin))?.time).toBe(startMs + 25 * hour);
    expect(one.agency).toBe('H29.12');
  });

  it('does not take a head for a proof while records up to it are not applied', async () => {
    const { own, look, told, feed, second, node } = await reading();
    await own.receipts.acknowledge();
    const more = feed.at(startMs + 10 * hour).filled(1);
    await own.acceptor.accept(node.me.node, [more.segment], more.head);
    await told(12, feed.headAt(startMs + 12 * hour), second.headAt(startMs + 12 * hour));
    expect((await look(23)).lastSyncedAt).toBe(iso(0));
    await own.receipts.acknowledge();
    expect((await look(23.5)).lastSyncedAt).toBe(iso(12));
  });

  it('stays stale after a restart with the clock set back, without a second record', async () => {
    const { own, look, records, watching, clock, node } = await reading();
    await own.receipts.acknowledge();
    await look(1);
    await look(30);
    const again = watching(own);
    clock.ms = startMs + 2 * hour;
    await again.look();
    expect([...(again.facts()?.authors.values() ?? [])].map(({ stale }) => stale)).toEqual([true, true]);
    expect(records).toHaveLength(1);
    expect(node.events.filter((event) => event.type === 'error')).toHaveLength(1);
  });

  it('takes no head from the future, and none that its author has not signed', async () => {
    const { own, look, told, feed } = await reading();
    await own.receipts.acknowledge();
    await look(1);
    await told(1, feed.headAt(startMs + hour + clockSkewMs + 1), {
      ...feed.headAt(startMs),
      time: startMs + hour,
    });
    expect((await own.state.head(feed.origin))?.time).toBe(startMs);
  });
});

/** An author alone; `current` is what its folder says. */
async function writing(records = 1) {
  const { parties, agreement } = await agree(['H29.12', 'publish'], ['H29.13', 'subscribe']);
  const [me] = parties;
  const node = await TestNode.open(me, agreement);
  open.push(node);
  const { own, clock, emit } = node;
  const feed = new SignedFeed(me, agreement, own.origin.incarnation);
  if (records > 0) {
    const { segment, head } = feed.at(startMs).filled(records);
    const batch = own.state.batch();
    await batch.append(segment, head);
    await batch.commit();
  }
  const folder = { current: true, asked: 0 };
  own.useIntake({
    take: async () => undefined,
    arrived: () => undefined,
    current: () => folder.current,
    readersMoved: () => {
      folder.asked += 1;
    },
  });
  const watch = new FreshnessWatch({ identity: me, clock, emit, record: async () => undefined });
  const tick = async (hours: number) => {
    clock.ms = startMs + hours * hour;
    await watch.tick([own]);
    return (await own.state.head(own.origin))?.time;
  };
  return { own, tick, folder };
}

describe('an author with nothing new', () => {
  it('signs its head again once an hour of a term of 24, under the same number', async () => {
    const { own, tick } = await writing(3);
    expect(await tick(0.9)).toBe(startMs);
    expect(await tick(1)).toBe(startMs + hour);
    expect(await tick(1.5)).toBe(startMs + hour);
    const head = await own.state.head(own.origin);
    expect(head?.seq).toBe(3);
    expect(own.acceptor.isGenuine(head as NonNullable<typeof head>)).toBe(true);
  });

  it('writes a grant of the lowest class when it is asked for a word, and nothing more', async () => {
    const { parties, agreement } = await agree(['H29.12', 'publish'], ['H29.13', 'subscribe']);
    await using dir = await temporaryDir();
    await using node = await SpaceNode.open({ me: parties[0], agreement, dir: dir.path });
    await node.settle();
    expect(await node.published()).toBe(0);
    node.own.wordDue = true;
    node.own.readersMoved();
    await node.settle();
    const body = await node.own.state.record(node.own.origin, 1);
    expect(decodeRecord(body ?? new Uint8Array())).toMatchObject({ type: 'grant', labelClass: 'PUBLIC' });
    node.own.readersMoved();
    await node.settle();
    expect(await node.published()).toBe(1);
  });

  it('does not, while it cannot see its folder', async () => {
    const { tick, folder } = await writing();
    folder.current = false;
    expect(await tick(5)).toBe(startMs);
  });

  it('that never wrote anything is asked for a first record, once', async () => {
    const { own, tick, folder } = await writing(0);
    await tick(0);
    await tick(0.9);
    expect([own.wordDue, folder.asked]).toEqual([false, 0]);
    await tick(1);
    await tick(2);
    expect([own.wordDue, folder.asked]).toEqual([true, 1]);
  });
});

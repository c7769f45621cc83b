/** Records that come before the key to them, or that nobody can read: when they are read, and when that is told. */

import { readdir } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ingest } from '#agent/apply/ingest.ts';
import { reopenDue, ReopenPace, type ReopenParts } from '#agent/cycle/closed-feeds.ts';
import { actorOf } from '#agent/core/actor.ts';
import { encodeChange } from '#agent/core/change-codec.ts';
import { labelClass } from '#agent/core/label.ts';
import { encodeRecord } from '#agent/core/record-codec.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { SetClock } from '#test/trust/parties.ts';
import { agree } from './node.ts';
import { type Signed, SignedFeed } from './signed-feed.ts';
import { SpaceNode } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

/** A publisher that grants its epoch when the test says so, and a reader that can be started again. */
async function reading() {
  const { parties, agreement } = await agree(['H29.12', 'publish'], ['H29.13', 'subscribe']);
  const [author, me] = parties;
  if (!me) throw new Error('no reader');
  const feed = new SignedFeed(author, agreement);
  const keyring = new Keyring({
    identity: author,
    store: new MemorySecrets(),
    random: systemRandom,
    clock: new SetClock(),
    suiteOf: () => 'nacl-pq',
  });
  const { keys } = await keyring.current(agreement, feed.origin, labelClass(agreement.label));
  const dirNamed = (path: string, spoilt = false): Uint8Array => {
    const state = { kind: 'dir', mode: 0o755 } as const;
    const change = { path, state, version: [[actorOf(feed.origin), 1]] } as const;
    const sealed = keys.sealRecord(encodeChange(change));
    if (spoilt) sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
    return encodeRecord({ type: 'item', epoch: keys.epoch, labelClass: keys.labelClass, sealed });
  };
  const grant = encodeRecord(await keyring.grant(agreement, keys));
  const dir = await temporaryDir();
  cleanup.push(dir);
  const secrets = new MemorySecrets();
  const start = () => SpaceNode.open({ me, agreement, dir: dir.path, secrets });
  /** As a version leaves it that takes the grant at `seq` for nonsense. */
  const unread = async (b: SpaceNode, seq: number) => {
    secrets.entries.clear();
    const batch = b.own.state.batch();
    batch.putProblem({ code: 'RECORD_MALFORMED', path: `/feed:${author.node}/${seq}`, details: {} });
    batch.setCursor('opened-tags', 0);
    await batch.commit();
  };
  const take = (b: SpaceNode, { segment, head }: Signed) =>
    b.own.acceptor.accept(author.node, [segment], head);
  return { author, feed, dirNamed, grant, start, take, unread };
}

const names = async (b: SpaceNode) => (await readdir(b.root)).filter((name) => name !== '.dongbo').sort();
const cleared = (b: SpaceNode) =>
  b.events.flatMap((event) => (event.type === 'problem.cleared' ? [event.path] : []));

describe('records that came before their grant', () => {
  it('are read when it comes, and their problem is over', async () => {
    const { author, feed, dirNamed, grant, start, take } = await reading();
    await using b = await start();
    await take(b, feed.next([dirNamed('một')]));
    await b.settle();
    const problem = `/feed:${author.node}`;
    expect([await b.problems(), await b.receiptFor(author.node)]).toEqual([
      { [problem]: 'GRANT_MISSING' },
      0,
    ]);
    expect(cleared(b)).toEqual([]);
    await take(b, feed.next([grant, dirNamed('hai')]));
    await b.settle();
    expect([await names(b), await b.problems()]).toEqual([['hai', 'một'], {}]);
    expect([cleared(b), await b.receiptFor(author.node)]).toEqual([[problem], 3]);
  });

  it('are read after a start too, when the node died between the grant and what it opens', async () => {
    const { author, feed, dirNamed, grant, start, take } = await reading();
    {
      await using b = await start();
      await take(b, feed.next([dirNamed('một')]));
      const { state, origin } = b.own;
      // As far as it came: the segment and its key are durable, the records before it have not been read again.
      await state.exclusive(async () => {
        const batch = state.batch();
        const me = { ...origin, publishes: false };
        await ingest({ ...feed.next([grant]), state, keys: b.keyring, me, withholds: () => false, batch });
        await batch.commit();
      });
    }
    await using b = await start();
    await b.settle();
    expect([await names(b), await b.problems()]).toEqual([['một'], {}]);
    expect([cleared(b), await b.receiptFor(author.node)]).toEqual([[`/feed:${author.node}`], 2]);
  });

  it('are read by a version that can read the grant, in an earlier segment', async () => {
    const { author, feed, dirNamed, grant, start, take, unread } = await reading();
    {
      await using b = await start();
      await take(b, feed.next([grant]));
      await unread(b, 1);
      await take(b, feed.next([dirNamed('một')]));
    }
    await using b = await start();
    await b.settle();
    expect([await names(b), await b.problems()]).toEqual([['một'], {}]);
    expect(await b.receiptFor(author.node)).toBe(2);
  });

  it('of one life stay a problem when those of another are read', async () => {
    const { author, feed, dirNamed, grant, start, take } = await reading();
    const { agreement } = await agree(['H29.12', 'publish'], ['H29.13', 'subscribe']);
    const other = new SignedFeed(author, agreement, '0c'.repeat(8));
    await using b = await start();
    await take(b, feed.next([dirNamed('một')]));
    await take(b, other.next([dirNamed('khác')]));
    await take(b, feed.next([grant]));
    await b.settle();
    expect([await names(b), await b.problems()]).toEqual([
      ['một'],
      { [`/feed:${author.node}`]: 'GRANT_MISSING' },
    ]);
  });
});

it('a record that nobody can open is a problem until a later one of its item comes', async () => {
  const { author, feed, dirNamed, grant, start, take } = await reading();
  await using b = await start();
  await take(b, feed.next([grant, dirNamed('một', true)], ['01', '02']));
  await b.settle();
  const problem = `/feed:${author.node}/2`;
  expect(await b.problems()).toEqual({ [problem]: 'RECORD_TAMPERED' });
  await take(b, feed.next([dirNamed('hai')], ['03']));
  await b.settle();
  expect(await b.problems()).toEqual({ [problem]: 'RECORD_TAMPERED' });
  await take(b, feed.next([dirNamed('một')], ['02']));
  await b.settle();
  expect([await b.problems(), cleared(b)]).toEqual([{}, [problem]]);
});

it('a feed that has nothing closed by the time when it is due is not read at all', async () => {
  const { feed, dirNamed, grant, start, take } = await reading();
  await using b = await start();
  await take(b, feed.next([grant, dirNamed('một')]));
  const at = { ms: 0 };
  const pace = new ReopenPace({ monotonic: () => at.ms });
  await pace.run(feed.origin, async () => {
    at.ms += 1;
  });
  await pace.run(feed.origin, async () => expect.fail('too soon'));
  at.ms = 1_000;
  const { state } = b.own;
  const read = vi.spyOn(state, 'segments');
  expect(await reopenDue({ state } as unknown as ReopenParts, pace)).toEqual([]);
  expect(read).not.toHaveBeenCalled();
  expect(pace.waiting).toBe(0);
});

it('a feed is read again for a tenth of the time at most, and what came too soon is done later', async () => {
  const { author, feed } = await reading();
  const other = new SignedFeed(author, (await agree(['H29.12', 'publish'])).agreement, '0c'.repeat(8)).origin;
  const at = { ms: 0 };
  const pace = new ReopenPace({ monotonic: () => at.ms });
  const read = async () => {
    at.ms += 100;
    return 'read';
  };
  expect(await pace.run(feed.origin, read)).toBe('read');
  expect(await pace.run(feed.origin, read)).toBeUndefined();
  expect(pace.waiting).toBe(1);
  expect(await pace.run(other, read)).toBe('read');
  expect(pace.due()).toEqual([]);
  at.ms = 1_100;
  expect(pace.due()).toEqual([feed.origin]);
  expect(await pace.run(feed.origin, read)).toBe('read');
  expect(pace.due()).toEqual([]);
});

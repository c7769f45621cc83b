/** Chunks that nobody is to have any more leave the relay; one that is live never does [9]. */
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { LabelRule } from '#agent/core/label-rules.ts';
import { keepEpoch } from '#agent/cycle/drops.ts';
import { NodeLinkLocal } from '#agent/cycle/link-local.ts';
import { PeerBook } from '#agent/cycle/peer-book.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { cleared, type Three } from './cleared.ts';
import { chunksOf, type Relay } from './relay.ts';
import type { SpaceNode } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

const low: LabelRule[] = [{ path: '**', sensitivity: 'INTERNAL' }];
const raisedOne: LabelRule[] = [{ path: '/một.bin', sensitivity: 'RESTRICTED' }, ...low];
const three = (): Promise<Three> => cleared(cleanup, low);
const noise = (bytes = 5000) => randomBytes(bytes);

/** Readers take and sign all that there is; the author hears of it. */
async function signed({ b, c, sync }: Three, author: SpaceNode): Promise<void> {
  await sync(author);
  for (const reader of [b, c]) await reader.return(author);
}

/** The sealed bytes of an item at the relay. */
async function atRelay(relay: Relay, author: SpaceNode, path: string): Promise<Uint8Array[]> {
  return relay.sealed(author, await chunksOf(author, path));
}

const gone = async (relay: Relay, sealed: readonly Uint8Array[]): Promise<boolean> => {
  for (const bytes of sealed) if (await relay.holds(bytes)) return false;
  return sealed.length > 0;
};

describe('at a relay', () => {
  it('the chunks of an item whose label is raised are destroyed at once, and the new ones stay', async () => {
    const space = await three();
    const { a, raise } = space;
    const relay = await space.relay();
    await writeFile(a.at('một.bin'), noise());
    await writeFile(a.at('hai.bin'), noise());
    await a.settle();
    await relay.take(a);
    const [old, other] = [await atRelay(relay, a, 'một.bin'), await atRelay(relay, a, 'hai.bin')];
    const raised = await raise(raisedOne);
    await raised.settle();
    await relay.take(raised);
    expect(await gone(relay, old)).toBe(true);
    expect(await gone(relay, other)).toBe(false);
    expect(await atRelay(relay, raised, 'một.bin')).toHaveLength(old.length);
    await relay.take(raised);
    expect(relay.dropped).toHaveLength(1);
  });

  it('what another member brought in the author’s place goes when that member hears of the raised label', async () => {
    const space = await three();
    const { a, b, sync, raise } = space;
    const relay = await space.relay();
    await writeFile(a.at('một.bin'), noise());
    await sync(a);
    const ids = await chunksOf(b, 'một.bin');
    const local = new NodeLinkLocal({
      ...{ identity: b.identity, keyring: b.keyring, space: () => b.own },
      peers: new PeerBook(systemClock),
    });
    await local.brings(b.own.space, relay.node);
    for (const id of ids) {
      const sealed = await local.sealed(b.own.space, { author: a.own.origin.node, id });
      if (sealed) await relay.vault.put(b.own.space, b.own.origin.node, [{ id, sealed }]);
    }
    expect(await atRelay(relay, a, 'một.bin')).toHaveLength(ids.length);
    const old = await atRelay(relay, a, 'một.bin');
    const raised = await raise(raisedOne);
    await sync(raised);
    await relay.take(b);
    expect(await gone(relay, old)).toBe(true);
  });

  it('a large file whose label is raised goes whole, the lists of its chunks too', {
    timeout: 60_000,
  }, async () => {
    const space = await three();
    const relay = await space.relay();
    await writeFile(space.a.at('một.bin'), noise(3_000_000));
    await space.a.settle();
    await relay.take(space.a);
    expect(relay.vault.bytes()).toBeGreaterThan(3_000_000);
    const before = relay.vault.bytes();
    const raised = await space.raise(raisedOne);
    await raised.settle();
    await relay.take(raised);
    expect(relay.vault.bytes()).toBeLessThan(before * 1.1);
    expect(relay.dropped.flat().length).toBeGreaterThan(10);
  });

  it('a chunk that another item still has under the lower label stays', async () => {
    const space = await three();
    const relay = await space.relay();
    const bytes = noise();
    await writeFile(space.a.at('một.bin'), bytes);
    await writeFile(space.a.at('hai.bin'), bytes);
    await space.a.settle();
    await relay.take(space.a);
    const sealed = await atRelay(relay, space.a, 'hai.bin');
    const raised = await space.raise(raisedOne);
    await raised.settle();
    await relay.take(raised);
    expect([await gone(relay, sealed), relay.dropped]).toEqual([false, []]);
  });

  it('what was only superseded or deleted goes when every reader has signed beyond it, not before', async () => {
    const space = await three();
    const { a, b } = space;
    const relay = await space.relay();
    await writeFile(a.at('một.bin'), noise());
    await writeFile(a.at('hai.bin'), noise());
    await signed(space, a);
    await relay.take(a);
    const [one, two] = [await atRelay(relay, a, 'một.bin'), await atRelay(relay, a, 'hai.bin')];
    await writeFile(a.at('một.bin'), noise());
    await rm(a.at('hai.bin'));
    await a.settle();
    await relay.take(a);
    await a.bring(b);
    await b.settle();
    await b.return(a);
    await relay.take(a);
    expect([await gone(relay, one), await gone(relay, two)]).toEqual([false, false]);
    await signed(space, a);
    await relay.take(a);
    expect([await gone(relay, one), await gone(relay, two)]).toEqual([true, true]);
    expect(await atRelay(relay, a, 'một.bin')).toHaveLength(1);
  });

  it('a rename, and an edit that comes back, leave what is live', async () => {
    const space = await three();
    const { a } = space;
    const relay = await space.relay();
    const bytes = noise();
    await writeFile(a.at('một.bin'), bytes);
    await signed(space, a);
    await relay.take(a);
    const sealed = await atRelay(relay, a, 'một.bin');
    await rm(a.at('một.bin'));
    await writeFile(a.at('tên khác.bin'), bytes);
    await signed(space, a);
    await writeFile(a.at('tên khác.bin'), 'khác');
    await signed(space, a);
    await writeFile(a.at('tên khác.bin'), bytes);
    await signed(space, a);
    await relay.take(a);
    expect(await gone(relay, sealed)).toBe(false);
    expect(await atRelay(relay, a, 'tên khác.bin')).toHaveLength(1);
  });

  it('nothing of an epoch goes while records name chunks of it that have lost their places', async () => {
    const space = await three();
    const { a } = space;
    const relay = await space.relay();
    await writeFile(a.at('một.bin'), noise());
    await signed(space, a);
    await relay.take(a);
    const sealed = await atRelay(relay, a, 'một.bin');
    const batch = a.own.state.batch();
    keepEpoch(batch, (await a.own.state.row('một.bin'))?.remote?.epoch ?? 0);
    await batch.commit();
    await writeFile(a.at('một.bin'), noise());
    await signed(space, a);
    await relay.take(a);
    expect(await gone(relay, sealed)).toBe(false);
  });

  it('what was not answered is asked again, after a restart too', async () => {
    const space = await three();
    const relay = await space.relay();
    await writeFile(space.a.at('một.bin'), noise());
    await space.a.settle();
    await relay.take(space.a);
    const raised = await space.raise(raisedOne);
    await raised.settle();
    relay.loses = true;
    await expect(relay.take(raised)).rejects.toThrow();
    relay.loses = false;
    const again = await space.reopened(raised);
    await relay.take(again);
    expect(relay.dropped).toHaveLength(2);
    expect(relay.dropped[1]).toEqual(relay.dropped[0]);
    await relay.take(again);
    expect(relay.dropped).toHaveLength(2);
  });
});

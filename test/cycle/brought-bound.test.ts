/** What one record costs does not grow with the records of its item before it, whatever class they are under. */
import { afterEach, expect, it } from 'vitest';
import { ingest } from '#agent/apply/ingest.ts';
import { actorOf } from '#agent/core/actor.ts';
import { encodeChange } from '#agent/core/change-codec.ts';
import { parseTag } from '#agent/core/ids.ts';
import { labelClass } from '#agent/core/label.ts';
import { encodeRecord } from '#agent/core/record-codec.ts';
import { anyContent, maxBrought } from '#agent/core/withdraw.ts';
import { SpaceKeys } from '#agent/feed/keys.ts';
import type { Identity } from '#agent/seal/identity.ts';
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
  for (const one of cleanup.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

const path = 'một.txt';
const tag = '77';

/** A reader, and an author of links at one path: those that the reader may read, and those that it may not. */
async function reading() {
  const { parties, agreement } = await agree(
    ['H29.12', 'publish', 'subscribe'],
    ['H29.13', 'publish', 'subscribe'],
  );
  const [me, author] = parties as unknown as readonly [Identity, Identity];
  const dir = await temporaryDir();
  cleanup.push(dir);
  const reader = await SpaceNode.open({ me, agreement, dir: dir.path });
  cleanup.push(reader);
  const feed = new SignedFeed(author, agreement);
  const keyring = new Keyring({
    identity: author,
    store: new MemorySecrets(),
    random: systemRandom,
    clock: new SetClock(),
    suiteOf: () => 'nacl-pq',
  });
  const { keys } = await keyring.current(agreement, feed.origin, labelClass(agreement.label));
  const { state, origin } = reader.own;
  const take = ({ segment, head }: Signed) =>
    state.exclusive(async () => {
      const batch = state.batch();
      const withholds = (of: string) => of === 'CONFIDENTIAL';
      const me = { ...origin, publishes: false };
      await ingest({ segment, head, state, keys: reader.keyring, me, withholds, batch });
      await batch.commit();
    });
  await take(feed.next([encodeRecord(await keyring.grant(agreement, keys))]));
  const open = (n: number) => {
    const change = {
      path,
      state: { kind: 'link', target: `bản ${n}`, mtimeNs: 1n },
      version: [[actorOf(feed.origin), n]],
    } as const;
    const sealed = keys.sealRecord(encodeChange(change));
    return encodeRecord({ type: 'item', epoch: keys.epoch, labelClass: keys.labelClass, sealed });
  };
  const closed = (n: number) =>
    encodeRecord({ type: 'item', epoch: 99, labelClass: 'CONFIDENTIAL', sealed: Buffer.from(`${n}`) });
  return { reader, state, feed, take, open, closed };
}

it('what is kept of a tag is one row, as long after a thousand records as after one', async () => {
  const { reader, feed, take, open } = await reading();
  const key = new SpaceKeys(reader.own.space).opened(feed.origin, parseTag(tag.padStart(32, '0')));
  const bytes = async () => (await reader.state.db.get(key))?.length;
  await take(feed.next([open(1)], [tag]));
  const one = await bytes();
  for (let n = 2; n <= 1000; n += 111) {
    const records = Array.from({ length: 111 }, (_, i) => open(n + i));
    await take(
      feed.next(
        records,
        records.map(() => tag),
      ),
    );
  }
  expect(one).toBeGreaterThan(0);
  expect(await bytes()).toBe(one);
});

it('what is read and written for a record that is withheld has a bound; that some was forgotten stays known', async () => {
  const { state, feed, take, open, closed } = await reading();
  await take(feed.next([open(1)], [tag]));
  const batch = state.batch();
  for (let seq = 1; seq <= 3 * maxBrought; seq += 1)
    batch.putBrought(path, { author: feed.origin, seq: 0, name: `-> cũ ${seq}`, over: false });
  await batch.commit();
  for (let n = 2; n < 6; n += 2) await take(feed.next([closed(n), open(n + 1)], [tag, tag]));
  await take(feed.next([closed(9)], [tag]));
  const brought = await state.history.brought(path);
  expect(brought.length).toBeLessThanOrEqual(maxBrought + 4);
  expect(brought.some(({ name }) => name === anyContent)).toBe(true);
  const [mark] = (await state.row(path))?.withdrawn ?? [];
  expect(mark?.contents.length).toBeLessThanOrEqual(maxBrought + 4);
  expect(mark?.contents).toContain('-> bản 5');
});

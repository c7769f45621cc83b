/** Receipts while something waits: who has no hand in it gets his all the same. */
import { afterEach, expect, it } from 'vitest';
import { actorOf } from '#agent/core/actor.ts';
import { encodeChange } from '#agent/core/change-codec.ts';
import { parseChunkId, parseDigest } from '#agent/core/ids.ts';
import type { ItemChange } from '#agent/core/item.ts';
import { labelClass } from '#agent/core/label.ts';
import { encodeRecord } from '#agent/core/record-codec.ts';
import type { Version } from '#agent/core/version.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { SetClock } from '#test/trust/parties.ts';
import { agree } from './node.ts';
import { SignedFeed } from './signed-feed.ts';
import { SpaceNode } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

/** A reader, and two authors that write what the test says. */
async function reading() {
  const { parties, agreement } = await agree(
    ['H29.13', 'subscribe'],
    ['H29.12', 'publish'],
    ['H29.14', 'publish'],
  );
  const [me, sound, hostile] = parties;
  const dir = await temporaryDir();
  const node = await SpaceNode.open({ me, agreement, dir: dir.path });
  cleanup.push(dir, node);
  const author = async (who: Identity | undefined) => {
    if (!who) throw new Error('no author');
    const feed = new SignedFeed(who, agreement);
    const keyring = new Keyring({
      identity: who,
      store: new MemorySecrets(),
      random: systemRandom,
      clock: new SetClock(),
      suiteOf: () => 'nacl-pq',
    });
    const { keys } = await keyring.current(agreement, feed.origin, labelClass(agreement.label));
    const first = [encodeRecord(await keyring.grant(agreement, keys))];
    const actor = actorOf(feed.origin);
    const write = async (change: Omit<ItemChange, 'version'>, ...more: Version) => {
      const version = [...more, [actor, 1] as const].sort(([a], [b]) => (a < b ? -1 : 1));
      const sealed = keys.sealRecord(encodeChange({ ...change, version } as ItemChange));
      const { epoch, labelClass: label } = keys;
      const bodies = [...first.splice(0), encodeRecord({ type: 'item', epoch, labelClass: label, sealed })];
      const { segment, head } = feed.next(bodies);
      await node.own.acceptor.accept(who.node, [segment], head);
    };
    return { write, actor, receipt: () => node.receiptFor(who.node) };
  };
  return { node, sound: await author(sound), hostile: await author(hostile) };
}

const dirAt = (path: string) => ({ path, state: { kind: 'dir', mode: 0o755 } }) as const;
const size = 20_000;
/** A file whose content nobody has. */
const emptyHanded = (path: string) =>
  ({
    path,
    state: { kind: 'file', mode: 0o644, mtimeNs: 1n, size, sha256: parseDigest('aa'.repeat(32)) },
    content: { levels: 0, refs: [{ id: parseChunkId('bb'.repeat(32)), length: size }] },
  }) as const;

it('an item that can never be placed keeps the receipt from its author alone', async () => {
  const { node, sound, hostile } = await reading();
  await hostile.write(emptyHanded('rỗng.pdf'));
  await sound.write(dirAt('một'));
  await node.until(async () => (await sound.receipt()) === 2);
  expect(node.own.state.pendingCount()).toBe(1);
  await sound.write(dirAt('hai'));
  await node.until(async () => (await sound.receipt()) === 3);
  expect(await hostile.receipt()).toBe(0);
});

it('an author whose own record stands beside what waits is not signed for', async () => {
  const { node, sound, hostile } = await reading();
  await sound.write(emptyHanded('a.pdf'));
  await hostile.write(dirAt('khác'));
  await node.until(async () => (await hostile.receipt()) === 2);
  await hostile.write(emptyHanded('a.pdf'));
  await hostile.write(dirAt('nữa'));
  await sound.write(dirAt('cũng'));
  await node.until(async () => (await node.own.state.row('nữa'))?.local !== undefined);
  await node.until(async () => (await node.own.state.row('cũng'))?.local !== undefined);
  expect([await sound.receipt(), await hostile.receipt()]).toEqual([0, 2]);
});

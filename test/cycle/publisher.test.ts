/** What is published is durable on this disk first, or a power cut would turn it into a delete of what others have. */
import { afterEach, describe, expect, it } from 'vitest';
import { actorOf } from '#agent/core/actor.ts';
import { maxCounter } from '#agent/core/bounds.ts';
import { planItem } from '#agent/core/plan.ts';
import { Publisher, type PublisherParts } from '#agent/cycle/publisher.ts';
import type { Identity } from '#agent/seal/identity.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { originOf } from '#test/core/sample.ts';
import { MemorySecrets } from '#test/seal/memory-secrets.ts';
import { SetClock } from '#test/trust/parties.ts';
import { agree, TestNode } from './node.ts';

const open: TestNode[] = [];
afterEach(async () => {
  for (const node of open.splice(0)) await node[Symbol.asyncDispose]();
});

const folder = { kind: 'dir', mode: 0o755 } as const;

async function publishing(durable: (node: TestNode) => Promise<void>, more: Partial<PublisherParts> = {}) {
  const { parties, agreement } = await agree(['H29.12', 'publish', 'subscribe'], ['H29.13', 'subscribe']);
  const identity = parties[0] as Identity;
  const node = await TestNode.open(identity, agreement);
  open.push(node);
  const { space, state, origin } = node.own;
  const keyring = new Keyring({
    identity,
    store: new MemorySecrets(),
    random: systemRandom,
    suiteOf: () => 'nacl-pq',
    clock: new SetClock(),
  });
  const moved: number[] = [];
  const publisher = new Publisher(
    {
      ...{ space, origin, state, keyring, identity, clock: node.clock },
      alive: () => true,
      emit: () => undefined,
      durable: () => durable(node),
      moved: (seq) => void moved.push(seq),
      ...more,
    },
    agreement,
  );
  const actor = '01'.repeat(8) as never;
  const change = { path: 'Hồ sơ', state: folder, version: [[actor, 1]] } as const;
  await publisher.add({ path: 'Hồ sơ', local: { state: folder }, change, contentBytes: 0 });
  return { node, publisher, moved };
}

describe('a segment', () => {
  it('holds nothing whose label has been raised while it waited; that is looked at again', async () => {
    const again: string[] = [];
    const { node, publisher } = await publishing(async () => undefined, {
      fits: async () => false,
      again: (path) => again.push(path),
    });
    await publisher.flush();
    expect(again).toEqual(['Hồ sơ']);
    // The grant of the epoch alone.
    expect(await node.own.state.origins()).toMatchObject([{ seq: 1 }]);
    expect((await node.own.state.row('Hồ sơ'))?.agreed).toBeUndefined();
  });

  it('of a life or an agreement that is over meanwhile is not written', async () => {
    let over = false;
    const { node, publisher, moved } = await publishing(
      async () => {
        over = true;
      },
      { alive: () => !over },
    );
    await expect(publisher.flush()).rejects.toMatchObject({ code: 'FEED_MOVED' });
    expect([await node.own.state.origins(), moved]).toEqual([[], []]);
  });

  it('is written after its items are durable, and told at once', async () => {
    const heads: number[] = [];
    const { node, publisher, moved } = await publishing(async ({ own }) => {
      heads.push((await own.state.origins()).length);
    });
    await publisher.flush();
    expect(heads).toEqual([0]);
    // The grant of the epoch, then the item.
    expect(moved).toEqual([2]);
    expect(await node.own.state.origins()).toMatchObject([{ seq: 2 }]);
  });

  it('is not written when its items could not be made durable', async () => {
    const { node, publisher, moved } = await publishing(async () => {
      throw Object.assign(new Error('disk'), { code: 'EIO', errno: -5, syscall: 'syncfs' });
    });
    await expect(publisher.flush()).rejects.toMatchObject({ code: 'EIO' });
    expect(await node.own.state.origins()).toEqual([]);
    expect(await node.own.state.row('Hồ sơ')).toBeUndefined();
    expect(moved).toEqual([]);
  });
});

it('an edit whose version nobody would take is a problem of the item, and nothing else stops', async () => {
  const { node, publisher } = await publishing(async () => undefined);
  const { state, origin } = node.own;
  const [me, hostile] = [actorOf(origin), originOf(1)];
  const seen = [[me, maxCounter]] as const;
  const batch = state.batch();
  const remote = { state: folder, version: [...seen, [actorOf(hostile), 1]], author: hostile } as const;
  const sorted = remote.version.toSorted(([a], [b]) => (a < b ? -1 : 1));
  const agreed = { state: folder, version: sorted, author: hostile };
  batch.putRow('f', { agreed, remote: { ...remote, version: sorted, seen: sorted, epoch: 1, seq: 1 } });
  await batch.commit();
  const local = { state: { ...folder, mode: 0o700 } };
  const action = planItem({ ...(await state.row('f')), local }, { ...origin, publishes: true });
  if (action.do !== 'publish') throw new Error(action.do);
  const change = { path: 'f', state: action.state, version: action.version };
  await publisher.add({ path: 'f', local, change, contentBytes: 0 });
  await publisher.flush();
  const problems = await Array.fromAsync(state.problems());
  expect(problems.map(({ path, code }) => `${path} ${code}`)).toEqual(['f VERSION_SPENT']);
  // The grant and the other item went out.
  expect([publisher.published, (await state.head(origin))?.seq]).toEqual([1, 2]);
  expect((await state.row('f'))?.local).toEqual(local);
});

describe('what every reader would refuse', () => {
  it('is a problem of its item, and the next goes on', async () => {
    const { node, publisher } = await publishing(async () => undefined);
    const { state, origin } = node.own;
    const version = [[actorOf(origin), 1]] as const;
    const far = { kind: 'link', target: 'x', mtimeNs: 2n ** 63n } as const;
    const long = { kind: 'link', target: 'x'.repeat(4096), mtimeNs: 1n } as const;
    const put = (path: string, item: typeof far | typeof long) =>
      publisher.add({
        path,
        local: { state: item },
        change: { path, state: item, version },
        contentBytes: 0,
      });
    expect([await put('xa', far), await put('dài', long)]).toEqual([true, true]);
    await publisher.flush();
    const problems = await Array.fromAsync(state.problems());
    expect(problems).toEqual([
      { path: 'dài', code: 'ITEM_UNSHARABLE', details: { field: 'target', rule: '1 to 4095 characters' } },
      { path: 'xa', code: 'ITEM_UNSHARABLE', details: { field: 'mtime', rule: '64 bits' } },
    ]);
    expect([publisher.published, (await state.head(origin))?.seq]).toEqual([1, 2]);
  });

  it('of a segment as a whole is never written to the feed', async () => {
    const { node, publisher } = await publishing(async () => undefined);
    const { now } = node.clock;
    node.clock.now = () => -1;
    await expect(publisher.flush()).rejects.toMatchObject({
      code: 'FEED_UNWRITABLE',
      details: { field: 'time' },
    });
    expect(await node.own.state.origins()).toEqual([]);
    node.clock.now = now;
    await publisher.flush();
    expect(await node.own.state.origins()).toMatchObject([{ seq: 2 }]);
  });
});

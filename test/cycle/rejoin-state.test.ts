/** A new life of a node is one over a restart too, and what was begun to be forgotten is forgotten to the end. */
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { NodeSpace } from '#agent/cycle/node-space.ts';
import { EventHub } from '#agent/exchange/event-hub.ts';
import { State } from '#agent/feed/state.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { SetClock } from '#test/trust/parties.ts';
import { agree } from './node.ts';
import { SignedFeed } from './signed-feed.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

async function world() {
  const { parties, agreement } = await agree(['H29.12', 'publish', 'subscribe'], ['H29.13', 'publish']);
  const [me] = parties;
  const dir = await temporaryDir();
  const clock = new SetClock();
  const state = await State.open(dir.path, { node: me.node, clock });
  cleanup.push(dir, state);
  const book = await AgreementBook.open(join(dir.path, 'agreements'), me, clock);
  await book.accept(agreement);
  const common = { identity: me, state, book, hub: new EventHub(), clock, random: systemRandom };
  const open = () => NodeSpace.open(agreement.space, { ...common, emit: () => undefined });
  const own = await open();
  const written = (records: number, first = 'một') => {
    const feed = new SignedFeed(me, agreement, own.origin.incarnation);
    return feed.next(Array.from({ length: records }, (_, i) => Buffer.from(`${first} ${i}`)));
  };
  const write = async (records: number) => {
    const { segment, head } = written(records);
    const batch = own.state.batch();
    await batch.append(segment, head);
    await batch.commit();
  };
  return { own, open, state, clock, written, write, space: agreement.space };
}

it('goes on under the incarnation that it took', async () => {
  const { own, open, written } = await world();
  const before = own.origin.incarnation;
  await own.acceptor.checkOwn(written(3).head);
  const { incarnation } = own.origin;
  expect(incarnation).not.toBe(before);
  expect((await open()).origin.incarnation).toBe(incarnation);
});

it('forgets to the end what a crash left half forgotten', async () => {
  const { own, open, state, write, space } = await world();
  await write(2);
  expect(await own.state.origins()).toHaveLength(1);
  await state.putMeta(`forgetting/${space}`, 'yes');
  expect(await (await open()).state.origins()).toEqual([]);
});

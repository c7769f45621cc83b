/** What others say of an item is known before this node says something, and when it comes it is a reason to look. */
import { copyFileSync, existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parentOf } from '#agent/core/path.ts';
import { headSigned } from '#agent/core/segment-codec.ts';
import { sha256 } from '#agent/seal/verify.ts';
import { Cast } from './cast.ts';
import { Chance } from './chance.ts';
import { History } from './history.ts';
import type { Machine } from './machine.ts';
import type { Member } from './member.ts';
import { World } from './world.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await Cast.make();
});
afterAll(() => cast[Symbol.asyncDispose]());

const by = { decidedBy: 'Lê Thị Hoa', decisionRef: '12/QĐ' };

/** Until `holds`, at the latest after so many times. */
async function works(h: History, at: Member, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let times = 0; times < 30; times += 1) {
    await workOnce(h, at);
    if (await holds()) return;
  }
  throw new Error(`${at.name} does not get there`);
}

async function workOnce(h: History, at: Member): Promise<void> {
  at.running.store.hint(at.running.store.due);
  await h.exchange(at);
  await h.turn(at);
  await h.exchange(at);
}

async function classOf(h: History, at: Member, path: string): Promise<string | undefined> {
  const { node } = at.running;
  const remote = (await node.space(h.world.space).state.row(path))?.remote;
  return remote && (await node.keyring.keysFor(h.world.space, remote.author, remote.epoch))?.labelClass;
}

const published = async (h: History, at: Member, held: Machine = at): Promise<number> => {
  const { origin } = at.running.node.space(h.world.space);
  return (await held.node?.space(h.world.space).state.position(origin))?.seq ?? 0;
};

/** Whether the relay has all that it wrote. */
const isBrought = async (h: History, at: Member): Promise<boolean> =>
  (await published(h, at)) > 0 && (await published(h, at, h.world.relay)) === (await published(h, at));

it('after its state was lost: a label that another raised meanwhile holds for what lies here', async () => {
  await using world = await World.open(cast, 1);
  const h = new History(world, new Chance(1));
  const [a, b] = world.members as [Member, Member];
  mkdirSync(h.at(a, 'chung'));
  writeFileSync(h.at(a, 'chung/a'), h.contents.fresh(a, 10));
  h.changed(a, 'chung', 'chung/a');
  await works(h, a, () => isBrought(h, a));
  await works(
    h,
    b,
    async () => (await classOf(h, b, 'chung/a')) !== undefined && existsSync(h.at(b, 'chung/a')),
  );
  await a.decide({ path: 'chung/a', sensitivity: 'INTERNAL', ...by }, 'file');
  await works(
    h,
    a,
    async () => /^INTERNAL/.test(String(await classOf(h, a, 'chung/a'))) && (await isBrought(h, a)),
  );

  await b.stop();
  await b.loseState();
  await world.start(b);
  copyFileSync(h.at(b, 'chung/a'), h.at(b, 'chung/b'));
  h.changed(b, 'chung/b');
  for (const seconds of [0, 60]) {
    world.time.pass(seconds * 1000);
    await h.turn(b);
    expect(await published(h, b)).toBe(0);
  }
  expect((await b.running.facts.all())[0]).toMatchObject({ unheard: true });
  await works(h, b, async () => (await classOf(h, b, 'chung/b')) !== undefined);
  expect(await classOf(h, b, 'chung/b')).toMatch(/^INTERNAL/);
  expect((await b.running.facts.all())[0]).not.toHaveProperty('unheard');
});

it('from the moment at which it hears of a later life of its own, which its index may know nothing of', async () => {
  await using world = await World.open(cast, 2);
  const h = new History(world, new Chance(2));
  const [, b] = world.members as [Member, Member];
  const known = () => b.running.space.cycle.facts().lastScan !== undefined;
  await works(h, b, known);
  const { node, space } = b.running;
  const own = node.space(world.space);
  expect((await b.running.facts.all())[0]).not.toHaveProperty('unheard');
  const of = { space: world.space, origin: own.origin, seq: 9, digest: sha256(new Uint8Array(1)), time: 0 };
  const signature = node.identity.sign(own.agreement().suite, 'head', headSigned(of));
  await own.acceptor.checkOwn({ ...of, signature });
  b.line.up = false;
  await h.turn(b);
  expect(space.cycle.facts()).toMatchObject({ unheard: true });
  b.line.up = true;
  await works(h, b, () => !space.cycle.facts().unheard);
  expect(space.cycle.facts()).not.toHaveProperty('unheard');
});

it('what has come beside an item of ours, under a higher label: ours is published anew under that at once', async () => {
  await using world = await World.open(cast, 3);
  const h = new History(world, new Chance(3));
  const [a, b] = world.members as [Member, Member];
  const put = (at: Member, path: string) => {
    mkdirSync(h.at(at, parentOf(path)), { recursive: true });
    writeFileSync(h.at(at, path), h.contents.fresh(at, 10));
    h.changed(at, parentOf(path), path);
  };
  // The grants of its epoch are there before: these alone are a reason to look.
  for (const at of [a, b]) put(at, `mat/${at.name}`);
  for (const at of [a, b, a]) await works(h, at, () => isBrought(h, at));
  a.line.up = false;
  for (const _ of [1, 2]) {
    put(a, 'chung/x');
    a.running.store.hint(a.running.store.due);
    await h.turn(a);
  }
  put(b, 'chung/x');
  await works(h, b, () => isBrought(h, b));
  await b.decide({ path: 'chung/x', sensitivity: 'RESTRICTED', ...by }, 'file');
  await works(h, b, async () => (await classOf(h, b, 'chung/x')) === 'RESTRICTED' && (await isBrought(h, b)));
  a.line.up = true;
  expect(await classOf(h, a, 'chung/x')).toBe('PUBLIC');
  for (let times = 0; times < 10 && (await classOf(h, a, 'chung/x')) === 'PUBLIC'; times += 1) {
    await h.exchange(a);
    await h.turn(a);
  }
  expect(await classOf(h, a, 'chung/x')).toBe('RESTRICTED');
  const row = await a.running.node.space(world.space).state.row('chung/x');
  expect(row?.remote?.author.node).toBe(a.parts.identity.node);
});

it('a copy has the highest class of all versions of the item that stand, whichever of them wins', async () => {
  await using world = await World.open(cast, 4);
  const h = new History(world, new Chance(4));
  const [a, b] = world.members as [Member, Member];
  mkdirSync(h.at(a, 'chung'));
  writeFileSync(h.at(a, 'chung/x'), h.contents.fresh(a, 10));
  h.changed(a, 'chung', 'chung/x');
  await works(h, a, () => isBrought(h, a));
  await works(h, b, () => existsSync(h.at(b, 'chung/x')));
  await a.decide({ path: 'chung/x', sensitivity: 'RESTRICTED', ...by }, 'file');
  await works(h, a, async () => (await classOf(h, a, 'chung/x')) === 'RESTRICTED' && (await isBrought(h, a)));
  b.line.up = false;
  for (const seconds of [1, 2]) {
    utimesSync(h.at(b, 'chung/x'), seconds, seconds);
    h.changed(b, 'chung/x');
    b.running.store.hint(b.running.store.due);
    await h.turn(b);
  }
  expect(await classOf(h, b, 'chung/x')).toBe('PUBLIC');
  b.line.up = true;
  await works(h, b, () => isBrought(h, b));
  await h.exchange(a);
  const own = a.running.node.space(world.space);
  expect((await own.state.row('chung/x'))?.remote).toMatchObject({
    author: b.running.node.space(world.space).origin,
    rivals: [{ author: own.origin }],
  });
  copyFileSync(h.at(a, 'chung/x'), h.at(a, 'chung/y'));
  h.changed(a, 'chung/y');
  a.running.store.hint(a.running.store.due);
  await h.turn(a);
  expect(await classOf(h, a, 'chung/y')).toBe('RESTRICTED');
});

/** Problems of feeds, members and levels never stand in for those of a file that bears such a name, nor they for them. */
import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkPath } from '#agent/core/path.ts';
import { feedPlace, isPlace, secretPlace, withdrawalPlace } from '#agent/core/problem-place.ts';
import { clearFeedProblems } from '#agent/cycle/feed-problems.ts';
import { Withdrawals } from '#agent/cycle/withdrawals.ts';
import { SpaceKeys } from '#agent/feed/keys.ts';
import { State } from '#agent/feed/state.ts';
import { me, SetClock, space } from '#test/status/sample-facts.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';

const node = hash('sha256', 'nút');
/** Files may be called so; `feed:…/3` is one in a directory. */
const names = [`feed:${node}`, `feed:${node}/3`, `withdrawal:${node}`, 'withdrawal:a.txt', 'secret:MAT'];
const places = [feedPlace(node), feedPlace(node, 3), withdrawalPlace(node), secretPlace('MAT')];

const all = async (state: State): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for await (const { path, code } of state.space(space).problems()) found[path] = code;
  return found;
};

describe('a place', () => {
  it('is what no path of an item can be', () => {
    for (const place of places) expect([isPlace(place), checkPath(place)]).toEqual([true, 'absolute']);
    for (const name of names) expect([isPlace(name), checkPath(name)]).toEqual([false, undefined]);
  });

  it('is over without the problem of a file of such a name, over restarts too', async () => {
    await using dir = await temporaryDir();
    const clock = new SetClock();
    const open = () => State.open(dir.path, { node: me, clock });
    const items = Object.fromEntries(names.map((name) => [name, 'STORE_LOOK_FAILED']));
    {
      await using state = await open();
      const batch = state.space(space).batch();
      for (const path of names)
        batch.putProblem({ code: 'STORE_LOOK_FAILED', path, details: { errno: 'EIO' } });
      for (const path of places) batch.putProblem({ code: 'OWN_FAULT', path, details: { what: 'x' } });
      await batch.commit();
    }
    await using state = await open();
    expect(await all(state)).toEqual({
      ...items,
      ...Object.fromEntries(places.map((p) => [p, 'OWN_FAULT'])),
    });
    const one = { state: state.space(space), space, clock, emit: () => undefined };
    await clearFeedProblems({ ...one, publishes: () => false, inherited: false });
    await new Withdrawals(one).confirm();
    expect(await all(state)).toEqual({ ...items, [secretPlace('MAT')]: 'OWN_FAULT' });
    expect(state.space(space).counts().problems).toBe(names.length + 1);
  });

  it('that an earlier version noted is known for one, once', async () => {
    await using dir = await temporaryDir();
    const clock = new SetClock();
    const open = () => State.open(dir.path, { node: me, clock });
    const keys = new SpaceKeys(space);
    {
      await using state = await open();
      const batch = state.space(space).batch();
      for (const path of ['a.txt', 'b', 'c', 'd']) batch.putProblem({ code: 'X', path, details: {} });
      await batch.commit();
      const value = Buffer.from(JSON.stringify({ code: 'RECORD_TAMPERED', details: { seq: 3 } }));
      const old = [`feed:${node}`, `feed:${node}/3`, `withdrawal:${node}`, 'secret:MAT'];
      const gone = ['a.txt', 'b', 'c', 'd'].map((path) => ({ key: keys.problem(path) }));
      await state.db.write([...gone, ...old.map((path) => ({ key: keys.problem(path), value }))]);
    }
    await using state = await open();
    expect(Object.keys(await all(state)).sort()).toEqual([...places].sort());
    expect(state.space(space).counts().problems).toBe(4);
  });
});

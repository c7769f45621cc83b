/** When a new epoch is opened, whatever the folder does: readers that change, a person's word, a file half read. */
import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Member } from '#agent/core/agreement.ts';
import { decodeRecord } from '#agent/core/record-codec.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { overlaid } from '#test/sys/overlaid.ts';
import { liveGrants, ThreeMembers } from './three-members.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

async function three(): Promise<ThreeMembers> {
  const space = await ThreeMembers.open();
  cleanup.push(space);
  return space;
}

const withoutLast = (members: readonly Member[]) => members.slice(0, -1);
const lowered = (members: readonly Member[]) =>
  members.map((m, i) => (i === 2 ? { ...m, highestLabel: 'PUBLIC' } : m));
const lapsing = (until: string) => (members: readonly Member[]) =>
  members.map((m, i) => (i === 2 && m.system ? { ...m, system: { ...m.system, validUntil: until } } : m));

const opened = ({ a }: ThreeMembers) =>
  a.decisions
    .filter(({ type }) => type === 'epoch.opened')
    .map(({ epoch, before, why, agencies, by, reason }) => ({
      ...{ epoch, before, why, agencies },
      ...(by ? { by, reason } : {}),
    }));
const all = 'H29.12 H29.13 H29.14';
const first = { epoch: 1, before: 0, why: 'new', agencies: all };

describe('a member', () => {
  it.each([
    ['that leaves', withoutLast],
    ['that loses clearance', lowered],
  ])('%s is left out at once: a new epoch before the next item, and no file changes', async (_, change) => {
    const space = await three();
    const { a } = space;
    await space.put('cũ.txt');
    await space.sync(space.b, space.c);
    const watch = space.watch(a);
    const before = await a.published();
    await space.revise(change, a, space.b);
    watch.look([a.own.space]);
    await a.until(async () => (await a.published()) > before);
    expect(opened(space)).toEqual([
      first,
      { epoch: 2, before: 1, why: 'readers-changed', agencies: 'H29.12 H29.13' },
    ]);
    expect(await liveGrants(a)).toEqual([
      [1, 3],
      [2, 2],
    ]);
    await space.put('mới.txt');
    await space.sync(space.b);
    expect((await a.own.state.row('cũ.txt'))?.remote?.epoch).toBe(1);
    expect((await a.own.state.row('mới.txt'))?.remote?.epoch).toBe(2);
    expect((await space.b.own.state.row('mới.txt'))?.local?.state.kind).toBe('file');
    // With all of its keys and all of the feed.
    const { keyring } = space.c;
    for await (const segment of a.own.state.segments(a.own.origin, before + 1))
      for (const body of segment.bodies) {
        const record = body && decodeRecord(body);
        if (record?.type === 'grant') await keyring.learn(a.own.space, a.own.origin, record);
        else if (record)
          expect(await keyring.keysFor(a.own.space, a.own.origin, record.epoch)).toBeUndefined();
      }
  });

  it('whose approval ends is left out at that time', async () => {
    const space = await three();
    const { a } = space;
    await space.put('cũ.txt');
    await a.settle();
    await space.revise(lapsing('2026-11-05T00:00:00.000Z'), a);
    const watch = space.watch(a);
    await a.settle();
    expect(opened(space)).toEqual([first]);
    const before = await a.published();
    space.ahead = 3 * 86_400_000;
    watch.look([a.own.space]);
    await a.until(async () => (await a.published()) > before);
    expect(opened(space)[1]).toEqual({
      ...{ epoch: 2, before: 1, why: 'readers-changed', agencies: 'H29.12 H29.13' },
    });
  });

  it('that goes while a file is read gets nothing of it: the file is read again under the new epoch', async () => {
    const space = await three();
    const { b } = space;
    await space.revise(lapsing('2026-11-05T00:00:00.000Z'), space.a, b);
    await space.put('một.txt');
    await space.sync(b);
    // Its approval ends when the file is opened: it is cut under the old epoch, and sealed later.
    await space.stop(0);
    const openRead: Disk['openRead'] = (path) => {
      if (path.endsWith('hai.txt')) space.ahead = 3 * 86_400_000;
      return nodeDisk.openRead(path);
    };
    const a = await space.start(0, { disk: overlaid({ openRead }) });
    await space.put('hai.txt', 'hai');
    await space.sync(b);
    const row = await a.own.state.row('hai.txt');
    expect([row?.local?.epoch, row?.remote?.epoch]).toEqual([2, 2]);
    expect((await b.own.state.row('hai.txt'))?.local?.state.kind).toBe('file');
  });

  it('that goes between the sealing and the feed gets nothing of it: the item is sealed again', async () => {
    const space = await three();
    const { b } = space;
    await space.put('một.txt');
    await space.sync(b);
    await space.stop(0);
    let armed = false;
    const syncFs: Disk['syncFs'] = async (path) => {
      if (armed) {
        armed = false;
        await space.revise(withoutLast, space.a, b);
      }
      return nodeDisk.syncFs(path);
    };
    const a = await space.start(0, { disk: overlaid({ syncFs }) });
    await a.settle();
    await space.put('hai.txt', 'hai');
    armed = true;
    await space.sync(b);
    expect(armed).toBe(false);
    const row = await a.own.state.row('hai.txt');
    expect([row?.local?.epoch, row?.remote?.epoch]).toEqual([2, 2]);
    expect((await b.own.state.row('hai.txt'))?.local?.state.kind).toBe('file');
  });
});

describe('a rotation', () => {
  const cause = { why: 'by-hand', by: 'Ông A', reason: 'định kỳ' } as const;

  it('opens an epoch for each class, on the record with who and why; what is published next is under it', async () => {
    const space = await three();
    const { a, b } = space;
    await space.put('cũ.txt');
    await space.sync(b);
    const [rotated] = await Promise.all([
      a.space.epochs.rotate({ cause }),
      a.until(async () => (await a.published()) >= 3),
    ]);
    expect(rotated).toEqual([{ labelClass: 'INTERNAL', before: 1, epoch: 2 }]);
    expect(opened(space)[1]).toEqual({
      ...{ epoch: 2, before: 1, why: 'by-hand', agencies: all, by: 'Ông A', reason: 'định kỳ' },
    });
    expect(await liveGrants(a)).toEqual([
      [1, 3],
      [2, 3],
    ]);
    await writeFile(a.at('mới.txt'), 'mới');
    await space.sync(b);
    expect((await a.own.state.row('mới.txt'))?.remote?.epoch).toBe(2);
    expect((await b.own.state.row('mới.txt'))?.local?.state.kind).toBe('file');
  });

  it('by the timetable that passed while the node was off is made up for at its start, once', async () => {
    const space = await three();
    await space.put('cũ.txt');
    await space.a.settle();
    await space.stop(0);
    const again = async (days: number) => {
      space.ahead = days * 86_400_000;
      const a = await space.start(0);
      await a.settle();
      await space.stop(0);
      return a.decisions.map(({ epoch, why }) => [epoch, why]);
    };
    // It is the 2nd of November; the 1st of December comes and goes while it is off.
    expect(await again(20)).toEqual([]);
    expect(await again(29.5)).toEqual([[2, 'timetable']]);
    expect(await again(29.6)).toEqual([]);
  });

  it('by the timetable is not put off by a clock that was ahead for a while', async () => {
    const space = await three();
    await space.put('cũ.txt');
    await space.a.settle();
    await space.stop(0);
    const again = async (days: number) => {
      space.ahead = days * 86_400_000;
      const a = await space.start(0);
      await a.settle();
      await space.stop(0);
      return a.decisions.flatMap(({ why }) => (why === undefined ? [] : [why]));
    };
    // Within the term of the agreement: it is the 2nd of November, and the clock says the 1st of December.
    expect(await again(29.5)).toEqual(['timetable']);
    expect(await again(1)).toEqual([]);
    expect(await again(29.5)).toEqual(['timetable']);
  });

  it('of one class leaves the others, and is not opened when it cannot go on the record', async () => {
    const space = await three();
    const { a } = space;
    await space.put('cũ.txt');
    await a.settle();
    const rotate = (labelClass: string) => a.space.epochs.rotate({ cause, labelClass });
    const settled = Promise.allSettled([rotate('PUBLIC'), rotate('INTERNAL')]);
    const { decisions } = a;
    decisions.push = () => {
      throw Object.assign(new Error('full'), { code: 'ENOSPC', errno: -28 });
    };
    let done = false;
    void settled.then(() => (done = true));
    await a.until(() => done);
    expect(await settled).toMatchObject([{ value: [] }, { reason: { code: 'ENOSPC' } }]);
    expect(await a.keyring.currentEpoch(a.own.space, a.own.origin, 'INTERNAL')).toBe(1);
  });
});

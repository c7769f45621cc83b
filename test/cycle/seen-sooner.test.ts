/** What no watch tells of is seen without the timetable, and what could not be done is tried again soon. */
import { link, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ApplyAgain } from '#agent/cycle/apply-again.ts';
import { SlowPass } from '#agent/cycle/slow-pass.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { faultyDisk } from '#test/store/faulty-disk.ts';
import { overlaid } from '#test/sys/overlaid.ts';
import { ThreeMembers } from './three-members.ts';
import type { SpaceNode } from './space-node.ts';

const stateOf = async (node: SpaceNode, path: string) => (await node.own.state.row(path))?.agreed?.state;

/** Of one run of turns: whether the look at everything that the watch begins with is over for good, which would find all. */
function watched(node: SpaceNode): () => boolean {
  const scans = () => node.events.filter(({ type }) => type === 'scan.done').length;
  const before = scans();
  let since: number | undefined;
  return () => {
    if (scans() > before) since ??= performance.now();
    return since !== undefined && performance.now() - since > 1_000;
  };
}

describe('the slow pass', { timeout: 60_000 }, () => {
  it('finds what was written through another hard link', async () => {
    await using three = await ThreeMembers.open();
    const { a } = three;
    await three.put('kho/a.txt', 'trước');
    const outside = `${three.file(0, '')}../ngoài.txt`;
    await link(a.at('kho/a.txt'), outside);
    await a.settle();
    const stop = new AbortController();
    const passing = a.space.slowPass.run(stop.signal);
    const text = 'sau: dài hơn';
    const isWatched = watched(a);
    let written = false;
    await a.until(async () => {
      if (!written && isWatched()) {
        written = true;
        await writeFile(outside, text);
      }
      const state = await stateOf(a, 'kho/a.txt');
      return state?.kind === 'file' && state.size === Buffer.byteLength(text);
    });
    stop.abort(new Error('done'));
    await passing;
  });

  it('costs a hundredth of the time, waits for turns, and asks for a look only where something is new', async () => {
    await using three = await ThreeMembers.open();
    const { a } = three;
    for (let dir = 0; dir < 20; dir++)
      for (let file = 0; file < 20; file++) await three.put(`${dir}/${file}`);
    await a.settle();
    const looks: string[] = [];
    const slept: number[] = [];
    const stop = new AbortController();
    let now = 0;
    const clock = {
      ...systemClock,
      // Each directory takes three milliseconds.
      monotonic: () => (now += 3),
      sleep: async (ms: number) => {
        if (slept.push(ms) === 40) stop.abort(new Error('done'));
      },
    };
    let turns = 3;
    const pass = new SlowPass({
      ...{ clock, store: a.store, state: a.own.state },
      putOff: { waits: () => false },
      mayLook: () => turns-- <= 0,
      lookSoon: (dir) => looks.push(dir),
    });
    await writeFile(a.at('7/7'), 'khác');
    await pass.run(stop.signal);
    expect(slept.slice(0, 3)).toEqual([500, 500, 500]);
    // After each twelve milliseconds of work, or five seconds at the end of a pass.
    expect(new Set(slept.slice(3))).toEqual(new Set([12 * 99, 5_000]));
    expect(new Set(looks)).toEqual(new Set(['7']));
  });
});

describe('what was refused is tried again', { timeout: 60_000 }, () => {
  it('a write after two seconds, then ever more seldom, and from the start when something has changed', () => {
    let now = 0;
    const again = new ApplyAgain({ ...systemClock, monotonic: () => now });
    const pauses: number[] = [];
    for (let i = 0; i < 7; i++) {
      const pause = again.dueIn({ applied: 0, problems: 1 }, now);
      pauses.push(pause);
      // Others cause a turn in between.
      now += pause / 2;
      expect(again.dueIn({ applied: 0, problems: 1 }, now)).toBe(pause / 2);
      now += pause / 2;
    }
    expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(again.dueIn({ applied: 1, problems: 1 }, now)).toBe(2_000);
    expect(again.dueIn({ applied: 0, problems: 0 }, now)).toBe(Infinity);
    expect(again.dueIn({ applied: 0, problems: 2 }, now - 1_500)).toBe(13_500);
  });

  it('an item that may be written by now comes without anything else happening', async () => {
    await using three = await ThreeMembers.open();
    await three.stop(1);
    let denied = true;
    const refused = (to: string) => {
      if (denied && to.endsWith('/a.txt')) throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
    };
    const renameNew: typeof nodeDisk.renameNew = async (from, to) => {
      refused(to);
      return nodeDisk.renameNew(from, to);
    };
    const b = await three.start(1, { disk: overlaid({ renameNew }) });
    await three.put('a.txt', 'a');
    await three.a.settle();
    await three.a.bring(b);
    const isWatched = watched(b);
    await b.until(async () => {
      const told = (await b.own.state.problem('a.txt'))?.code === 'WRITE_DENIED';
      if (told && isWatched()) denied = false;
      return (await stateOf(b, 'a.txt')) !== undefined;
    });
    expect(denied).toBe(false);
    expect(await b.own.state.problem('a.txt')).toBeUndefined();
  });

  it('a file that can be read by now is shared without anything else happening', async () => {
    await using three = await ThreeMembers.open();
    await three.stop(0);
    const faults = [{ call: 'openRead' as const, path: '/a.txt', errno: 'EBUSY' }];
    const { openRead } = faultyDisk(faults).disk;
    const a = await three.start(0, { disk: overlaid({ openRead }) });
    await writeFile(three.file(0, 'a.txt'), 'a');
    const isWatched = watched(a);
    await a.until(async () => {
      const told = (await a.own.state.problem('a.txt'))?.code === 'STORE_READ_FAILED';
      if (told && isWatched()) faults.length = 0;
      return (await stateOf(a, 'a.txt')) !== undefined;
    });
    expect(faults).toEqual([]);
  });
});

describe('what editors put beside an open document', { timeout: 60_000 }, () => {
  const lock = '~$báo cáo.docx';

  it('stays where it was shared before, and nobody hears of it any more', async () => {
    await using three = await ThreeMembers.open({ twoPublish: true });
    const { a, b } = three;
    for (const node of [a, b]) await writeFile(node.at('.dongboignore'), '!~$*\n');
    await three.put(lock, 'khoá');
    await three.sync(b);
    expect(await stateOf(b, lock)).toMatchObject({ kind: 'file' });
    const seq = async (node: SpaceNode) => (await node.own.state.position(node.own.origin))?.seq ?? 0;
    // From now on A leaves it out, as every node does by default.
    await writeFile(a.at('.dongboignore'), '# không\n');
    await a.until(() => a.store.excludes(lock, 'file'));
    await a.settle();
    const before = await seq(a);
    await rm(a.at(lock));
    await three.sync(b);
    expect(await seq(a)).toBe(before);
    expect(await nodeDisk.lstat(b.at(lock))).toMatchObject({ kind: 'file' });
    await writeFile(a.at(lock), 'khác');
    await three.sync(b);
    expect(await seq(a)).toBe(before);
    // B still shares such files: its delete is set aside.
    await rm(b.at(lock));
    await b.settle();
    await b.bring(a);
    await a.settle();
    expect(await nodeDisk.lstat(a.at(lock))).toMatchObject({ kind: 'file', size: 5 });
    expect(a.own.state.counts().pending).toBe(0);
  });
});

/** What a node knows of the time, whatever its wall clock says: over restarts, kills and clocks that are wrong for a while. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '#agent/sys/clock.ts';
import { clockOf, LivedTime } from '#agent/sys/lived-time.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { temporaryDir } from './temporary-dir.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2026, 6, 1);

/** A machine: time passes for both clocks; the wall clock may be set. */
class Machine implements Clock {
  mono = 1000;
  wall = start;
  readonly state: string;

  constructor(state: string) {
    this.state = state;
  }

  now = (): number => this.wall;
  monotonic = (): number => this.mono;
  sleep = systemClock.sleep;

  open(): Promise<LivedTime> {
    return LivedTime.open({ state: this.state, clock: this, disk: nodeDisk, random: systemRandom });
  }

  /** As an agent does, every minute. */
  async live(lived: LivedTime, ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= minute) {
      this.mono += Math.min(left, minute);
      this.wall += Math.min(left, minute);
      await lived.tick();
    }
  }
}

describe('nights lived through', () => {
  it('are counted by running, over restarts and kills, and never by the wall clock', async () => {
    await using dir = await temporaryDir();
    const machine = new Machine(dir.path);
    const first = await machine.open();
    machine.wall += 400 * day;
    await first.tick();
    expect(first.count()).toBe(0);
    machine.wall -= 400 * day;
    await machine.live(first, 2 * day + hour);
    expect(first.count()).toBe(2);
    // Killed: nothing is written any more; the monotonic clock of the next boot begins anew.
    machine.mono = 5;
    const second = await machine.open();
    expect([second.count(), second.id]).toEqual([2, first.id]);
    await machine.live(second, 22 * hour);
    expect(second.count()).toBe(2);
    await machine.live(second, 2 * hour);
    expect(second.count()).toBe(3);
    await second[Symbol.asyncDispose]();
    await using third = await machine.open();
    expect(third.count()).toBe(3);
  });
});

describe('what is certainly over', () => {
  it('stays over when the clock is set back, in the same run, after a restart, and for commands', async () => {
    await using dir = await temporaryDir();
    const machine = new Machine(dir.path);
    const first = await machine.open();
    await machine.live(first, 30 * hour);
    const over = machine.wall;
    machine.wall = Date.UTC(2020, 0, 1);
    expect(first.clock.now()).toBe(over);
    expect(first.behind()).toBe(over - machine.wall);
    await machine.live(first, hour);
    expect(first.clock.now()).toBe(over + hour);
    await first[Symbol.asyncDispose]();
    await using second = await machine.open();
    expect(second.clock.now()).toBe(over + hour);
    expect((await clockOf(dir.path, machine)).now()).toBe(over + hour);
  });

  it('follows no clock that is ahead for less than a night, and one that stays ahead', async () => {
    await using dir = await temporaryDir();
    const machine = new Machine(dir.path);
    await using lived = await machine.open();
    machine.wall += 60 * day;
    await machine.live(lived, 23 * hour);
    machine.wall -= 60 * day;
    await machine.live(lived, hour);
    expect(lived.clock.now()).toBe(machine.wall);
    // Off for a month, say.
    machine.wall += 30 * day;
    await machine.live(lived, day + hour);
    const over = machine.wall;
    machine.wall = start;
    expect(lived.clock.now()).toBe(over);
  });

  it('is what a person says, when it had followed a wrong clock', async () => {
    await using dir = await temporaryDir();
    const machine = new Machine(dir.path);
    machine.wall = Date.UTC(2040, 0, 1);
    await using lived = await machine.open();
    machine.wall = start;
    expect(lived.behind()).toBeGreaterThan(365 * day);
    await lived.believe();
    expect([lived.clock.now(), lived.behind()]).toEqual([start, undefined]);
    expect((await clockOf(dir.path, machine)).now()).toBe(start);
  });

  it('is not forgotten in silence', async () => {
    await using dir = await temporaryDir();
    await writeFile(join(dir.path, 'lived.json'), '{"v":1');
    await expect(new Machine(dir.path).open()).rejects.toMatchObject({ code: 'LIVED_TIME_DAMAGED' });
  });
});

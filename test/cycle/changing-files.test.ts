/** Files that change while they are read: they wait by name, hold up nothing else, and a log is shared as far as it was. */
import { appendFile, type FileHandle, open, readFile, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { PutOff } from '#agent/cycle/put-off.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { busyDisk } from './busy-disk.ts';
import { ThreeMembers } from './three-members.ts';

const mib = 1024 * 1024;

/** A's program writes into `name` each time that A reads it. */
async function busy(
  name: string,
  onRead: (at: string, position: number) => Promise<void>,
  growing: string[] = [],
) {
  const three = await ThreeMembers.open({ twoPublish: true });
  await three.stop(0);
  const at = three.file(0, name);
  const disk = busyDisk(name, (position) => onRead(at, position));
  const a = await three.start(0, { disk, growing });
  return { three, a, b: three.b, at };
}

describe('a file that changes each time it is read', { timeout: 60_000 }, () => {
  it('waits by name while all else goes out, and is shared when it rests', async () => {
    let writes = true;
    const { three, a, at } = await busy('kho.pst', async (file) => {
      if (writes) await appendFile(file, 'x');
    });
    await using _ = three;
    await writeFile(at, 'x'.repeat(1000));
    await three.put('zz.txt', 'zz', a);
    const code = async () => (await a.own.state.problem('kho.pst'))?.code;
    const published = async (path: string) => (await a.own.state.row(path))?.agreed !== undefined;
    await a.until(async () => (await published('zz.txt')) && (await code()) === 'FILES_CHANGING');
    expect(a.space.cycle.facts().changing).toMatchObject({ files: 1 });
    expect(await published('kho.pst')).toBe(false);
    writes = false;
    await a.until(() => published('kho.pst'));
    await a.settle();
    expect(await code()).toBeUndefined();
    expect(a.space.cycle.facts().changing).toBeUndefined();
    await three.sync(three.b);
    expect(await readFile(three.b.at('kho.pst'), 'utf8')).toBe(await readFile(at, 'utf8'));
  });

  it('is read no further than where that is noticed, and behind all else', async () => {
    let furthest = 0;
    const before: boolean[] = [];
    const { three, a, at } = await busy('a.img', async (file, position) => {
      furthest = Math.max(furthest, position);
      if (position > 0) return;
      before.push((await a.own.state.row('zz.txt'))?.agreed !== undefined);
      await appendFile(file, 'x');
    });
    await using _ = three;
    await writeFile(at, 'x');
    await truncate(at, 200 * mib);
    await three.put('zz.txt', 'zz', a);
    await a.until(() => before.length > 1);
    expect(before[0]).toBe(true);
    expect(furthest).toBeLessThan(64 * mib);
  });
});

describe('a file that only grows, by a rule', { timeout: 60_000 }, () => {
  it('is shared as far as it went when it was opened, again and again', async () => {
    let writes = true;
    const line = async (file: string) => (writes ? appendFile(file, 'dòng\n') : undefined);
    const { three, a, b, at } = await busy('nhật ký.log', line, ['*.log']);
    await using _ = three;
    await writeFile(at, 'đầu\n'.repeat(50_000));
    await a.until(async () => (await a.own.state.row('nhật ký.log'))?.agreed !== undefined);
    expect(a.space.cycle.facts()).toMatchObject({ growing: { files: 1 } });
    await a.bring(b);
    await b.settle();
    const [there, here] = [await readFile(b.at('nhật ký.log'), 'utf8'), await readFile(at, 'utf8')];
    expect(there.length).toBeGreaterThanOrEqual(200_000);
    expect(here.length).toBeGreaterThan(there.length);
    expect(here.startsWith(there)).toBe(true);
    writes = false;
    await a.until(() => a.space.cycle.facts().growing === undefined);
    await three.sync(b);
    expect(await readFile(b.at('nhật ký.log'), 'utf8')).toBe(await readFile(at, 'utf8'));
  });

  it.each([
    ['its head is written anew', (file: FileHandle) => file.write(`${Math.random()}`, 0)],
    ['it is emptied and begins anew', (file: FileHandle) => file.truncate(1000)],
  ])('is not while %s', async (_, rewrite) => {
    // Each pass reads twice: what was taken first is no more when the second is.
    const again = async (path: string, position: number) => {
      if (position === 0) return;
      await using file = await open(path, 'r+');
      await rewrite(file);
      await appendFile(path, 'y'.repeat(600_000));
    };
    const { three, a, at } = await busy('sổ.log', again, ['*.log']);
    await using _three = three;
    await writeFile(at, 'x'.repeat(600_000));
    await a.until(async () => (await a.own.state.problem('sổ.log'))?.code === 'FILES_CHANGING');
    expect((await a.own.state.row('sổ.log'))?.agreed).toBeUndefined();
  });
});

it('reading what does not rest takes a tenth of the time at most', () => {
  let now = 0;
  const putOff = new PutOff({ ...systemClock, now: () => now, monotonic: () => now });
  let reading = 0;
  while (now < 1_000_000) {
    if (putOff.due().length > 0 || now === 0 || !putOff.waits('a')) {
      now += 1_000;
      reading += 1_000;
      putOff.met('a', 'changing', { dir: '', tookMs: 1_000, unread: true });
    }
    putOff.looked();
    // The watch hears of each write.
    now += Math.min(100, putOff.dueIn());
  }
  expect(reading / now).toBeLessThanOrEqual(0.101);
  expect(reading / now).toBeGreaterThan(0.08);
});

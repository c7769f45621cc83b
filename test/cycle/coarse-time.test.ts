/** Where a disk stamps whole seconds only, what is as young as its stamp is not taken for known. */
import { execFileSync } from 'node:child_process';
import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isPast } from '#agent/store/disk-clock.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { ThreeMembers } from './three-members.ts';

const second = 1_000_000_000n;
const stamp = (s: bigint) => ({ ctimeNs: s * second, mtimeNs: s * second });

it('a write after the stamp shows, or the file is not past it', () => {
  expect(isPast(stamp(100n), stamp(100n))).toBe(false);
  expect(isPast(stamp(100n), stamp(101n))).toBe(true);
  // Its time was set back: the time of change tells.
  expect(isPast({ ...stamp(100n), mtimeNs: 5n }, stamp(100n))).toBe(false);
  // A disk that keeps no time of change.
  expect(isPast({ ...stamp(100n), ctimeNs: 5n }, stamp(100n))).toBe(false);
});

/** A file system with room for no more than seconds in its inodes; undefined where this machine cannot mount one. */
async function wholeSeconds(owned: AsyncDisposableStack): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const dir = owned.use(await temporaryDir());
  const [image, place] = [join(dir.path, 'image'), join(dir.path, 'mounted')];
  try {
    execFileSync('truncate', ['-s', '64M', image]);
    execFileSync('mkfs.ext4', ['-q', '-F', '-I', '128', image], { stdio: 'ignore' });
    execFileSync('mkdir', [place]);
    execFileSync('mount', ['-o', 'loop', image, place], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  owned.defer(() => void execFileSync('umount', ['-l', place]));
  return place;
}

/** Another program's write in place, of the same size. */
async function overwrite(path: string, text: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.write(text, 0);
}

describe('on a disk with whole seconds', { timeout: 60_000 }, () => {
  it('a second write within the second of the first is found', async (context) => {
    await using owned = new AsyncDisposableStack();
    const place = await wholeSeconds(owned);
    if (place === undefined) return context.skip('no such file system can be mounted here');
    const before = process.env.TMPDIR;
    process.env.TMPDIR = place;
    const three = owned.use(await ThreeMembers.open({ twoPublish: true }));
    process.env.TMPDIR = before;
    const { a, b } = three;
    await writeFile(a.at('kho.mdb'), '0'.repeat(5000));
    await three.sync(b);
    for (const round of ['1', '2', '3']) {
      await delay(1020 - (Date.now() % 1000));
      await overwrite(a.at('kho.mdb'), `${round}A`);
      await a.settle();
      await overwrite(a.at('kho.mdb'), `${round}B`);
      const { mtimeNs } = await stat(a.at('kho.mdb'), { bigint: true });
      expect(mtimeNs % second).toBe(0n);
      await delay(1100);
      await three.sync(b);
      expect((await readFile(b.at('kho.mdb'), 'utf8')).slice(0, 2)).toBe(`${round}B`);
    }
  });
});

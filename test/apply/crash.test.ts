import { describe, expect, it } from 'vitest';
import type { Disk } from '#agent/sys/disk.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { Author } from './author.ts';
import { noise } from './bytes.ts';
import { type DiskCall, diskWith, withoutExchange } from './disk-with-faults.ts';
import { Reader } from './reader.ts';

class Killed extends Error {}

const reading: ReadonlySet<DiskCall> = new Set(['lstat', 'list', 'readlink', 'read', 'open', 'free']);

/** A disk that dies before its n-th call that changes anything, and does nothing more. */
function mortal(real: Disk = nodeDisk) {
  const life = { left: Number.POSITIVE_INFINITY };
  const disk = diskWith((call) => {
    if (reading.has(call)) return;
    if (life.left <= 0) throw new Killed();
    life.left -= 1;
  }, real);
  return { life, disk };
}

const large = noise(1_100_000);

function firstSync(a: Author) {
  return a.segment(
    a.dir('d'),
    a.file('d/f', 'f'),
    a.link('l', 'd'),
    a.file('large', large),
    a.dir('x'),
    a.file('x/y', 'y'),
  );
}

/** Replaces, renames, deletes, turns a file into a directory and a directory into a file. */
function secondSync(a: Author) {
  return a.segment(
    a.file('d/f', 'F'),
    a.file('renamed', large),
    a.gone('large'),
    a.dir('l'),
    a.file('l/in', 'in'),
    a.file('x', 'a file'),
    a.gone('x/y'),
  );
}

const wanted = { d: 'dir', 'd/f': 'F', l: 'dir', 'l/in': 'in', x: 'a file' };

/** What a restarted agent does first: a full scan. Whatever our own writes left is taken in, never published. */
async function restart(b: Reader, disk: ReturnType<typeof mortal>['disk']): Promise<void> {
  b.newApplier({ disk });
  const known = ['d', 'd/f', 'l', 'l/in', 'large', 'renamed', 'x', 'x/y'];
  for (const path of known) await b.scan(path);
}

describe.each([
  ['', nodeDisk],
  [' where items cannot be swapped', withoutExchange],
])('a crash at any step%s', (_where, real) => {
  it('loses nothing, leaves nothing half written, and the next run comes to the same end', {
    timeout: 120_000,
  }, async () => {
    for (let dies = 1; ; dies += 1) {
      const { life, disk } = mortal(real);
      await using b = await Reader.open({ disk });
      const a = new Author(1);
      await b.take(a, firstSync(a));
      await b.apply();
      await b.take(a, secondSync(a));
      life.left = dies;
      const died = await b.apply().then(
        () => false,
        (error: unknown) => {
          if (error instanceof Killed) return true;
          throw error;
        },
      );
      if (!died) break;
      const torn = await b.tree();
      const { renamed: _r, large: _l, ...small } = torn;
      for (const text of Object.values(small))
        expect(['dir', 'f', 'F', '-> d', 'in', 'y', 'a file']).toContain(text);
      life.left = Number.POSITIVE_INFINITY;
      b.fetched.length = 0;
      await restart(b, disk);
      expect(b.published, `died at ${dies}`).toEqual([]);
      for (let run = 0; run < 3; run += 1) await b.apply();
      const { renamed, ...rest } = await b.tree();
      expect(rest, `died at ${dies}`).toEqual(wanted);
      expect(renamed?.length, `died at ${dies}`).toBe(Buffer.from(large).toString('utf8').length);
      expect([b.state.pendingCount(), await b.problems()], `died at ${dies}`).toEqual([0, {}]);
    }
  });
});

describe('an abort at any step', () => {
  it('ends the run with nothing half done', { timeout: 120_000 }, async () => {
    for (let calls = 1; ; calls += 3) {
      const stop = new AbortController();
      let left = Number.POSITIVE_INFINITY;
      const disk = diskWith((call) => {
        if (reading.has(call)) return;
        left -= 1;
        if (left === 0) stop.abort(new Killed());
      });
      await using b = await Reader.open({ disk });
      const a = new Author(1);
      await b.take(a, firstSync(a));
      await b.apply();
      await b.take(a, secondSync(a));
      left = calls;
      const error = await b.apply(stop.signal).catch((e: unknown) => e);
      if (!stop.signal.aborted) break;
      if (error instanceof Error) expect(error).toBeInstanceOf(Killed);
      // No restart and no scan: the index knows exactly what is on the disk.
      const after = await b.apply();
      expect(after, `aborted at ${calls}`).toMatchObject({ waiting: 0, problems: 0 });
      const { renamed: _r, ...rest } = await b.tree();
      expect(rest, `aborted at ${calls}`).toEqual(wanted);
    }
  });
});

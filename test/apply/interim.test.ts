/** Modes of directories while they are filled: a crash in between must not make them anybody's edit. */
import { chmod } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Author } from './author.ts';
import { type DiskCall, diskWith } from './disk-with-faults.ts';
import { Reader } from './reader.ts';

class Killed extends Error {}

/** Alone, or together with what the way out met. */
const isKilled = (error: unknown): boolean =>
  error instanceof Killed || (error instanceof SuppressedError && isKilled(error.error));

const reading: ReadonlySet<DiskCall> = new Set(['lstat', 'list', 'readlink', 'read', 'open', 'free']);

/** A disk that does nothing more after so many calls that change anything. */
function mortal() {
  const life = { left: Number.POSITIVE_INFINITY };
  const disk = diskWith((call) => {
    if (reading.has(call)) return;
    if (life.left <= 0) throw new Killed();
    life.left -= 1;
  });
  return { life, disk };
}

const paths = ['a', 'a/b', 'a/b/f', 'g', 'g/f', 'p', 'p/q', 'p/q/f'];
const dirs = ['a', 'a/b', 'g', 'p', 'p/q'];

type Step = (a: Author) => ReturnType<Author['segment']>;

const firstSync: Step = (a) =>
  a.segment(
    a.dir('a', 0o555),
    a.dir('a/b', 0o750),
    a.file('a/b/f', 'f'),
    // Wider than the umask lets it be made.
    a.dir('g', 0o777),
    a.file('g/f', 'f'),
    // Its directories have no record yet.
    a.file('p/q/f', 'f'),
  );
const records: Step = (a) => a.segment(a.dir('p', 0o555), a.dir('p/q', 0o750));
/** Into, and out of, directories that are read-only. */
const filled: Step = (a) => a.segment(a.file('a/g', 'g'), a.gone('p/q/f'), a.file('p/n', 'n'));

async function modes(b: Reader): Promise<string[]> {
  return Promise.all(dirs.map(async (dir) => `${dir} ${(await b.mode(dir)).toString(8)}`));
}

/** Takes the steps before `dying` to their end, and dies in it at every call. */
async function dieIn(before: readonly Step[], dying: Step, after: readonly Step[]): Promise<number> {
  for (let dies = 0; ; dies += 1) {
    const { life, disk } = mortal();
    await using b = await Reader.open({ disk });
    const a = new Author(1);
    for (const step of before) {
      await b.take(a, step(a));
      await b.apply();
    }
    await b.take(a, dying(a));
    life.left = dies;
    const died = await b.apply().then(
      () => false,
      (error: unknown) => {
        if (isKilled(error)) return true;
        throw error;
      },
    );
    life.left = Number.POSITIVE_INFINITY;
    b.newApplier({ disk });
    for (const path of [...paths, 'a/g', 'p/n']) await b.scan(path);
    expect(b.published, `died at ${dies}`).toEqual([]);
    for (const step of after) await b.take(a, step(a));
    for (let run = 0; run < 3; run += 1) await b.apply();
    expect([b.state.pendingCount(), await b.problems()], `died at ${dies}`).toEqual([0, {}]);
    expect(await modes(b), `died at ${dies}`).toEqual(['a 555', 'a/b 750', 'g 777', 'p 555', 'p/q 750']);
    for (const path of paths) await b.scan(path);
    expect(b.published, `died at ${dies}`).toEqual([]);
    if (!died) return dies;
  }
}

describe('a crash at any step, between a directory and its mode', { timeout: 120_000 }, () => {
  it('in a first sync', async () => {
    expect(await dieIn([], firstSync, [records])).toBeGreaterThan(10);
  });

  it('when the records of directories come later', async () => {
    expect(await dieIn([firstSync], records, [])).toBeGreaterThan(1);
  });

  it('while a read-only directory is open for what comes and goes', async () => {
    expect(await dieIn([firstSync, records], filled, [])).toBeGreaterThan(10);
  });
});

it('a mode that was set by a person afterwards is an edit like any other', async () => {
  await using b = await Reader.open();
  const a = new Author(1);
  await b.take(a, a.segment(a.dir('d', 0o555), a.file('d/f', 'f')));
  await b.apply();
  await chmod(b.at('d'), 0o700);
  await b.scan('d');
  expect(b.published).toEqual(['d']);
});

it('one run ends with the mode of the record, and nothing left to do', async () => {
  await using b = await Reader.open();
  const a = new Author(1);
  await b.take(a, firstSync(a));
  await b.apply();
  await b.take(a, records(a));
  await b.apply();
  await b.take(a, filled(a));
  await b.apply();
  expect([b.state.pendingCount(), await modes(b)]).toEqual([
    0,
    ['a 555', 'a/b 750', 'g 777', 'p 555', 'p/q 750'],
  ]);
  for (const path of dirs) expect((await b.state.row(path))?.agreed?.interim, path).toBeUndefined();
});

it('an own file that lost to a read-only directory is withdrawn', async () => {
  await using b = await Reader.open();
  await b.edit('d', 'mine');
  const a = new Author(1);
  await b.take(a, a.segment(a.dir('d', 0o555)));
  const { yields, conflicts } = await b.apply();
  expect([yields, conflicts.length]).toEqual([['d'], 1]);
});

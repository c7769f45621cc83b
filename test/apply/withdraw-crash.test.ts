/** A crash at any step of a withdrawal: it is carried on, loses no local work, and tells nobody of a delete. */
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stagePrefix } from '#agent/apply/layout.ts';
import type { ItemState } from '#agent/core/item.ts';
import { contentName, withWithdrawn } from '#agent/core/withdraw.ts';
import { Author, originOf, sha256 } from './author.ts';
import { type DiskCall, diskWith } from './disk-with-faults.ts';
import { Reader } from './reader.ts';

class Killed extends Error {}

const reading: ReadonlySet<DiskCall> = new Set(['lstat', 'list', 'readlink', 'read', 'open', 'free']);
const nameOf = (text: string): string => sha256(Buffer.from(text));
const dirName = contentName({ kind: 'dir', mode: 0o755 }) ?? '';

function mortal() {
  const life = { left: Number.POSITIVE_INFINITY };
  const disk = diskWith((call) => {
    if (reading.has(call)) return;
    if (life.left <= 0) throw new Killed();
    life.left -= 1;
  });
  return { life, disk };
}

/** As a withheld record of each path leaves it. */
async function withdraw(b: Reader, contents: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const batch = b.state.batch();
  for (const [path, names] of Object.entries(contents)) {
    const mark = { author: originOf(1), seq: 1000, contents: names };
    batch.putRow(path, withWithdrawn((await b.state.row(path)) ?? {}, mark));
    batch.markPending(path);
  }
  await batch.commit();
}

async function allOf(dir: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const at = join(entry.parentPath, entry.name);
    if (entry.isFile()) found[at.slice(dir.length + 1)] = await readFile(at, 'utf8');
  }
  return found;
}

/** Two versions of `d/f`, a file that is edited here, and one that stays. */
async function begin(b: Reader): Promise<void> {
  const a = new Author(1);
  await b.take(a, a.segment(a.dir('d'), a.file('d/f', 'one'), a.file('e', 'basis'), a.file('s', 'stays')));
  await b.apply();
  await b.take(a, a.segment(a.file('d/f', 'two')));
  await b.apply();
  await writeFile(b.at('e'), 'only here');
  await b.scan('e', { publish: false });
  const marks = { d: [dirName], 'd/f': [nameOf('one'), nameOf('two')], e: [nameOf('basis')] };
  await withdraw(b, marks);
}

const states = (row: { local?: { state: ItemState } } | undefined) => row?.local?.state.kind;

describe('a withdrawal', () => {
  it('is carried on after a crash at any step', { timeout: 120_000 }, async () => {
    for (let dies = 0; ; dies += 1) {
      const { life, disk } = mortal();
      await using b = await Reader.open({ disk });
      await begin(b);
      life.left = dies;
      const died = await b.apply().then(
        () => false,
        (error: unknown) => {
          if (error instanceof Killed) return true;
          throw error;
        },
      );
      life.left = Number.POSITIVE_INFINITY;
      b.newApplier({ disk });
      for (const path of ['d', 'd/f', 'e', 's']) await b.scan(path);
      for (let run = 0; run < 3; run += 1) await b.apply();
      const files = await allOf(b.root);
      expect(Object.values(files).sort(), `died at ${dies}`).toEqual(['only here', 'stays']);
      expect(Object.keys(files).find((path) => files[path] === 'only here')).toContain('.dongbo/withdrawn/');
      expect(b.published).toEqual([]);
      expect(await b.tree()).toEqual({ s: 'stays' });
      expect([b.state.pendingCount(), states(await b.state.row('d'))]).toEqual([0, 'gone']);
      expect(await b.problems()).toEqual({ '.dongbo/withdrawn/e': 'WITHDRAWN_BUT_EDITED' });
      if (!died) break;
    }
  });

  it('leaves what came into the trash otherwise, and a directory that still holds something', async () => {
    await using b = await Reader.open();
    const [a, other] = [new Author(1), new Author(2)];
    await b.take(other, other.segment(other.file('d/f', 'theirs')));
    await b.apply();
    other.learn('d/f', other.versions.get('d/f') ?? []);
    a.learn('d/f', other.versions.get('d/f') ?? []);
    await b.take(a, a.segment(a.dir('d'), a.file('d/f', 'one'), a.file('d/g', 'g')));
    await b.apply();
    await withdraw(b, { d: [dirName], 'd/f': [nameOf('one')] });
    await b.apply();
    expect(await b.tree()).toEqual({ d: 'dir', 'd/g': 'g' });
    expect(await b.trash()).toEqual({ f: 'theirs' });
    expect(b.state.pendingCount()).toBe(0);
  });

  it('finds what a crash left on its way: a copy that was meant goes, one that somebody wrote to in between stays', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.file('f', 'one'), a.file('g', 'two')));
    await b.apply();
    const onItsWay = (path: string) => b.at(`.dongbo/stage/${stagePrefix(path)}-withdrawn`);
    await rename(b.at('f'), onItsWay('f'));
    await rename(b.at('g'), onItsWay('g'));
    await writeFile(onItsWay('g'), 'only here');
    for (const path of ['f', 'g']) await b.scan(path, { publish: false });
    await withdraw(b, { f: [nameOf('one')], g: [nameOf('two')] });
    await b.apply();
    expect(Object.values(await allOf(b.root))).toEqual(['only here']);
    expect(await b.problems()).toEqual({ '.dongbo/withdrawn/g': 'WITHDRAWN_BUT_EDITED' });
    expect(b.state.pendingCount()).toBe(0);
  });

  it('of a file that is written to in the moment before it is moved destroys nothing', async () => {
    let armed = false;
    const disk = diskWith(async (call, path) => {
      if (!armed || call !== 'renameNew' || path !== b.at('f')) return;
      armed = false;
      await writeFile(path, 'mine, just now');
    });
    await using b = await Reader.open({ disk });
    const a = new Author(1);
    await b.take(a, a.segment(a.file('f', 'theirs')));
    await b.apply();
    await withdraw(b, { f: [nameOf('theirs')] });
    armed = true;
    await b.apply();
    expect([await b.tree(), armed]).toEqual([{ f: 'mine, just now' }, false]);
  });

  it('is over only when it is durable', async () => {
    let fails = false;
    const disk = diskWith((call) => {
      if (fails && call === 'syncDir') throw Object.assign(new Error('EIO'), { code: 'EIO' });
    });
    await using b = await Reader.open({ disk });
    const a = new Author(1);
    await b.take(a, a.segment(a.file('f', 'theirs')));
    await b.apply();
    await withdraw(b, { f: [nameOf('theirs')] });
    fails = true;
    await b.apply();
    expect(await b.problems()).toEqual({ f: 'FSYNC_FAILED' });
    expect([(await b.state.row('f'))?.withdrawn?.length, b.state.pendingCount()]).toEqual([1, 1]);
    fails = false;
    await b.apply();
    expect([(await b.state.row('f'))?.withdrawn, b.state.pendingCount()]).toEqual([undefined, 0]);
  });

  it('of a file that has changed since the last look touches nothing before the next', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.file('f', 'one')));
    await b.apply();
    await withdraw(b, { f: [nameOf('one')] });
    await writeFile(b.at('f'), 'more');
    expect((await b.apply()).rescan).toEqual(['']);
    expect(await b.tree()).toEqual({ f: 'more' });
    await b.scan('f');
    await b.apply();
    expect(Object.values(await allOf(b.root))).toEqual(['more']);
    expect([await b.tree(), b.published]).toEqual([{}, []]);
  });
});

describe('many withdrawals', () => {
  const paths = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `f${from + i}`);
  const marks = (from: number, to: number) =>
    Object.fromEntries(paths(from, to).map((path) => [path, [nameOf(path)]]));

  it('beyond a number wait for a person, whatever their share, in slices and over restarts too', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(...paths(0, 300).map((path) => a.file(path, path))));
    await b.apply();
    await withdraw(b, marks(0, 60));
    expect((await b.apply()).halt).toBeUndefined();
    b.newApplier();
    await withdraw(b, marks(60, 120));
    expect((await b.apply()).halt).toEqual({
      code: 'MASS_WITHDRAWAL',
      details: { items: 120, limit: 100 },
      needsRelease: true,
    });
    expect([Object.keys(await b.tree()).length, b.state.pendingCount()]).toEqual([240, 60]);
    b.applier.release();
    expect((await b.apply()).halt).toBeUndefined();
    expect([Object.keys(await b.tree()).length, b.state.pendingCount()]).toEqual([180, 0]);
    await withdraw(b, marks(120, 180));
    expect((await b.apply()).halt).toBeUndefined();
    expect(Object.keys(await b.tree())).toHaveLength(120);
  });
});

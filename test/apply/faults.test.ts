import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { ApplyBatch, ApplyState } from '#agent/apply/ports.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';
import { overlaid } from '#test/sys/overlaid.ts';
import { Author } from './author.ts';
import { noise } from './bytes.ts';
import { type Before, type DiskCall, diskWith, errno } from './disk-with-faults.ts';
import { Reader } from './reader.ts';

/** Fails the calls that `when` picks, once each time it is armed. */
function failing(code: string, when: (call: DiskCall, path: string, to?: string) => boolean) {
  const fault = { armed: true };
  const before: Before = (call, path, to) => {
    if (fault.armed && when(call, path, to)) throw errno(code);
  };
  return { fault, disk: diskWith(before) };
}

const isStage = (path: string) => path.includes('/.dongbo/stage/');

describe('an fsync that fails', () => {
  it('of a small file fails that item alone; the stage file is not trusted afterwards', async () => {
    const { fault, disk } = failing('EIO', (call) => call === 'sync');
    await using b = await Reader.open({ disk });
    const a = new Author(1);
    await b.take(a, a.segment(a.dir('d'), a.file('d/f', 'f')));
    expect(await b.apply()).toMatchObject({ applied: 1, problems: 1 });
    expect([await b.tree(), await b.problems()]).toEqual([{ d: 'dir' }, { 'd/f': 'FSYNC_FAILED' }]);
    expect([await b.staged(), (await b.state.row('d/f'))?.local]).toEqual([[], undefined]);
    fault.armed = false;
    b.fetched.length = 0;
    await b.apply();
    expect([b.fetched.length, await b.tree(), await b.problems()]).toEqual([1, { d: 'dir', 'd/f': 'f' }, {}]);
  });

  it('of a large file fetches all of it again', async () => {
    const { fault, disk } = failing('EIO', (call) => call === 'sync');
    await using b = await Reader.open({ disk });
    const a = new Author(1);
    await b.take(a, a.segment(a.file('f', noise(3_000_000))));
    expect(await b.apply()).toMatchObject({ applied: 0, problems: 1 });
    fault.armed = false;
    b.fetched.length = 0;
    await b.apply();
    expect(b.fetched.length).toBe(a.chunks.size);
  });

  it('of the whole group fails the whole group', async () => {
    const { fault, disk } = failing('EIO', (call) => call === 'syncFs');
    await using b = await Reader.open({ disk });
    const a = new Author(1);
    const files = Array.from({ length: 20 }, (_, i) => a.file(`f${i}`, `${i}`));
    await b.take(a, a.segment(...files));
    expect(await b.apply()).toMatchObject({ applied: 0, problems: 20 });
    expect([await b.tree(), await b.staged()]).toEqual([{}, []]);
    fault.armed = false;
    expect(await b.apply()).toMatchObject({ applied: 20, problems: 0 });
  });

  it('of a directory leaves its items out of the index', async () => {
    const { disk } = failing('EIO', (call, path) => call === 'syncDir' && path.endsWith('/bad'));
    await using b = await Reader.open({ disk });
    const a = new Author(1);
    await b.take(a, a.segment(a.dir('good'), a.file('good/f', 'f'), a.file('bad/f', 'f')));
    expect(await b.apply()).toMatchObject({ applied: 2, problems: 1 });
    expect((await b.state.row('bad/f'))?.local).toBeUndefined();
    expect([await b.problems(), b.state.pendingCount()]).toEqual([{ 'bad/f': 'FSYNC_FAILED' }, 1]);
  });
});

it('an fsync that fails leaves a delete out of the index', async () => {
  const { fault, disk } = failing('EIO', (call, path) => call === 'syncDir' && !path.includes('/.dongbo'));
  fault.armed = false;
  await using b = await Reader.open({ disk });
  const a = new Author(1);
  await b.take(a, a.segment(a.file('f', 'f')));
  await b.apply();
  fault.armed = true;
  await b.take(a, a.segment(a.gone('f')));
  await b.apply();
  expect(await b.problems()).toEqual({ f: 'FSYNC_FAILED' });
  expect((await b.state.row('f'))?.local?.state.kind).toBe('file');
  expect(b.state.pendingCount()).toBe(1);
});

describe('a disk that is full', () => {
  it('halts while a file is staged: nothing is cut short, and the rest goes on from there', async () => {
    let room = 5_000_000;
    const disk = diskWith((call, path) => {
      if (call !== 'write' || !isStage(path)) return;
      room -= 64 * 1024;
      if (room < 0) throw errno('ENOSPC');
    });
    await using b = await Reader.open({ disk });
    const a = new Author(1);
    const big = noise(9_000_000);
    await b.take(a, a.segment(a.file('a small', 'x'), a.file('big', big), a.file('c small', 'y')));
    const { halt, applied } = await b.apply();
    expect([halt, applied]).toEqual([{ code: 'DISK_FULL', details: {}, needsRelease: false }, 1]);
    expect(await b.tree()).toEqual({ 'a small': 'x' });
    room = Number.POSITIVE_INFINITY;
    b.fetched.length = 0;
    expect((await b.apply()).halt).toBeUndefined();
    expect(b.fetched.length).toBeLessThan(a.chunks.size * 0.7);
    expect(Buffer.compare(await readFile(b.at('big')), big)).toBe(0);
  });

  it('is noticed before anything of a large file is written', async () => {
    const written: string[] = [];
    const disk = diskWith((call, path) => {
      if (call === 'write' && isStage(path)) written.push(path);
    });
    await using b = await Reader.open({ disk: overlaid({ free: async () => 1_000_000 }, disk) });
    const a = new Author(1);
    await b.take(a, a.segment(a.file('big', noise(9_000_000))));
    await b.apply();
    expect(await b.problems()).toEqual({ big: 'DISK_FULL' });
    expect([written, await b.tree()]).toEqual([[], {}]);
  });

  it('leaves what it cannot replace as it is', async () => {
    const { fault, disk } = failing('ENOSPC', (call, path) => call === 'mkdir' && path.includes('/trash/'));
    fault.armed = false;
    await using b = await Reader.open({ disk });
    const a = new Author(1);
    await b.take(a, a.segment(a.file('f', 'old'), a.file('g', 'old')));
    await b.apply();
    fault.armed = true;
    await b.take(a, a.segment(a.file('f', 'new'), a.gone('g')));
    expect((await b.apply()).halt?.code).toBe('DISK_FULL');
    expect(await b.tree()).toEqual({ f: 'old', g: 'old' });
    fault.armed = false;
    await b.apply();
    expect(await b.tree()).toEqual({ f: 'new' });
  });
});

describe('other errors of the disk fail one item', () => {
  it.each([
    ['EACCES', 'WRITE_DENIED'],
    ['ENAMETOOLONG', 'NAME_NOT_POSSIBLE'],
    ['EXDEV', 'OTHER_FILE_SYSTEM'],
    ['EIO', 'WRITE_FAILED'],
  ])('%s is %s', async (code, problem) => {
    const { disk } = failing(code, (call, _path, to) => call === 'renameNew' && !!to?.endsWith('/bad'));
    await using b = await Reader.open({ disk });
    const a = new Author(1);
    await b.take(a, a.segment(a.file('bad', 'x'), a.file('good', 'y'), a.link('link', 'good')));
    expect(await b.apply()).toMatchObject({ applied: 2, problems: 1 });
    expect(await b.problems()).toEqual({ bad: problem });
    expect(b.events).toContainEqual(expect.objectContaining({ type: 'problem' }));
  });

  it('a directory without write permission is opened for the time of the write', async () => {
    const modes: string[] = [];
    const disk = diskWith((call, path) => {
      if (call === 'chmod' && path.endsWith('/d')) modes.push(call);
    });
    await using b = await Reader.open({ disk });
    const a = new Author(1);
    await b.take(a, a.segment(a.dir('d', 0o555)));
    await b.apply();
    modes.length = 0;
    await b.take(a, a.segment(a.file('d/f', 'f')));
    await b.apply();
    expect([modes.length, await b.mode('d')]).toEqual([2, 0o555]);
  });
});

/** Notes commits among the calls of the disk. */
function noting(log: string[]): (state: SpaceState) => ApplyState {
  const batchOf = (batch: ApplyBatch): ApplyBatch =>
    new Proxy(batch, {
      get: (target, name) => {
        if (name === 'commit') log.push('commit');
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  return (state) =>
    new Proxy<ApplyState>(state, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (name === 'batch') return () => batchOf(state.batch());
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
}

describe('the order of durability', () => {
  const steps: ReadonlySet<DiskCall> = new Set(['write', 'sync', 'syncFs', 'renameNew', 'syncDir']);

  it('bytes, rename, directory, index', async () => {
    const log: string[] = [];
    const disk = diskWith((call) => {
      if (steps.has(call)) log.push(call);
    });
    await using b = await Reader.open({ disk, state: noting(log) });
    const a = new Author(1);
    await b.take(a, a.segment(a.file('f', 'one')));
    await b.apply();
    expect(log.slice(1)).toEqual(['write', 'sync', 'renameNew', 'syncDir', 'commit']);
    log.length = 0;
    const many = Array.from({ length: 20 }, (_, i) => [a.dir(`d${i}`), a.file(`d${i}/f`, `${i}`)]);
    await b.take(a, a.segment(...many.flat()));
    await b.apply();
    expect(log.filter((call, i) => call !== log[i - 1])).toEqual([
      'write',
      'syncFs',
      'renameNew',
      'syncFs',
      'commit',
    ]);
  });

  it('a replaced and a deleted file are durable in the trash before the index forgets them', async () => {
    const log: string[] = [];
    const disk = diskWith((call, path) => {
      if (call === 'syncDir') log.push(path.includes('/trash') ? 'trash' : 'dir');
    });
    await using b = await Reader.open({ disk, state: noting(log) });
    const a = new Author(1);
    await b.take(a, a.segment(a.file('f', 'one'), a.file('g', 'one')));
    await b.apply();
    log.length = 0;
    await b.take(a, a.segment(a.file('f', 'two'), a.gone('g')));
    await b.apply();
    const [replaced, deleted] = log.join(' ').split('commit');
    expect([replaced, deleted]).toEqual([
      expect.stringMatching(/trash.*dir/),
      expect.stringMatching(/trash.*dir/),
    ]);
  });
});

import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '#agent/sys/clock.ts';
import { Author } from './author.ts';
import { never, Reader } from './reader.ts';

const day = 24 * 60 * 60 * 1000;

function clockAt(time: { ms: number }) {
  return { ...systemClock, now: () => time.ms };
}

describe('the trash', () => {
  it('keeps what was overwritten and deleted by the run that did it, for its retention', async () => {
    const time = { ms: Date.UTC(2026, 6, 1, 8, 30, 5) };
    await using b = await Reader.open({ clock: clockAt(time) });
    const a = new Author(1);
    await b.take(a, a.segment(a.dir('d', 0o500), a.file('d/f', 'one')));
    await b.apply();
    await b.take(a, a.segment(a.file('d/f', 'two')));
    await b.apply();
    time.ms += day;
    await b.take(a, a.segment(a.gone('d/f')));
    await b.apply();
    expect(await readdir(b.at('.dongbo/trash'))).toEqual(['20260701-083005-1', '20260702-083005-1']);
    expect(await readdir(b.at('.dongbo/trash/20260701-083005-1/d'))).toEqual(['f']);
    time.ms += 29.5 * day;
    expect(await b.applier.purgeTrash(30, never)).toBe(1);
    expect(await readdir(b.at('.dongbo/trash'))).toEqual(['20260702-083005-1']);
  });

  it('takes two items of one name in one run', async () => {
    await using b = await Reader.open();
    const a = new Author(1);
    await b.take(a, a.segment(a.dir('x'), a.file('x/in', 'in'), a.file('y', 'y')));
    await b.apply();
    // x/in is deleted; x becomes a file, which is replaced by the next run within the same second or not.
    await b.take(a, a.segment(a.file('x', 'file'), a.gone('x/in'), a.dir('y'), a.file('y/in', 'new')));
    await b.apply();
    await b.take(a, a.segment(a.gone('x'), a.gone('y/in'), a.gone('y')));
    await b.apply();
    const all = await b.trash();
    expect(Object.keys(all).sort()).toEqual(['in', 'x', 'y']);
  });

  it('is purged without following links, and only of its own bins', async () => {
    const time = { ms: Date.UTC(2026, 6, 1) };
    await using b = await Reader.open({ clock: clockAt(time) });
    await mkdir(b.at('.dongbo/trash/20260101-000000-1/d'), { recursive: true });
    await mkdir(`${b.root}-outside`);
    await writeFile(`${b.root}-outside/keep`, 'x');
    await symlink(`${b.root}-outside`, b.at('.dongbo/trash/20260101-000000-1/d/out'));
    await mkdir(b.at('.dongbo/trash/by hand'));
    expect(await b.applier.purgeTrash(30, never)).toBe(1);
    expect([await readdir(b.at('.dongbo/trash')), await readdir(`${b.root}-outside`)]).toEqual([
      ['by hand'],
      ['keep'],
    ]);
  });
});

import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '#agent/sys/clock.ts';
import { Author } from './author.ts';
import { never, Reader } from './reader.ts';

const nightsOf = (night: { readonly at: number }) => ({ id: '0badcafe', count: () => night.at });

function clockAt(time: { ms: number }) {
  return { ...systemClock, now: () => time.ms };
}

describe('the trash', () => {
  it('keeps what was overwritten and deleted by the run that did it, for its retention', async () => {
    const time = { ms: Date.UTC(2026, 6, 1, 8, 30, 5) };
    const night = { at: 5 };
    await using b = await Reader.open({ clock: clockAt(time), nights: nightsOf(night) });
    const a = new Author(1);
    await b.take(a, a.segment(a.dir('d', 0o500), a.file('d/f', 'one')));
    await b.apply();
    await b.take(a, a.segment(a.file('d/f', 'two')));
    await b.apply();
    time.ms += 86_400_000;
    await b.take(a, a.segment(a.gone('d/f')));
    await b.apply();
    expect(await readdir(b.at('.dongbo/trash'))).toEqual(['20260701-083005-1', '20260702-083005-1']);
    expect(await readdir(b.at('.dongbo/trash/20260701-083005-1/d'))).toEqual(['f']);
    expect(await b.applier.purgeTrash(30, never)).toBe(0);
    const binned = ['20260701-083005-1.0badcafe.5', '20260702-083005-1.0badcafe.5'];
    expect(await readdir(b.at('.dongbo/trash'))).toEqual(binned);
    night.at += 29;
    expect(await b.applier.purgeTrash(30, never)).toBe(0);
    night.at += 1;
    expect(await b.applier.purgeTrash(30, never)).toBe(2);
    expect(await readdir(b.at('.dongbo/trash'))).toEqual([]);
  });

  it('keeps a file for its nights, whatever the wall clock says when it is deleted and when the purge comes', async () => {
    for (const [then, now] of [
      [Date.UTC(2020, 0, 1), Date.UTC(2026, 6, 30)],
      [Date.UTC(2026, 6, 30), Date.UTC(2026, 9, 30)],
      [Date.UTC(2040, 0, 1), Date.UTC(2026, 6, 30)],
    ] as const) {
      const time = { ms: then };
      const night = { at: 7 };
      await using b = await Reader.open({ clock: clockAt(time), nights: nightsOf(night) });
      const a = new Author(1);
      await b.take(a, a.segment(a.file('f', 'the only copy')));
      await b.apply();
      await b.take(a, a.segment(a.gone('f')));
      await b.apply();
      time.ms = now;
      for (const last = night.at + 29; night.at <= last; night.at++)
        expect(await b.applier.purgeTrash(30, never)).toBe(0);
      expect(await b.trash()).toEqual({ f: 'the only copy' });
      expect(await b.applier.purgeTrash(30, never)).toBe(1);
    }
  });

  it('begins to count anew when the nights of another state are on its bins', async () => {
    const night = { at: 0 };
    await using b = await Reader.open({ nights: nightsOf(night) });
    await mkdir(b.at('.dongbo/trash/20260101-000000-1.aaaaaaaa.900'), { recursive: true });
    await mkdir(b.at('.dongbo/trash/20260101-000000-2.aaaaaaaa.3'), { recursive: true });
    night.at = 40;
    expect(await b.applier.purgeTrash(30, never)).toBe(0);
    night.at = 70;
    expect(await b.applier.purgeTrash(30, never)).toBe(2);
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
    const night = { at: 0 };
    await using b = await Reader.open({ nights: nightsOf(night) });
    await mkdir(b.at('.dongbo/trash/20260101-000000-1/d'), { recursive: true });
    await mkdir(`${b.root}-outside`);
    await writeFile(`${b.root}-outside/keep`, 'x');
    await symlink(`${b.root}-outside`, b.at('.dongbo/trash/20260101-000000-1/d/out'));
    await mkdir(b.at('.dongbo/trash/by hand'));
    await b.applier.purgeTrash(30, never);
    night.at = 30;
    expect(await b.applier.purgeTrash(30, never)).toBe(1);
    expect([await readdir(b.at('.dongbo/trash')), await readdir(`${b.root}-outside`)]).toEqual([
      ['by hand'],
      ['keep'],
    ]);
  });
});

/** Hints: never blind, and when half blind, said so. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Flood } from '#agent/store/flood.ts';
import { watchDirectory } from '#agent/store/watch-directory.ts';
import { type Clock, systemClock } from '#agent/sys/clock.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { overlaid } from '#test/sys/overlaid.ts';
import { type FolderUnderTest, openFolder } from './folder-under-test.ts';
import { MemoryIndex } from './memory-index.ts';
import { Mirror, scan } from './mirror.ts';

const never = new AbortController().signal;
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000, interval: 20 });

async function put(folder: FolderUnderTest, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(folder.at(path)), { recursive: true });
    await writeFile(folder.at(path), path);
  }
}

/** Waits until the mirror shows what is on disk. */
async function level(folder: FolderUnderTest, mirror: Mirror): Promise<void> {
  const truth = new MemoryIndex();
  await scan(await folder.reopen(), truth);
  await soon(() => expect(mirror.index.view()).toEqual(truth.view()));
}

/** Time that runs fast. */
const fast: Clock = {
  now: systemClock.now,
  monotonic: () => systemClock.monotonic() * 20,
  sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
};

/** The disk, but the kernel's limit on watches is another. */
function withLimit(watches: number, around: () => string) {
  const openRead: typeof nodeDisk.openRead = async (path) => {
    if (!path.endsWith('max_user_watches')) return nodeDisk.openRead(path);
    await writeFile(join(around(), 'limit'), `${watches}\n`);
    return nodeDisk.openRead(join(around(), 'limit'));
  };
  return overlaid({ openRead });
}

describe('a watched tree', () => {
  it.each([5, 7])('is level after any storm of changes (seed %i)', async (first) => {
    await using folder = await openFolder();
    await using mirror = new Mirror(folder.store);
    let seed = first;
    const pick = (n: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * n);
    };
    const name = () =>
      ['a', 'b', 'c']
        .slice(0, 1 + pick(3))
        .map((x) => `${x}${pick(2)}`)
        .join('/');
    const changes = [
      () => put(folder, `${name()}/f${pick(3)}`),
      () => mkdir(folder.at(name()), { recursive: true }),
      () => rm(folder.at(name()), { recursive: true }),
      () => rename(folder.at(name()), folder.at(name())),
      async () => {
        const dir = folder.at(name());
        await rm(dir, { recursive: true });
        await mkdir(dir);
        await writeFile(join(dir, 'again'), 'x');
      },
    ];
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 25; i++) {
        await changes[pick(changes.length)]?.().catch(() => undefined);
        if (pick(8) === 0) await systemClock.sleep(pick(90), never);
      }
      await level(folder, mirror);
    }
  });

  it('follows a root that went away and came back', async () => {
    await using folder = await openFolder({ clock: fast });
    await put(folder, 'a/f');
    await folder.store.adopt();
    await using mirror = new Mirror(folder.store);
    await level(folder, mirror);
    await rename(folder.root, `${folder.root} 2`);
    await soon(async () => expect(await folder.store.check()).toMatchObject({ code: 'STORE_ROOT_GONE' }));
    const before = mirror.hints.length;
    await soon(() => expect(folder.notes().length).toBe(1));
    await rename(`${folder.root} 2`, folder.root);
    await soon(() => expect(mirror.hints.length).toBeGreaterThan(before));
    await put(folder, 'a/g', 'b/h');
    await level(folder, mirror);
    expect(Object.keys(mirror.index.view())).toContain('a/f');
  });

  it('takes over new rules of what is left out once they have settled', async () => {
    await using folder = await openFolder({ clock: fast });
    await put(folder, 'secret/f', 'open/f');
    await writeFile(folder.at('.dongboignore'), 'secret/\n');
    await using mirror = new Mirror(folder.store);
    await soon(() => expect(Object.keys(mirror.index.view())).toEqual(['open', 'open/f']));
    await writeFile(folder.at('.dongboignore'), '# none\n');
    await put(folder, 'open/g');
    await soon(() => expect(Object.keys(mirror.index.view())).toContain('open/g'));
    expect(Object.keys(mirror.index.view())).not.toContain('secret/f');
    await soon(() => expect(Object.keys(mirror.index.view())).toContain('secret/f'));
    await put(folder, 'secret/g');
    await level(folder, mirror);
  });
});

describe('a tree that cannot be watched whole', () => {
  it('is only scanned when the kernel allows too few watches', async () => {
    let around = '';
    await using folder = await openFolder({ disk: withLimit(4, () => around) });
    around = folder.around;
    await put(folder, '1/2/3/4/5');
    await using mirror = new Mirror(folder.store);
    await soon(() => expect(mirror.index.view()).toHaveProperty('1/2/3/4/5'));
    expect(folder.events).toEqual([
      {
        type: 'note',
        code: 'STORE_WATCH_SCAN_ONLY',
        details: expect.objectContaining({ directories: 4, limit: 3, suggested: 524_288 }),
      },
    ]);
    expect(mirror.hints).toEqual([{ kind: 'all', reason: 'watch begins' }]);
  });

  it('says how many directories it watches, and when it cannot watch more', async () => {
    let around = '';
    await using folder = await openFolder({ disk: withLimit(4, () => around) });
    around = folder.around;
    await put(folder, 'a/f', 'b/f');
    await using mirror = new Mirror(folder.store);
    await level(folder, mirror);
    expect(folder.notes()).toEqual(['STORE_WATCH_BUDGET']);
    await put(folder, 'c/f');
    await level(folder, mirror);
    expect(folder.notes()).toEqual(['STORE_WATCH_BUDGET', 'STORE_WATCH_PARTIAL']);
    await put(folder, 'a/still seen');
    await level(folder, mirror);
  });

  it('says so when a watch is refused, looks at everything, and does not ask for ever', async () => {
    let asked = 0;
    const openWatch: typeof watchDirectory = async (path, events) => {
      asked += 1;
      if (!path.endsWith('refused')) return watchDirectory(path, events);
      await systemClock.sleep(100, never);
      events.failed('ENOSPC');
      return { async [Symbol.asyncDispose]() {} };
    };
    await using folder = await openFolder({ openWatch });
    await put(folder, 'a/f', 'refused/f');
    await using mirror = new Mirror(folder.store);
    await soon(() => expect(folder.notes()).toEqual(['STORE_WATCH_BUDGET', 'STORE_WATCH_PARTIAL']));
    await put(folder, 'a/g');
    await level(folder, mirror);
    expect(asked).toBeLessThan(10);
    expect(mirror.wholeLooks).toBeLessThan(10);
    expect(mirror.hints).toContainEqual({ kind: 'all', reason: 'ENOSPC' });
  });

  it('sees what happens in a folder with a backslash in its name, as in any other', async () => {
    let asked = 0;
    const openWatch: typeof watchDirectory = async (path, events) => {
      asked += 1;
      return watchDirectory(path, events);
    };
    await using folder = await openFolder({ openWatch });
    await put(folder, 'a\\b/f', 'c/f');
    await using mirror = new Mirror(folder.store);
    await level(folder, mirror);
    const whole = mirror.wholeLooks;
    await put(folder, 'a\\b/g', 'a\\b/sâu\\/h');
    await level(folder, mirror);
    await put(folder, 'a\\b/sâu\\/i');
    await level(folder, mirror);
    expect(mirror.wholeLooks).toBe(whole);
    expect(asked).toBe(4);
    expect(folder.notes()).toEqual(['STORE_WATCH_BUDGET']);
  });

  it('watches a tree that the index knows already in one look, not level by level', async () => {
    await using folder = await openFolder();
    const stop = new AbortController();
    const hints = folder.store.watch(stop.signal);
    await hints.next();
    const deep = 'a/b/c/d/e';
    await put(folder, `${deep}/f`);
    // As the apply step leaves it.
    const index = new MemoryIndex();
    await scan(await folder.reopen(), index);
    const seen = await scan(folder.store, index, '');
    expect(seen.flatMap((o) => ('found' in o ? [o.found.path] : []))).toContain(`${deep}/f`);
    expect(await scan(folder.store, index, '')).toHaveLength(1);
    stop.abort();
    await hints.return(undefined);
  });
});

it('takes a turn with half the kernel’s queue of events for a possible loss', async () => {
  let lost = 0;
  const flood = new Flood(10, () => {
    lost += 1;
  });
  const turn = async (events: number) => {
    for (let i = 0; i < events; i++) flood.event();
    await new Promise((resolve) => setImmediate(resolve));
  };
  await turn(4);
  await turn(4);
  expect(lost).toBe(0);
  await turn(5);
  expect(lost).toBe(1);
});

it('looks at everything after a real overflow of events', async () => {
  let around = '';
  const few: typeof nodeDisk.openRead = async (path) => {
    if (!path.endsWith('max_queued_events')) return nodeDisk.openRead(path);
    await writeFile(join(around, 'queued'), '20\n');
    return nodeDisk.openRead(join(around, 'queued'));
  };
  await using folder = await openFolder({ disk: overlaid({ openRead: few }) });
  around = folder.around;
  await using mirror = new Mirror(folder.store);
  await soon(() => expect(mirror.hints.length).toBeGreaterThan(0));
  await soon(async () => {
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => writeFile(folder.at(`f${i}`), `${mirror.hints.length}`)),
    );
    expect(folder.notes()).toContain('STORE_WATCH_OVERFLOW');
  });
  await level(folder, mirror);
  expect(mirror.hints).toContainEqual({ kind: 'all', reason: 'events lost' });
});

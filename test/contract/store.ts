/** What every `Store` must do. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Found, Store } from '#agent/store/store.ts';
import { MemoryIndex } from '#test/store/memory-index.ts';
import { Mirror, scan } from '#test/store/mirror.ts';

/** A store that holds nothing yet, leaves out `*.tmp` and `cache/`, and ways to change what it holds from outside. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: Store;
  write(path: string, content: string): Promise<void>;
  mkdir(path: string): Promise<void>;
  link(target: string, path: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  /** With everything beneath. */
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** A tree made outside, then moved in as one: `files` are paths within it. */
  moveIn(path: string, files: readonly string[]): Promise<void>;
}

const never = new AbortController().signal;
const failure = (code: string) => expect.objectContaining({ code });
const paths = (entries: readonly Found[]) => entries.map((found) => found.path);
const soon = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 20 });

export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  let t: StoreUnderTest;
  describe(name, () => {
    beforeEach(async () => {
      t = await open();
    });
    afterEach(() => t[Symbol.asyncDispose]());
    describe('root', () => rootLaws(() => t));
    describe('listings', () => listLaws(() => t));
    describe('reading', () => readLaws(() => t));
    describe('hints', () => hintLaws(() => t));
  });
}

function rootLaws(t: () => StoreUnderTest): void {
  it('is nobody’s before it is adopted, and ours afterwards', async () => {
    const { store } = t();
    expect(store.marker).toBeUndefined();
    expect(await store.check()).toBeUndefined();
    await store.adopt();
    expect(store.marker).toBeTypeOf('string');
    expect(await store.check()).toBeUndefined();
    expect(paths((await store.list('', never)).entries)).toEqual([]);
  });

  it('keeps its identity when it is adopted again', async () => {
    const { store } = t();
    await store.adopt();
    const before = store.marker;
    await store.adopt();
    expect(store.marker).toBe(before);
  });
}

function listLaws(t: () => StoreUnderTest): void {
  it('shows files, directories and links in the order of bytes, following none', async () => {
    for (const path of ['b', 'a.b', 'Ấ', '\u{1f600}', '\u{fb01}']) await t().write(path, path);
    await t().mkdir('a');
    await t().link('a', 'c');
    await t().link('/nowhere/đâu', 'd');
    const { entries, problems } = await t().store.list('', never);
    expect(problems).toEqual([]);
    expect(entries.map(({ path, kind, target }) => ({ path, kind, target }))).toEqual([
      { path: 'a', kind: 'dir', target: undefined },
      { path: 'a.b', kind: 'file', target: undefined },
      { path: 'b', kind: 'file', target: undefined },
      { path: 'c', kind: 'link', target: 'a' },
      { path: 'd', kind: 'link', target: '/nowhere/đâu' },
      { path: 'Ấ', kind: 'file', target: undefined },
      { path: '\u{fb01}', kind: 'file', target: undefined },
      { path: '\u{1f600}', kind: 'file', target: undefined },
    ]);
  });

  it('gives the facts that a later look compares', async () => {
    await t().write('d/e/f', 'twelve bytes');
    await t().chmod('d/e/f', 0o640);
    const [found] = (await t().store.list('d/e', never)).entries;
    expect(found).toMatchObject({ path: 'd/e/f', facts: { size: 12 } });
    expect((found?.facts.mode ?? 0) & 0o777).toBe(0o640);
    expect(await t().store.look('d/e/f')).toEqual(found);
  });

  it('fails for what cannot be listed, instead of showing nothing', async () => {
    await t().write('file', 'x');
    await t().mkdir('dir');
    await t().link('dir', 'link');
    for (const dir of ['file', 'absent', 'file/below', 'link']) {
      await expect(t().store.list(dir, never), dir).rejects.toThrow(failure('STORE_LIST_FAILED'));
    }
  });

  it('leaves out what its rules name, and says so', async () => {
    await t().write('keep', 'x');
    await t().write('a.tmp', 'x');
    await t().write('cache/deep/x', 'x');
    const { store } = t();
    expect(paths((await store.list('', never)).entries)).toEqual(['keep']);
    expect(await store.look('a.tmp')).toBeUndefined();
    expect(store.excludes('cache/deep/x', 'file')).toBe(true);
    expect(store.excludes('.dongbo/stage/x', 'file')).toBe(true);
    expect(store.excludes('cache', 'file')).toBe(false);
    expect(store.excludes('keep', 'file')).toBe(false);
  });

  it('looks at single paths, never through a link', async () => {
    await t().write('d/f', 'x');
    await t().link('d', 'l');
    expect(await t().store.look('d')).toMatchObject({ kind: 'dir' });
    expect(await t().store.look('l')).toMatchObject({ kind: 'link', target: 'd' });
    for (const path of ['l/f', 'none', 'd/f/x']) expect(await t().store.look(path), path).toBeUndefined();
  });
}

function readLaws(t: () => StoreUnderTest): void {
  const read = async (path: string, change?: () => Promise<void>) => {
    await using open = await t().store.read(path, never);
    let text = '';
    for await (const piece of open.chunks()) text += new TextDecoder().decode(piece);
    await change?.();
    return { text, stable: await open.check() };
  };

  it('reads a file whole and stable, with any buffer', async () => {
    await t().write('d/f', 'nội dung');
    expect(await read('d/f')).toEqual({ text: 'nội dung', stable: true });
    await using open = await t().store.read('d/f', never);
    const lengths: number[] = [];
    for await (const piece of open.chunks(new Uint8Array(4))) lengths.push(piece.length);
    expect(lengths.reduce((a, b) => a + b)).toBe(new TextEncoder().encode('nội dung').length);
    await t().write('empty', '');
    expect(await read('empty')).toEqual({ text: '', stable: true });
  });

  it('notices every change since it was opened', async () => {
    const changes = [
      () => t().write('f', 'other!'),
      () => t().write('f', 'longer than before'),
      () => t().chmod('f', 0o600),
      () => t().remove('f'),
      () => t().rename('g', 'f'),
    ];
    for (const [i, change] of changes.entries()) {
      await t().write('f', 'before');
      await t().write('g', 'before');
      await t().chmod('f', 0o644);
      expect((await read('f', change)).stable, `change ${i}`).toBe(false);
    }
  });

  it('notices that another directory took the place of the one above', async () => {
    await t().write('d/f', 'before');
    await t().write('e/f', 'before');
    const swapped = async () => {
      await t().rename('d', 'old');
      await t().rename('e', 'd');
    };
    expect((await read('d/f', swapped)).stable).toBe(false);
  });

  it('knows no file where there is none, nor behind a link', async () => {
    await t().write('d/f', 'x');
    await t().link('d', 'l');
    await t().link('d/f', 'm');
    for (const path of ['d', 'l/f', 'm', 'none', 'd/f/x']) {
      await expect(t().store.read(path, never), path).rejects.toThrow(failure('STORE_ITEM_GONE'));
    }
  });
}

function hintLaws(t: () => StoreUnderTest): void {
  /** The mirror is level with what a scan from nothing shows. */
  const level = async (mirror: Mirror) => {
    const truth = new MemoryIndex();
    await scan(t().store, truth);
    await soon(() => expect(mirror.index.view()).toEqual(truth.view()));
    return truth.view();
  };

  it('begin with everything, and end with the signal', async () => {
    const stop = new AbortController();
    const hints = t().store.watch(stop.signal)[Symbol.asyncIterator]();
    expect(await hints.next()).toMatchObject({ value: { kind: 'all' } });
    const next = hints.next();
    stop.abort();
    expect(await next).toMatchObject({ done: true });
  });

  it('follow every kind of change, directory by directory', async () => {
    await t().write('a/b/f', '1');
    await t().write('a/g', '1');
    await using mirror = new Mirror(t().store);
    await level(mirror);
    await soon(() => expect(mirror.hints.length).toBeGreaterThanOrEqual(4));
    const before = mirror.wholeLooks;
    const changes: (() => Promise<void>)[] = [
      () => t().write('a/b/f', 'two'),
      () => t().chmod('a/b/f', 0o600),
      () => t().chmod('a/b', 0o700),
      () => t().write('a/b/new', ''),
      () => t().rename('a/b/new', 'a/newer'),
      () => t().link('../x', 'a/b/l'),
      () => t().write('c/d/e/f', 'made at once'),
      () => t().write('c/d/e/f', 'and written again'),
      () => t().moveIn('m', ['1/2/3', '1/4', '5']),
      () => t().write('m/1/2/3', 'in what was moved in'),
      () => t().rename('m/1', 'a/1'),
      () => t().write('a/1/2/3', 'in what was moved along'),
      () => t().remove('c'),
      () => t().write('c', 'a file where a directory was'),
      () => t().remove('a/b/f'),
    ];
    for (const change of changes) {
      await change();
      await level(mirror);
    }
    expect(Object.keys(await level(mirror))).toContain('a/1/2/3');
    expect(mirror.wholeLooks).toBe(before);
  });

  it('say nothing of what is left out', async () => {
    await t().mkdir('cache');
    await using mirror = new Mirror(t().store);
    await level(mirror);
    await t().write('cache/deep/f', 'x');
    await t().write('last', 'x');
    await level(mirror);
    expect(mirror.hints).not.toContainEqual(
      expect.objectContaining({ path: expect.stringContaining('cache') }),
    );
  });
}

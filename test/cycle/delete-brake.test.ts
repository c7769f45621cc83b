/** The brakes on deletes over a real index: what counts, what does not, and what a restart must not forget [4, 23]. */
import { describe, expect, it } from 'vitest';
import { Births } from '#agent/apply/delete-window.ts';
import { DeleteBrake } from '#agent/cycle/delete-brake.ts';
import { State } from '#agent/feed/state.ts';
import { fileRow, node, space } from '#test/feed/fixtures.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';

const names = (count: number, prefix = 'văn bản', from = 0) =>
  Array.from({ length: count }, (_, i) => `${prefix} ${from + i}`);

const dirRow = { local: { state: { kind: 'dir', mode: 0o755 } } } as const;
const goneRow = { local: { state: { kind: 'gone' } } } as const;

/** A folder as the index sees it. What `had` puts was there when the agent started. */
async function folder() {
  const owned = new AsyncDisposableStack();
  const dir = owned.use(await temporaryDir());
  let ms = 0;
  const clock = { now: () => ms, monotonic: () => ms, sleep: async () => undefined };
  let state = await State.open(dir.path, { node });
  owned.defer(() => state[Symbol.asyncDispose]());
  const births = { is: new Births(clock) };
  const start = () => {
    const births = new Births(clock);
    state.space(space).losses.watchBirths((path, isFile) => births.note(path, isFile));
    return { births, brake: new DeleteBrake({ clock, state: state.space(space), births }) };
  };
  let agent = start();
  births.is = agent.births;
  const write = async (
    rows: Iterable<readonly [string, Parameters<ReturnType<typeof batch>['putRow']>[1]]>,
  ) => {
    const into = batch();
    for (const [path, row] of rows) into.putRow(path, row);
    await into.commit();
  };
  const batch = () => state.space(space).batch();
  return {
    /** `of`: what the file holds. */
    put: (paths: readonly string[], of = (path: string) => path) =>
      write(paths.map((path) => [path, fileRow(of(path))] as const)),
    dirs: (paths: readonly string[]) => write(paths.map((path) => [path, dirRow] as const)),
    begin: () => agent.births.begin(),
    /** A look that misses `paths`: why it halts, or undefined, and then they are deleted. */
    async gone(paths: readonly string[], released = false): Promise<string | undefined> {
      const gone = new Set(paths);
      const halt = released ? undefined : await agent.brake.check(gone);
      if (halt) return halt.code;
      await agent.brake.note(gone, released);
      await write(paths.map((path) => [path, goneRow] as const));
      return undefined;
    },
    pass(by: number): void {
      ms += by;
    },
    async restart(): Promise<void> {
      await state[Symbol.asyncDispose]();
      state = await State.open(dir.path, { node });
      agent = start();
      agent.births.begin();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** With documents that have been there for long. */
async function office(count: number) {
  const f = await folder();
  await f.put(names(count));
  f.begin();
  return f;
}

describe('a mass delete', () => {
  it.each([
    [40, 21, 'MASS_DELETE_LOCAL'],
    [42, 21, undefined],
    [30, 20, undefined],
    [8, 8, 'STORE_SUDDENLY_EMPTY'],
    [8, 7, undefined],
    [1, 1, undefined],
  ])('of %i documents %i: %s', async (count, gone, code) => {
    await using f = await office(count);
    expect(await f.gone(names(gone))).toBe(code);
  });

  it('in slices is one, also across a restart', async () => {
    await using f = await office(100);
    for (let i = 0; i < 3; i += 1) expect(await f.gone(names(10, undefined, 10 * i))).toBeUndefined();
    await f.restart();
    expect(await f.gone(names(10, undefined, 30))).toBeUndefined();
    expect(await f.gone(names(10, undefined, 40))).toBeUndefined();
    expect(await f.gone(names(10, undefined, 50))).toBe('MASS_DELETE_LOCAL');
  });

  it('by a program that writes other files in their place is one', async () => {
    await using f = await office(40);
    await f.put(names(40, 'khoá'));
    expect(await f.gone(names(40))).toBeUndefined();
    await using g = await office(40);
    await g.put(names(25, 'khoá'));
    expect(await g.gone(names(40))).toBe('MASS_DELETE_LOCAL');
  });

  it('of documents that were renamed first is one', async () => {
    await using f = await office(40);
    const moved = names(40).map((name) => `d/${name}`);
    await f.put(moved, (path) => path.slice(2));
    expect(await f.gone(names(40))).toBeUndefined();
    expect(await f.gone(moved.slice(0, 39))).toBe('MASS_DELETE_LOCAL');
  });

  it('of what was only just filled in is one', async () => {
    await using f = await folder();
    f.begin();
    await f.put(names(40));
    expect(await f.gone(names(15))).toBeUndefined();
    await f.restart();
    expect(await f.gone(names(15, undefined, 15))).toBe('MASS_DELETE_LOCAL');
  });

  it('is forgotten after ten minutes, and when a person has released it', async () => {
    await using f = await office(100);
    expect(await f.gone(names(50))).toBeUndefined();
    expect(await f.gone(names(10, undefined, 50))).toBe('MASS_DELETE_LOCAL');
    f.pass(11 * 60_000);
    expect(await f.gone(names(10, undefined, 50))).toBeUndefined();
    expect(await f.gone(names(35, undefined, 60), true)).toBeUndefined();
    expect(await f.gone(names(4, undefined, 95))).toBeUndefined();
  });
});

describe('ordinary work', () => {
  it.each(['old', 'new'])('editors in a folder of 30 %s documents', async (age) => {
    await using f = await folder();
    if (age === 'new') f.begin();
    await f.put(names(30));
    f.begin();
    for (let i = 0; i < 32; i += 1) {
      const [document, temporary, before] = [`văn bản ${i % 30}`, `w${i}.tmp`, `l${i}.tmp`];
      await f.put([temporary]);
      await f.put([before], () => document);
      expect(await f.gone([document])).toBeUndefined();
      await f.put([document], () => temporary);
      expect(await f.gone([temporary])).toBeUndefined();
      expect(await f.gone([before])).toBeUndefined();
      f.pass(5_000);
    }
  });

  it.each(['old', 'new'])('lock files in a folder of 30 %s documents', async (age) => {
    await using f = await folder();
    if (age === 'new') f.begin();
    await f.put(names(30));
    f.begin();
    for (let i = 0; i < 40; i += 1) {
      await f.put([`.lock${i}#`]);
      expect(await f.gone([`.lock${i}#`])).toBeUndefined();
    }
    if (age === 'new') return;
    await f.put(names(300, 'giải nén'));
    expect(await f.gone(names(300, 'giải nén'))).toBeUndefined();
    await f.restart();
    expect(await f.gone(['văn bản 1'])).toBeUndefined();
  });

  it('an export that deletes and writes anew', async () => {
    await using f = await office(30);
    for (let i = 0; i < 20; i += 1) {
      expect(await f.gone(names(14))).toBeUndefined();
      await f.put(names(14), (path) => `${path} lần ${i}`);
    }
    await f.restart();
    expect(await f.gone(names(14))).toBeUndefined();
  });

  it('a folder that is renamed, renamed again, and its halves seen apart', async () => {
    await using f = await office(5);
    const dirs = (under: string) => [under, ...names(30, `${under}/d`)];
    const files = (under: string) => names(200, `${under}/f`);
    await f.dirs(dirs('a'));
    await f.put(files('a'), (path) => path.slice(1));
    f.pass(11 * 60_000);
    for (const [from, to] of [
      ['a', 'b'],
      ['b', 'c'],
    ] as const) {
      await f.dirs(dirs(to));
      await f.put(files(to), (path) => path.slice(1));
      expect(await f.gone([...dirs(from), ...files(from)])).toBeUndefined();
    }
    await f.restart();
    expect(await f.gone(names(4))).toBeUndefined();
  });
});

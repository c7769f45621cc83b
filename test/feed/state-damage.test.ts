/** What LevelDB passes over in silence must not be passed over here: a lost record is a lost change. */
import { cp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { State } from '#agent/feed/state.ts';
import { type TemporaryDir, temporaryDir } from '#test/sys/temporary-dir.ts';
import { collect, fileRow, node, space } from './fixtures.ts';

const perBatch = 500;
const rows = 8_000;
let root: TemporaryDir;

const open = (dir: string) => State.open(dir, { node });
const name = (n: number) => `${n}`.padStart(6, '0');

async function fill(dir: string, from: number, end: number): Promise<State> {
  const state = await open(dir);
  for (let at = from; at < end; at += perBatch) {
    const batch = state.space(space).batch();
    for (let n = at; n < at + perBatch; n++) batch.putRow(name(n), fileRow(`${n}`));
    await batch.commit();
  }
  return state;
}

beforeAll(async () => {
  root = await temporaryDir();
  const dir = join(root.path, 'closed');
  await (await fill(dir, 0, rows - 3 * perBatch))[Symbol.asyncDispose]();
  // A start puts all that is in logs into tables. What is written now is in the log only, and LevelDB is at rest.
  const state = await fill(dir, rows - 3 * perBatch, rows);
  // As after SIGKILL: copied while it is open.
  await cp(dir, join(root.path, 'open'), { recursive: true });
  await state[Symbol.asyncDispose]();
});
afterAll(() => root[Symbol.asyncDispose]());

/** A copy of the state, one file of which (the last that fits `pattern`) went through `harm`. */
async function harmed(
  left: 'open' | 'closed',
  pattern: RegExp,
  harm: (path: string, size: number) => Promise<void>,
) {
  const dir = await temporaryDir();
  await cp(join(root.path, left), dir.path, { recursive: true });
  const files = (await readdir(join(dir.path, 'db'))).filter((f) => pattern.test(f)).sort();
  const file = join(dir.path, 'db', files.at(-1) ?? 'none');
  await harm(file, (await stat(file)).size);
  return dir;
}

const gone = (path: string) => rm(path);
const cutTo = (share: number) => (path: string, size: number) => truncate(path, Math.floor(size * share));
const flipAt = (share: number) => async (path: string, size: number) => {
  const bytes = await readFile(path);
  const at = Math.floor((size - 1) * share);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  await writeFile(path, bytes);
};

const anyCase = [
  ['CURRENT gone', /^CURRENT$/, gone],
  ['CURRENT empty', /^CURRENT$/, cutTo(0)],
  ['manifest gone', /^MANIFEST/, gone],
  ['manifest empty', /^MANIFEST/, cutTo(0)],
  ['manifest cut to half', /^MANIFEST/, cutTo(0.5)],
  ['manifest cut a little', /^MANIFEST/, cutTo(0.95)],
  ['manifest flipped', /^MANIFEST/, flipAt(0.5)],
  ['table gone', /\.ldb$/, gone],
  ['table cut', /\.ldb$/, cutTo(0.7)],
  ['table empty', /\.ldb$/, cutTo(0)],
  ['log gone', /\.log$/, gone],
  ['log flipped in the middle', /\.log$/, flipAt(0.4)],
  ['log flipped near the end', /\.log$/, flipAt(0.85)],
] as const;

describe.each(['open', 'closed'] as const)('a database left %s', (left) => {
  it('opens whole when nothing is wrong', async () => {
    await using dir = await harmed(left, /^CURRENT$/, async () => undefined);
    await using state = await open(dir.path);
    expect(state.space(space).counts().items).toBe(rows);
    expect(await collect(state.space(space).children(''))).toHaveLength(rows);
  });

  it.each(anyCase)('is damaged with %s', async (_what, pattern, harm) => {
    await using dir = await harmed(left, pattern, harm);
    const before = (await readdir(join(dir.path, 'db'))).sort();
    await expect(open(dir.path)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    expect((await readdir(join(dir.path, 'db'))).sort()).toEqual(before);
  });

  it.each([0.1, 0.3, 0.5, 0.7])('finds a flipped byte of a table, at %s, when it is read', async (share) => {
    await using dir = await harmed(left, /\.ldb$/, flipAt(share));
    await using state = await open(dir.path);
    await expect(state.space(space).verify()).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
  });
});

describe('the end of the log', () => {
  it('may be torn by a crash: the commit that was not acknowledged is gone, all before it are there', async () => {
    await using dir = await harmed('open', /\.log$/, (path, size) => truncate(path, size - 1000));
    await using state = await open(dir.path);
    const found = await collect(state.space(space).children(''));
    expect(found).toHaveLength(rows - perBatch);
    expect(state.space(space).counts().items).toBe(rows - perBatch);
  });

  it.each([
    ['torn', (path: string, size: number) => truncate(path, size - 1000)],
    ['shorter', (path: string) => truncate(path, 0)],
  ])('may not be %s after a clean stop', async (_what, harm) => {
    await using dir = await harmed('closed', /\.log$/, harm);
    await expect(open(dir.path)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
  });
});

/** A member that may only read, and edits nevertheless: what comes from elsewhere is written, and nothing is lost. */
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { agree } from './node.ts';
import { SpaceNode } from './space-node.ts';

const cleanup: AsyncDisposable[] = [];
afterEach(async () => {
  for (const owned of cleanup.splice(0).reverse()) await owned[Symbol.asyncDispose]();
});

/** An author, and who only reads; `sync` brings the author's folder to the reader and checks the receipt. */
async function pair() {
  const { parties, agreement } = await agree(['H29.12', 'publish', 'subscribe'], ['H29.13', 'subscribe']);
  const [one, two] = parties;
  if (!two) throw new Error('no reader');
  const [dirA, dirB] = [await temporaryDir(), await temporaryDir()];
  const a = await SpaceNode.open({ me: one, agreement, dir: dirA.path });
  const b = await SpaceNode.open({ me: two, agreement, dir: dirB.path, sources: () => [a] });
  cleanup.push(dirA, dirB, a, b);
  const sync = async () => {
    await a.settle();
    await a.bring(b);
    await b.settle();
    // Copies are found by the look after.
    await b.settle();
    expect(await b.receiptFor(one.node)).toBe(await a.published());
    expect(await b.published()).toBe(0);
  };
  const names = async (dir = '') => (await readdir(b.at(dir))).filter((name) => name !== '.dongbo').sort();
  const text = (path: string) => readFile(b.at(path), 'utf8');
  return { a, b, sync, names, text };
}

const noted = 'LOCAL_EDIT_NOT_SHARED';

describe('at a member that does not publish', () => {
  it('local edits stay with a note, and the receipt is signed', async () => {
    const { a, b, sync, names, text } = await pair();
    for (const name of ['sửa', 'xoá', 'khác']) await writeFile(a.at(name), 'một');
    await sync();
    await writeFile(b.at('sửa'), 'tại đây');
    await writeFile(b.at('mới'), 'tại đây');
    await rm(b.at('xoá'));
    await writeFile(a.at('khác'), 'hai');
    await sync();
    expect(await names()).toEqual(['khác', 'mới', 'sửa']);
    expect([await text('sửa'), await text('mới'), await text('khác')]).toEqual(['tại đây', 'tại đây', 'hai']);
    expect(await b.problems()).toEqual({ sửa: noted, mới: noted, xoá: noted });
  });

  it('the next version takes the place of an edit, which is kept beside; a delete gives way', async () => {
    const { a, b, sync, names, text } = await pair();
    for (const name of ['sửa', 'xoá']) await writeFile(a.at(name), 'một');
    await sync();
    await writeFile(b.at('sửa'), 'tại đây');
    await writeFile(b.at('mới'), 'mới tại đây');
    await rm(b.at('xoá'));
    await b.settle();
    for (const name of ['sửa', 'xoá', 'mới']) await writeFile(a.at(name), 'hai');
    await sync();
    for (const name of ['sửa', 'xoá', 'mới']) expect(await text(name)).toBe('hai');
    const copies = (await names()).filter((name) => !['sửa', 'xoá', 'mới'].includes(name));
    expect(copies).toHaveLength(2);
    expect((await Promise.all(copies.map(text))).sort()).toEqual(['mới tại đây', 'tại đây']);
    expect(await b.problems()).toEqual(Object.fromEntries(copies.map((copy) => [copy, noted])));
    expect(b.events.filter(({ type }) => type === 'conflict')).toHaveLength(2);
    // The copies are nobody else's and stand in nobody's way.
    await writeFile(a.at('sửa'), 'ba');
    await sync();
    expect(await text('sửa')).toBe('ba');
    expect(await names()).toHaveLength(5);
  });

  it('an edit outlives the delete of its item elsewhere, and is over when it is taken back', async () => {
    const { a, b, sync, names, text } = await pair();
    for (const name of ['sửa', 'yên']) await writeFile(a.at(name), 'một');
    await sync();
    await writeFile(b.at('sửa'), 'tại đây');
    await chmod(b.at('yên'), 0o600);
    await b.settle();
    expect(await b.problems()).toEqual({ sửa: noted, yên: noted });
    await rm(a.at('sửa'));
    await rm(a.at('yên'));
    await writeFile(a.at('x'), 'x');
    await sync();
    expect(await names()).toEqual(['sửa', 'x']);
    expect([await text('sửa'), await b.problems()]).toEqual(['tại đây', { sửa: noted }]);
    await rm(b.at('sửa'));
    await b.settle();
    expect(await b.problems()).toEqual({});
  });

  it('a file in the place of a directory makes room for what is in it', async () => {
    const { a, b, sync, names, text } = await pair();
    await mkdir(a.at('d'));
    await writeFile(a.at('d/f'), 'một');
    await sync();
    await rm(b.at('d'), { recursive: true });
    await writeFile(b.at('d'), 'tại đây');
    await writeFile(a.at('d/f'), 'hai');
    await sync();
    expect(await text('d/f')).toBe('hai');
    const [copy = ''] = (await names()).filter((name) => name !== 'd');
    expect([await text(copy), await b.problems()]).toEqual(['tại đây', { [copy]: noted }]);
  });

  it('a directory that was deleted elsewhere stays for what is only here', async () => {
    const { a, b, sync, text } = await pair();
    await mkdir(a.at('d/e'), { recursive: true });
    await writeFile(a.at('d/e/f'), 'một');
    await sync();
    await writeFile(b.at('d/e/mới'), 'tại đây');
    await b.settle();
    await rm(a.at('d'), { recursive: true });
    await writeFile(a.at('x'), 'x');
    await sync();
    expect(await text('d/e/mới')).toBe('tại đây');
    expect(await readdir(b.at('d/e'))).toEqual(['mới']);
    expect(await b.problems()).toEqual({ d: noted, 'd/e': noted, 'd/e/mới': noted });
  });

  it('a directory that gives way to a file keeps what is only here under another name', async () => {
    const { a, b, sync, names, text } = await pair();
    await mkdir(a.at('d'));
    await writeFile(a.at('d/f'), 'một');
    await sync();
    await mkdir(b.at('d/e'));
    for (let i = 0; i < 30; i++) await writeFile(b.at(`d/e/${i}`), `tại đây ${i}`);
    await b.settle();
    await rm(a.at('d'), { recursive: true });
    await writeFile(a.at('d'), 'hai');
    await sync();
    expect([await text('d'), (await stat(b.at('d'))).isFile()]).toEqual(['hai', true]);
    const [copy = ''] = (await names()).filter((name) => name !== 'd');
    expect([await text(`${copy}/e/7`), await readdir(b.at(copy))]).toEqual(['tại đây 7', ['e']]);
    expect(Object.keys(await b.problems()).every((path) => path.startsWith(copy))).toBe(true);
    // What was moved was not deleted: a few deletes after that are no mass delete.
    for (let i = 0; i < 4; i++) await rm(b.at(`${copy}/e/${i}`));
    await b.settle();
  });
});

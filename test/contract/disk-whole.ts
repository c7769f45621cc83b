/** What every `Disk` must do with whole files, with many pieces, and with two items that change places. */
import { expect, it } from 'vitest';
import { type Bench, code, text } from './disk.ts';

export function wholeLaws(t: Bench): void {
  it('writes pieces one behind the other, however many', async () => {
    const pieces = Array.from({ length: 3000 }, (_, i) => text(i % 7 === 0 ? '' : `${i},`));
    await using file = await t.disk.openWrite(t.at('a'));
    await file.writeAll(pieces, 5);
    await file.writeAll([], 5);
    const whole = Buffer.concat(pieces);
    const into = new Uint8Array(whole.length + 10);
    expect(await file.read(into, 5)).toBe(whole.length);
    expect(Buffer.compare(whole, into.subarray(0, whole.length))).toBe(0);
  });

  it('writes a whole file with its mode and time, in place of what was longer too', async () => {
    await t.write('a', 'what was there before');
    for (const name of ['a', 'new']) {
      await t.disk.writeWhole(t.at(name), [text('đồng '), text(''), text('bộ')], {
        mode: 0o604,
        mtimeNs: 5n,
      });
      const { mode, mtimeNs, size } = await t.disk.lstat(t.at(name));
      expect([await t.read(name), mode, mtimeNs, size]).toEqual(['đồng bộ', 0o604, 5n, 12]);
    }
    await t.disk.writeWhole(t.at('empty'), [], { mode: 0o600, mtimeNs: 1n });
    expect(await t.read('empty')).toBe('');
  });

  it('writes a whole file through no link and over nothing else', async () => {
    await t.disk.mkdir(t.at('dir'), 0o755);
    await t.write('file', 'x');
    await t.disk.symlink('file', t.at('link'));
    await t.under.makeFifo(t.at('fifo'));
    const write = (name: string) => t.disk.writeWhole(t.at(name), [text('y')], { mode: 0o600, mtimeNs: 1n });
    await expect(write('dir')).rejects.toEqual(code('EISDIR'));
    await expect(write('link')).rejects.toEqual(code('ELOOP'));
    await expect(write('fifo')).rejects.toEqual(code('EINVAL'));
    await expect(write('no/such')).rejects.toEqual(code('ENOENT'));
    expect(await t.read('file')).toBe('x');
  });

  it('swaps two items of any kind, and nothing when one is missing', async () => {
    await t.write('a', 'a');
    await t.disk.mkdir(t.at('dir'), 0o755);
    await t.write('dir/b', 'b');
    await t.disk.exchange(t.at('a'), t.at('dir/b'));
    expect([await t.read('a'), await t.read('dir/b')]).toEqual(['b', 'a']);
    await t.disk.exchange(t.at('a'), t.at('dir'));
    expect([await t.read('dir'), await t.read('a/b')]).toEqual(['b', 'a']);
    await expect(t.disk.exchange(t.at('a'), t.at('missing'))).rejects.toEqual(code('ENOENT'));
    expect((await t.disk.list(t.dir)).map((e) => e.name)).toEqual(['a', 'dir']);
  });
}

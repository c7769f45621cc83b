/**
 * Files that the service does not own, and disks that keep no modes or only coarse times: what cannot be set is noted,
 * holds up nothing, and is never told back as an edit of somebody here.
 */
import { appendFile, chmod, link, lstat, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Disk } from '#agent/sys/disk.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { diskWith, errno } from '#test/apply/disk-with-faults.ts';
import type { SpaceNode } from './space-node.ts';
import { ThreeMembers } from './three-members.ts';

const modeOf = async (node: SpaceNode, path: string): Promise<number> =>
  (await lstat(node.at(path))).mode & 0o777;

/** What is in the folder belongs to others: neither mode nor time of it can be set, what dongbo stages can. */
const foreign = (code: string): Disk =>
  diskWith((call, path) => {
    const isSet = call === 'chmod' || call === 'setMtime';
    if (isSet && !path.includes('/.dongbo/')) throw errno(code);
  });

/** No modes at all, and times in whole seconds. */
const coarse: Disk = {
  ...nodeDisk,
  chmod: async () => {
    throw errno('EPERM');
  },
  setMtime: (path, mtimeNs) => nodeDisk.setMtime(path, (mtimeNs / 1_000_000_000n) * 1_000_000_000n),
  writeWhole: (path, pieces, facts) =>
    nodeDisk.writeWhole(path, pieces, {
      mode: 0o755,
      mtimeNs: (facts.mtimeNs / 1_000_000_000n) * 1_000_000_000n,
    }),
};

async function withB(disk: Disk): Promise<ThreeMembers> {
  const three = await ThreeMembers.open({ twoPublish: true });
  await three.put('thư mục/a.txt', 'nội dung\n');
  await three.put('b.txt', 'b\n');
  await three.sync(three.b);
  await three.stop(1);
  await three.start(1, { disk });
  await three.b.settle();
  return three;
}

const notes = (node: SpaceNode) =>
  node.events.filter((e) => e.type === 'note' && e.code === 'ATTRIBUTES_NOT_SET');

async function bSaysNothing(three: ThreeMembers): Promise<void> {
  const published = () => three.b.events.filter(({ type }) => type === 'published').length;
  const before = published();
  await three.b.settle();
  expect(published()).toBe(before);
}

describe.each(['EPERM', 'EACCES', 'EOPNOTSUPP'])(
  'a file of another account (%s)',
  { timeout: 60_000 },
  (code) => {
    it('whose mode and time cannot be set holds up nothing, and nobody publishes its mode', async () => {
      await using three = await withB(foreign(code));
      const { a, b } = three;
      const was = await modeOf(b, 'thư mục/a.txt');
      await chmod(a.at('thư mục/a.txt'), 0o600);
      await utimes(a.at('thư mục/a.txt'), 1e9, 1e9);
      await chmod(a.at('thư mục'), 0o750);
      await three.put('sau.txt', 'sau\n');
      await three.sync(b);
      expect(await b.receiptFor(a.own.origin.node)).toBe(await a.published());
      expect(await b.problems()).toEqual({});
      expect(notes(b).length).toBeGreaterThan(0);
      expect(await modeOf(b, 'thư mục/a.txt')).toBe(was);
      // A later look sees another ctime, and no edit.
      await link(b.at('thư mục/a.txt'), `${b.root}/../beside`);
      await rm(`${b.root}/../beside`);
      await bSaysNothing(three);
      // An edit of the content takes no mode along.
      await appendFile(b.at('thư mục/a.txt'), 'thêm\n');
      await b.settle();
      await b.bring(a);
      await a.settle();
      expect(await modeOf(a, 'thư mục/a.txt')).toBe(0o600);
      expect(await modeOf(a, 'thư mục')).toBe(0o750);
    });

    it('whose mode somebody sets here after that is an edit', async () => {
      await using three = await withB(foreign(code));
      const { a, b } = three;
      await chmod(a.at('b.txt'), 0o600);
      await three.sync(b);
      await chmod(b.at('b.txt'), 0o640);
      await b.settle();
      await b.bring(a);
      await a.settle();
      expect(await modeOf(a, 'b.txt')).toBe(0o640);
    });
  },
);

describe('a disk without modes and with coarse times', { timeout: 60_000 }, () => {
  it('takes everything, and says none of what it cannot keep', async () => {
    await using three = await withB(coarse);
    const { a, b } = three;
    await mkdir(a.at('kín'));
    await writeFile(a.at('kín/mới.txt'), 'mới\n', { mode: 0o640 });
    await chmod(a.at('kín'), 0o750);
    await three.sync(b);
    expect(await b.problems()).toEqual({});
    expect(await b.receiptFor(a.own.origin.node)).toBe(await a.published());
    await link(b.at('kín/mới.txt'), `${b.root}/../beside`);
    await rm(`${b.root}/../beside`);
    await bSaysNothing(three);
    await appendFile(b.at('kín/mới.txt'), 'thêm\n');
    await b.settle();
    await b.bring(a);
    await a.settle();
    expect(await modeOf(a, 'kín/mới.txt')).toBe(0o640);
  });
});

/** The root's identity: accident 3. */
import { execFileSync } from 'node:child_process';
import { cp, link, mkdir, readFile, rename, rm, statfs, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseNodeId, parseSpaceId } from '#agent/core/ids.ts';
import { type Fault, faultyDisk } from './faulty-disk.ts';
import { openFolder } from './folder-under-test.ts';

const never = new AbortController().signal;

const halt = (code: string, reason: string, needsRelease: boolean) => ({
  code,
  details: { folder: expect.any(String), reason },
  needsRelease,
});
const foreign = (reason: string) => halt('STORE_ROOT_FOREIGN', reason, true);

async function adopted() {
  const folder = await openFolder();
  await folder.store.adopt();
  return { folder, knownMarker: folder.store.marker ?? '' };
}

describe('a known root', () => {
  it('is known again by a process started anew', async () => {
    const { folder, knownMarker } = await adopted();
    await using _folder = folder;
    expect(await (await folder.reopen({ knownMarker })).check()).toBeUndefined();
    const marker = JSON.parse(await readFile(folder.at('.dongbo/root.json'), 'utf8'));
    expect(marker).toMatchObject({ version: 1, storeId: knownMarker.split('@')[0] });
  });

  it('that is gone, or a file, halts until it is back', async () => {
    const { folder } = await adopted();
    await using _folder = folder;
    await rename(folder.root, `${folder.root} 2`);
    expect(await folder.store.check()).toEqual(halt('STORE_ROOT_GONE', 'ENOENT', false));
    await writeFile(folder.root, '');
    expect(await folder.store.check()).toEqual(halt('STORE_ROOT_GONE', 'file', false));
    await rm(folder.root);
    await rename(`${folder.root} 2`, folder.root);
    expect(await folder.store.check()).toBeUndefined();
  });

  it('that lost its marker halts until a person releases it', async () => {
    const { folder, knownMarker } = await adopted();
    await using _folder = folder;
    await rm(folder.at('.dongbo'), { recursive: true });
    expect(await folder.store.check()).toEqual(foreign('marker missing'));
    await folder.store.adopt();
    expect(await folder.store.check()).toBeUndefined();
    expect(folder.store.marker).not.toBe(knownMarker);
  });

  it('in whose place is another store halts', async () => {
    const { folder, knownMarker } = await adopted();
    await using _folder = folder;
    await using other = await openFolder();
    await other.store.adopt();
    const store = await folder.reopen({ knownMarker, root: other.root });
    expect(await store.check()).toEqual(foreign('marker of another store'));
  });

  it('that was copied to another file system halts', async () => {
    const { folder, knownMarker } = await adopted();
    await using _folder = folder;
    const [id, place] = knownMarker.split('@');
    const [dev, ino] = (place ?? '').split('.');
    const moved = await folder.reopen({ knownMarker: `${id}@1${dev}.1${ino}` });
    expect(await moved.check()).toEqual(foreign('a copy on another file system'));
    const restarted = await folder.reopen({ knownMarker: `${id}@1${dev}.${ino}` });
    expect(await restarted.check()).toBeUndefined();
    const senseless = await folder.reopen({ knownMarker: 'x' });
    expect(await senseless.check()).toEqual(foreign('marker of another store'));
  });
});

describe.runIf(process.getuid?.() === 0)('a known root that is mounted over', () => {
  it('with a copy of itself on the same file system halts', async () => {
    const { folder } = await adopted();
    await using _folder = folder;
    const copy = `${folder.around}/copy`;
    await cp(folder.root, copy, { recursive: true });
    const mounted = (await statfs(folder.root)).type;
    execFileSync('mount', ['--bind', copy, folder.root]);
    try {
      const kept = [0xef53, 0x58465342, 0x9123683e, 0x01021994].includes(mounted);
      expect(await folder.store.check()).toEqual(
        kept ? foreign('a copy on the same file system') : undefined,
      );
    } finally {
      execFileSync('umount', [folder.root]);
    }
    expect(await folder.store.check()).toBeUndefined();
  });

  it('with a directory that is empty halts, and nothing below a mount counts as gone', async () => {
    const { folder } = await adopted();
    await using _folder = folder;
    await mkdir(`${folder.around}/empty`);
    await mkdir(folder.at('a'));
    await writeFile(folder.at('a/f'), 'f');
    const mount = (where: string) => execFileSync('mount', ['--bind', `${folder.around}/empty`, where]);
    mount(folder.root);
    expect(await folder.store.check()).toEqual(foreign('marker missing'));
    execFileSync('umount', [folder.root]);
    mount(folder.at('a'));
    try {
      const mounted = { code: 'STORE_OTHER_FILESYSTEM', path: 'a', details: {} };
      expect(await folder.store.list('', never)).toEqual({ entries: [], problems: [mounted] });
      expect(await folder.store.look('a')).toEqual(mounted);
      expect(await folder.store.look('a/f')).toMatchObject({ code: 'STORE_OTHER_FILESYSTEM' });
      await expect(folder.store.list('a', never)).rejects.toMatchObject({ code: 'STORE_LIST_FAILED' });
      await expect(folder.store.read('a/f', never)).rejects.toMatchObject({ details: { errno: 'EXDEV' } });
    } finally {
      execFileSync('umount', [folder.at('a')]);
    }
  });
});

describe('a root', () => {
  it('with the marker of another space or node halts, known or not', async () => {
    const { folder } = await adopted();
    await using _folder = folder;
    const otherSpace = await folder.reopen({ space: parseSpaceId('11'.repeat(16)) });
    expect(await otherSpace.check()).toEqual(foreign('marker of another space'));
    const otherNode = await folder.reopen({ node: parseNodeId('11'.repeat(32)) });
    expect(await otherNode.check()).toEqual(foreign('marker of another node'));
  });

  it.each(['', '{', '{"version":2}', '[]', '{"version":1,"space":"x"}'])(
    'with a marker %j halts',
    async (text) => {
      const { folder } = await adopted();
      await using _folder = folder;
      await writeFile(folder.at('.dongbo/root.json'), text);
      expect(await folder.store.check()).toEqual(foreign('marker damaged'));
    },
  );

  it('whose .dongbo is a link halts, and is not adopted through it', async () => {
    await using folder = await openFolder();
    await mkdir(`${folder.around}/elsewhere`);
    await symlink(`${folder.around}/elsewhere`, folder.at('.dongbo'));
    expect(await folder.store.check()).toEqual(foreign('marker damaged'));
    await expect(folder.store.adopt()).rejects.toThrow(
      expect.objectContaining({ code: 'STORE_ADOPT_FAILED' }),
    );
    await expect(readFile(`${folder.around}/elsewhere/root.json`)).rejects.toThrow('ENOENT');
  });

  it('that cannot be read halts, whatever is known', async () => {
    const faults: Fault[] = [{ call: 'openRead', path: 'root.json', errno: 'EIO' }];
    await using folder = await openFolder(faultyDisk(faults));
    await folder.store.adopt().catch(() => undefined);
    await mkdir(folder.at('.dongbo'), { recursive: true });
    expect(await folder.store.check()).toEqual(halt('STORE_ROOT_UNREADABLE', 'EIO', false));
    faults[0] = { call: 'lstat', path: '.dongbo', errno: 'EACCES' };
    expect(await folder.store.check()).toEqual(halt('STORE_ROOT_UNREADABLE', 'EACCES', false));
  });

  it('that is a link is resolved once', async () => {
    const { folder, knownMarker } = await adopted();
    await using _folder = folder;
    await symlink(folder.root, `${folder.around}/a`);
    await symlink('a', `${folder.around}/b`);
    const store = await folder.reopen({ root: `${folder.around}/b`, knownMarker });
    expect(store.root).toBe(folder.root);
    await rm(`${folder.around}/a`);
    expect(await store.check()).toBeUndefined();
  });
});

describe('what is this node’s own', () => {
  const secret = (name: string, path: string) => ({ name, path, secret: true });
  const overlaps = (reason: string) => halt('STORE_ROOT_OVERLAPS', reason, false);

  it('halts a folder that holds it or lies in it, through whatever links', async () => {
    await using folder = await openFolder();
    const state = folder.at('sâu/state');
    await mkdir(state, { recursive: true });
    await symlink(folder.at('sâu'), `${folder.around}/lối`);
    await symlink(state, `${folder.around}/state`);
    for (const path of [state, `${folder.around}/lối/state`, `${folder.around}/state`, folder.around]) {
      const store = await folder.reopen({ own: [secret('state', path)] });
      expect(await store.check()).toEqual(overlaps('state'));
    }
    const missing = await folder.reopen({ own: [secret('keys', `${folder.around}/lối/none/keys`)] });
    expect(await missing.check()).toEqual(overlaps('keys'));
    const apart = await folder.reopen({ own: [secret('keys', `${folder.around}/none`)] });
    expect(await apart.check()).toBeUndefined();
    const twice = await folder.reopen({ root: `${folder.around}/lối`, own: [secret('keys', state)] });
    expect(await twice.check()).toEqual(overlaps('keys'));
  });

  it('is looked for at every check of the root', async () => {
    await using folder = await openFolder();
    await mkdir(`${folder.around}/state`);
    const store = await folder.reopen({ own: [secret('state', `${folder.around}/state`)] });
    expect(await store.check()).toBeUndefined();
    await rename(`${folder.around}/state`, folder.at('state'));
    await symlink(folder.at('state'), `${folder.around}/state`);
    expect(await store.check()).toEqual(overlaps('state'));
  });

  it('is a named problem, and is neither listed nor read, where a hard link leads to it', async () => {
    await using folder = await openFolder();
    await mkdir(`${folder.around}/keys`);
    await writeFile(`${folder.around}/keys/sign.key`, 'secret');
    const store = await folder.reopen({ own: [secret('keys', `${folder.around}/keys`)] });
    await store.adopt();
    await link(`${folder.around}/keys/sign.key`, folder.at('bảng lương.xlsx'));
    await writeFile(folder.at('b'), 'b');
    expect(await store.check()).toBeUndefined();
    const { entries, problems } = await store.list('', never);
    expect(entries.map(({ path }) => path)).toEqual(['b']);
    const problem = { code: 'STORE_OWN_PLACE', path: 'bảng lương.xlsx', details: {} };
    expect(problems).toEqual([problem]);
    expect(await store.look('bảng lương.xlsx')).toEqual(problem);
    await expect(store.read('bảng lương.xlsx', never)).rejects.toMatchObject({ code: 'STORE_ITEM_GONE' });
  });
});

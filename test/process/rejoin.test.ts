/** A node or a relay that has forgotten, and folders that are not what they were: nothing is lost, nothing is deleted. */
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Cluster, Route } from './cluster.ts';
import type { Daemon } from './daemon.ts';
import { settled } from './settle.ts';
import { writeFirstDocuments } from './steps.ts';
import { withCluster } from './with-cluster.ts';

const limit = 180_000;

async function started(cluster: Cluster): Promise<readonly [string, string]> {
  await writeFirstDocuments(cluster.folders[0]);
  cluster.start();
  await settled(cluster);
  return cluster.folders;
}

/** To the nanosecond: an image put back is no edit. */
const copyAll = (from: string, to: string): void => void execFileSync('cp', ['-a', '--', from, to]);

/** Puts `dir` back to how `copy` has it. */
async function restore(copy: string, dir: string): Promise<void> {
  // Beside what it replaces, or the file system may give it the same inode.
  copyAll(copy, `${dir}.back`);
  await rm(dir, { recursive: true });
  await rename(`${dir}.back`, dir);
}

const logged = async (daemon: Daemon, code: string): Promise<boolean> =>
  (await readFile(daemon.logFile, 'utf8')).includes(code);

/** Contents of all files in `dir` whose name fits. */
async function textsOf(dir: string, name: RegExp): Promise<readonly string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && name.test(entry.name));
  return Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')));
}

const haltOf = async (daemon: Daemon): Promise<string | undefined> =>
  (await daemon.status())?.spaces[0]?.halt?.code;

/** The audit log went back with the image: peers know, and a person must say that it is right. */
async function acknowledgeOldLog(cluster: Cluster, node: Daemon): Promise<void> {
  const isCut = async () => /^AUDIT_(CUT_OFF|REPLACED)$/.test((await haltOf(node)) ?? '');
  await cluster.until('the node to hear that its audit log was cut', isCut, 60);
  const command = ['release', cluster.space, '--config', node.configFile, '--reason', 'khôi phục từ bản sao'];
  expect(await node.dongbo(...command)).toMatch(/AUDIT_(CUT_OFF|REPLACED)/);
  const shown = await node.dongbo('audit', 'show', '--config', node.configFile);
  expect(shown).toMatch(/log\.acknowledged .*\n.*by=tester .*reason="khôi phục từ bản sao"/);
  expect(await node.dongbo('audit', 'verify', '--config', node.configFile)).toContain(
    'acknowledged by a person',
  );
}

/** A folder that was put back is a copy of what the node knew: a person must say that it is the right one. */
async function releaseCopy(cluster: Cluster, node: Daemon): Promise<void> {
  const isCopy = async () => (await haltOf(node)) === 'STORE_ROOT_FOREIGN';
  await cluster.until('the node to halt at the copy of its folder', isCopy, 60);
  const command = ['release', cluster.space, '--config', node.configFile, '--reason', 'khôi phục từ bản sao'];
  expect(await node.dongbo(...command)).toContain('STORE_ROOT_FOREIGN');
}

async function noticed(cluster: Cluster, node: Daemon, what: 'state' | 'state and folder'): Promise<void> {
  await acknowledgeOldLog(cluster, node);
  await cluster.until('the node to notice', () => logged(node, 'FEED_REJOINED'), 60);
  if (what === 'state and folder') await releaseCopy(cluster, node);
}

const routes: readonly Route[] = ['relay', 'direct', 'one-way'];

describe.each(routes)('an agency restored from an old image, route %s', { timeout: limit }, (route) => {
  /** B is in step with edits that A's old image does not know. Then A is put back, `meanwhile` happens, A starts. */
  const restored = (
    which: 'a' | 'b',
    what: 'state' | 'state and folder',
    meanwhile: (cluster: Cluster, folder: string) => Promise<void>,
    check: (cluster: Cluster, folder: string, other: string) => Promise<void>,
  ) =>
    withCluster({ route }, async (cluster) => {
      const [a, b] = await started(cluster);
      const node = cluster[which];
      const [folder, other] = which === 'a' ? [a, b] : [b, a];
      await writeFile(join(folder, 'cũ.txt'), 'trước bản sao\n');
      await settled(cluster);
      await node.stop();
      const copy = join(node.options.dir, 'copy');
      await mkdir(copy);
      copyAll(node.state, join(copy, 'state'));
      copyAll(folder, join(copy, 'folder'));
      node.start();
      await writeFile(join(folder, 'cũ.txt'), 'sau bản sao\n');
      await writeFile(join(folder, 'mới.txt'), 'mới\n');
      await settled(cluster);
      await writeFile(join(other, 'của bên kia.txt'), 'bên kia\n');
      await settled(cluster);
      await node.stop();
      await restore(join(copy, 'state'), node.state);
      if (what === 'state and folder') await restore(join(copy, 'folder'), folder);
      await meanwhile(cluster, folder);
      node.start();
      await noticed(cluster, node, what);
      await settled(cluster);
      await check(cluster, folder, other);
    });

  const laterEditsArrive = async (cluster: Cluster, folder: string, other: string): Promise<void> => {
    await writeFile(join(folder, 'cũ.txt'), 'sau khi trở lại\n');
    await writeFile(join(folder, 'sau.txt'), 'sau\n');
    await settled(cluster);
    expect(await readFile(join(other, 'cũ.txt'), 'utf8')).toBe('sau khi trở lại\n');
  };

  /** Where both do the same, one is enough; with 'one-way' B only listens, and A, who calls, must tell it. */
  const forgetful = route === 'direct' ? (['a'] as const) : (['a', 'b'] as const);

  it.each(forgetful)('notices and rejoins when only the state of %s is old', (which) =>
    restored(
      which,
      'state',
      async () => undefined,
      async (cluster, folder, other) => {
        const names = await readdir(other);
        expect(names).toEqual(expect.arrayContaining(['cũ.txt', 'mới.txt', 'của bên kia.txt']));
        expect(await readFile(join(other, 'cũ.txt'), 'utf8')).toBe('sau bản sao\n');
        await laterEditsArrive(cluster, folder, other);
      },
    ),
  );

  it.each(forgetful)('notices and rejoins when state and folder of %s are old', (which) =>
    restored(
      which,
      'state and folder',
      async () => undefined,
      async (cluster, folder, other) => {
        expect(await readFile(join(folder, 'cũ.txt'), 'utf8')).toBe('sau bản sao\n');
        expect(await readFile(join(folder, 'mới.txt'), 'utf8')).toBe('mới\n');
        await laterEditsArrive(cluster, folder, other);
      },
    ),
  );

  it.each(forgetful)(
    'keeps what %s edited after the image was put back and before anybody was heard',
    (which) =>
      restored(
        which,
        'state and folder',
        async (_, folder) => {
          await writeFile(join(folder, 'cũ.txt'), 'sửa trên bản cũ\n');
          await writeFile(join(folder, 'mới.txt'), 'viết lại\n');
        },
        async (cluster, folder, other) => {
          // Which edit wins is a matter of versions; the other is beside it, at both ends.
          for (const dir of [folder, other]) {
            const both = ['sau bản sao\n', 'sửa trên bản cũ\n', 'mới\n', 'viết lại\n'];
            expect(await textsOf(dir, /^(cũ|mới)/)).toEqual(expect.arrayContaining(both));
          }
          await laterEditsArrive(cluster, folder, other);
        },
      ),
  );
});

describe('a relay that lost its state', { timeout: limit }, () => {
  it.each(['while it was stopped', 'while A was stopped too'] as const)('is filled again: %s', (when) =>
    withCluster({ route: 'relay' }, async (cluster) => {
      const [a, b] = await started(cluster);
      const { relay } = cluster;
      if (!relay) throw new Error('no relay');
      if (when === 'while A was stopped too') await cluster.a.stop();
      await relay.stop();
      for (const name of await readdir(relay.state))
        if (name !== 'keys' && name !== 'agreements') await rm(join(relay.state, name), { recursive: true });
      await writeFile(join(a, 'khi trạm mất.txt'), 'của A\n');
      await writeFile(join(b, 'khi trạm mất B.txt'), 'của B\n');
      relay.start();
      if (!cluster.a.running) cluster.a.start();
      await acknowledgeOldLog(cluster, relay);
      await settled(cluster);
      await writeFile(join(b, 'sau.txt'), 'sau\n');
      await settled(cluster);
      expect(await readdir(a)).toEqual(expect.arrayContaining(['khi trạm mất B.txt', 'sau.txt']));
    }),
  );
});

describe('a folder that is not what it was', { timeout: limit }, () => {
  /** B halts for what `spoil` does to its folder; nothing is deleted at A; `heal` lets both come into step again. */
  const halts = (
    code: string,
    spoil: (folder: string, aside: string) => Promise<void>,
    heal: (folder: string, aside: string) => Promise<void>,
  ) =>
    withCluster({ route: 'relay' }, async (cluster) => {
      const [a, b] = await started(cluster);
      const before = await readdir(a, { recursive: true });
      await spoil(b, `${b}-aside`);
      await cluster.b.dongbo('scan', '--config', cluster.b.configFile);
      await cluster.until(code, async () => (await haltOf(cluster.b)) === code);
      await writeFile(join(a, 'trong lúc dừng.txt'), 'A vẫn làm việc\n');
      await cluster.until('A has published', async () => {
        const space = (await cluster.a.status())?.spaces[0];
        return (
          (space?.peers.find((p) => p.reads)?.theirSeq ?? -1) >= 0 && (space?.items ?? 0) > before.length - 3
        );
      });
      expect(await readdir(a, { recursive: true })).toEqual(expect.arrayContaining(before));
      await heal(b, `${b}-aside`);
      await settled(cluster);
      expect(await readdir(b, { recursive: true })).toEqual(expect.arrayContaining(['trong lúc dừng.txt']));
      const kept = (names: string[]) => names.filter((name) => !name.startsWith('.dongbo')).sort();
      expect(kept(await readdir(a, { recursive: true }))).toEqual(
        [...kept(before), 'trong lúc dừng.txt'].sort(),
      );
    });

  it('halts when the root is gone, and goes on when it is back', () =>
    halts(
      'STORE_ROOT_GONE',
      (folder, aside) => rename(folder, aside),
      (folder, aside) => rename(aside, folder),
    ));

  it('halts when the root is an empty folder, and goes on when it is back', () =>
    halts(
      'STORE_ROOT_FOREIGN',
      async (folder, aside) => {
        await rename(folder, aside);
        await mkdir(folder);
      },
      async (folder, aside) => {
        await rm(folder, { recursive: true });
        await rename(aside, folder);
      },
    ));

  it.each(['relay', 'direct'] as const)(
    'halts at a mass delete until a person releases it, route %s',
    (route) =>
      withCluster({ route }, async (cluster) => {
        const [a, b] = cluster.folders;
        for (let i = 0; i < 40; i += 1) await writeFile(join(a, `văn bản ${i}.txt`), `số ${i}\n`);
        cluster.start();
        await settled(cluster);
        for (let i = 0; i < 30; i += 1) await unlink(join(a, `văn bản ${i}.txt`));
        await cluster.until('the halt', async () => (await haltOf(cluster.a)) === 'MASS_DELETE_LOCAL');
        await cluster.a.stop();
        cluster.a.start();
        await cluster.until('the halt again', async () => (await haltOf(cluster.a)) === 'MASS_DELETE_LOCAL');
        expect((await readdir(b)).filter((name) => name.startsWith('văn bản'))).toHaveLength(40);
        const { configFile } = cluster.a;
        await cluster.a.dongbo('release', cluster.space, '--config', configFile, '--reason', 'dọn hồ sơ cũ');
        await releaseIncoming(cluster, 10);
        const record = await cluster.a.dongbo('audit', 'show', '--config', configFile);
        expect(record).toMatch(/ released .*\n.*by=tester code=MASS_DELETE_LOCAL reason="dọn hồ sơ cũ"/);
        expect((await readdir(b)).filter((name) => name.startsWith('văn bản'))).toHaveLength(10);
      }),
  );

  /** B brakes in its turn: its person must release it too. */
  async function releaseIncoming(cluster: Cluster, left: number): Promise<void> {
    const arrived = async () => (await readdir(cluster.folders[1])).length === left + 1;
    await cluster.until('the deletes, or the halt, at B', async () => {
      return (await arrived()) || (await haltOf(cluster.b)) === 'MASS_DELETE_INCOMING';
    });
    if (!(await arrived()))
      await cluster.b.dongbo(
        'release',
        cluster.space,
        '--config',
        cluster.b.configFile,
        '--reason',
        'đã hỏi A',
      );
    await settled(cluster);
  }
});

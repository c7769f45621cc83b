/** What both ends did while they could not hear each other: nothing that anybody wrote is lost. */
import { cp, mkdir, readdir, readFile, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Proxies } from './counting-proxy.ts';
import { seededBytes } from './seeded.ts';
import { settled } from './settle.ts';
import { writeFirstDocuments } from './steps.ts';
import { ClusterFixture, explained, withCluster } from './with-cluster.ts';

const limit = 180_000;

/** Ways to keep two agencies from hearing each other. */
const partings = ['B is stopped', 'the links are cut', 'A is stopped'] as const;
type Parting = (typeof partings)[number];

describe.each(['relay', 'direct'] as const)('apart, route %s', { timeout: limit }, (route) => {
  let proxies: Proxies;
  let fixture: ClusterFixture;

  beforeAll(async () => {
    proxies = new Proxies();
    fixture = await ClusterFixture.create({ route, via: proxies.via });
    await writeFirstDocuments(fixture.cluster.folders[0]);
    fixture.cluster.start();
    await settled(fixture.cluster);
  }, limit);

  afterAll(async () => {
    await fixture?.[Symbol.asyncDispose]();
    await proxies[Symbol.asyncDispose]();
  }, limit);

  /** Does `act` while the two cannot hear each other; afterwards, both folders must come to be the same. */
  const apart = (parting: Parting, act: (a: string, b: string) => Promise<void>): Promise<void> =>
    explained(fixture.cluster, async () => {
      const { cluster } = fixture;
      const { a, b } = cluster;
      const stopped = { 'B is stopped': b, 'A is stopped': a, 'the links are cut': undefined }[parting];
      if (stopped) await stopped.stop();
      else proxies.cut();
      await act(...cluster.folders);
      if (!stopped) await bothPublished();
      if (stopped) stopped.start();
      else proxies.mend();
      await settled(cluster);
    });

  /** Each has taken note of its own edit, so that two published versions meet. */
  const bothPublished = async (): Promise<void> => {
    const { cluster } = fixture;
    const before = await Promise.all([cluster.a.status(), cluster.b.status()]);
    const seqs = before.map((s) => s?.spaces[0]?.peers[0]?.ownSeq ?? 0);
    await cluster.until('both edits published', async () => {
      const now = await Promise.all([cluster.a.status(), cluster.b.status()]);
      return now.every((s, i) => (s?.spaces[0]?.peers[0]?.ownSeq ?? 0) > (seqs[i] ?? 0));
    });
  };

  /** Contents of all files of `dir` in both folders, sorted; they must be the same. */
  const contents = async (dir: string): Promise<readonly string[]> => {
    const [a, b] = await Promise.all(fixture.cluster.folders.map((folder) => contentsOf(join(folder, dir))));
    expect(a).toEqual(b);
    return a ?? [];
  };

  it.each(partings)('keeps both edits of one file: %s', async (parting) => {
    const dir = `hai đầu ${partings.indexOf(parting)}`;
    const [a, b] = fixture.cluster.folders;
    await mkdir(join(a, dir));
    await writeFile(join(a, dir, 'quyết định.txt'), 'bản gốc\n');
    await settled(fixture.cluster);
    await apart(parting, async () => {
      await writeFile(join(a, dir, 'quyết định.txt'), 'sửa tại A\n');
      await writeFile(join(b, dir, 'quyết định.txt'), 'sửa tại B\n');
    });
    expect(await contents(dir)).toEqual(['sửa tại A\n', 'sửa tại B\n']);
    const names = (await readdir(join(a, dir))).sort();
    expect(names).toHaveLength(2);
    expect(names).toContain('quyết định.txt');
    expect(names.join()).toMatch(/quyết định \(xung đột H29\.1[23] \d{4}-\d\d-\d\d \d\d-\d\d-\d\d\)\.txt/);
  });

  it.each(partings)('keeps both of two new files of one name: %s', async (parting) => {
    const dir = `tệp mới ${partings.indexOf(parting)}`;
    await apart(parting, async (a, b) => {
      for (const [folder, text] of [
        [a, 'của A\n'],
        [b, 'của B\n'],
      ] as const) {
        await mkdir(join(folder, dir));
        await writeFile(join(folder, dir, 'mới.txt'), text);
      }
    });
    expect(await contents(dir)).toEqual(['của A\n', 'của B\n']);
  });

  it.each(partings)('lets an edit beat a delete: %s', async (parting) => {
    const dir = `xoá và sửa ${partings.indexOf(parting)}`;
    const [a, b] = fixture.cluster.folders;
    await mkdir(join(a, dir));
    for (const name of ['một', 'hai']) await writeFile(join(a, dir, name), `${name}\n`);
    await settled(fixture.cluster);
    await apart(parting, async () => {
      await unlink(join(a, dir, 'một'));
      await writeFile(join(b, dir, 'một'), 'B đã sửa\n');
      await unlink(join(b, dir, 'hai'));
      await writeFile(join(a, dir, 'hai'), 'A đã sửa\n');
    });
    expect(await contents(dir)).toEqual(['A đã sửa\n', 'B đã sửa\n']);
  });

  it.each(partings)('keeps what was put into a folder that the other deleted: %s', async (parting) => {
    const dir = `thư mục ${partings.indexOf(parting)}`;
    const [a, b] = fixture.cluster.folders;
    await mkdir(join(a, dir, 'trong'), { recursive: true });
    await writeFile(join(a, dir, 'trong/cũ.txt'), 'cũ\n');
    await settled(fixture.cluster);
    await apart(parting, async () => {
      await rm(join(a, dir), { recursive: true });
      await writeFile(join(b, dir, 'trong/mới.txt'), 'mới\n');
    });
    expect(await contents(join(dir, 'trong'))).toEqual(['mới\n']);
  });

  it.each(partings)('takes the same edit at both ends for no conflict: %s', async (parting) => {
    const dir = `như nhau ${partings.indexOf(parting)}`;
    await apart(parting, async (a, b) => {
      for (const folder of [a, b]) {
        await mkdir(join(folder, dir));
        await writeFile(join(folder, dir, 'bản sao.bin'), seededBytes(dir, 300_000));
      }
    });
    expect(await readdir(join(fixture.cluster.folders[1], dir))).toEqual(['bản sao.bin']);
  });
});

describe('folders that hold the same before anything is shared', { timeout: limit }, () => {
  it.each(['relay', 'direct'] as const)('come into step without a copy, route %s', (route) =>
    withCluster({ route }, async (cluster) => {
      const [a, b] = cluster.folders;
      await writeFirstDocuments(a);
      for (let i = 0; i < 50; i += 1) await writeFile(join(a, `văn bản ${i}.txt`), `số ${i}\n`);
      await cp(a, b, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      // What was copied by hand has times of its own.
      for (let i = 0; i < 25; i += 1) await utimes(join(b, `văn bản ${i}.txt`), 1_700_000_000, 1_700_000_000);
      cluster.start();
      await settled(cluster);
      const names = await readdir(b, { recursive: true });
      expect(names.filter((name) => name.includes('xung đột'))).toEqual([]);
    }),
  );
});

async function contentsOf(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return (await Promise.all(files.map(({ name }) => readFile(join(dir, name), 'utf8')))).sort();
}

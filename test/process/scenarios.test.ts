/** Two agencies, real daemons: whatever is done in one folder is in the other soon, by every road. */
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Route } from './cluster.ts';
import { seededBytes } from './seeded.ts';
import { linkBytes, settled } from './settle.ts';
import { steps, writeFirstDocuments } from './steps.ts';
import { ClusterFixture, explained } from './with-cluster.ts';

const limit = 240_000;
const routes: readonly Route[] = ['relay', 'direct', 'both', 'one-way'];

describe.each(routes)('two agencies, route %s', { timeout: limit }, (route) => {
  let fixture: ClusterFixture;

  beforeAll(async () => {
    fixture = await ClusterFixture.create({ route });
    await writeFirstDocuments(fixture.cluster.folders[0]);
    fixture.cluster.start();
  }, limit);

  afterAll(() => fixture?.[Symbol.asyncDispose](), limit);

  const atRest = (act: () => Promise<void>): Promise<void> =>
    explained(fixture.cluster, async () => {
      await act();
      await settled(fixture.cluster);
      await expectNoConflicts(fixture.cluster.folders);
    });

  it('starts with what A has', () => atRest(async () => undefined));

  it.each(steps.map((step, at) => ({ ...step, author: at % 2 })))(
    '$name, by agency $author',
    async (step) => {
      const [from, to] = [step.author, 1 - step.author].map((i) => fixture.cluster.folders[i] as string);
      await atRest(() => step.act(from as string));
      await step.check?.(to as string);
    },
  );

  // The move is the same work on every road; two are enough for the time it takes.
  if (route === 'both' || route === 'one-way') return;

  it('moves a folder with 1,000 files without sending their content again', () =>
    atRest(async () => {
      const { cluster } = fixture;
      const [a, b] = cluster.folders;
      await writeMany(join(a, 'Hồ sơ 2026'), 1000, 21_000);
      await settled(cluster);
      const before = await linkBytes(cluster);
      await rename(join(a, 'Hồ sơ 2026'), join(a, 'Hồ sơ lưu 2026'));
      await cluster.until('the folder under its new name', async () => {
        const [names, old] = [await readdir(join(b, 'Hồ sơ lưu 2026')), await readdir(b)];
        return names.length === 1000 && !old.includes('Hồ sơ 2026');
      });
      await settled(cluster);
      const after = await linkBytes(cluster);
      expect(Math.max(...after.map((bytes, link) => bytes - (before[link] ?? 0)))).toBeLessThan(1_500_000);
    }));
});

async function writeMany(folder: string, count: number, size: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let i = 0; i < count; i += 1)
    await writeFile(join(folder, `hồ sơ ${i}.dat`), seededBytes(`hồ sơ ${i}`, size));
}

/** Nobody edited anything at both ends, so nothing may have been kept beside. */
async function expectNoConflicts(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const names = await readdir(folder, { recursive: true });
    expect(names.filter((name) => name.includes('xung đột'))).toEqual([]);
  }
}

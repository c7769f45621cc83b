/** Two agencies and a relay in a space of suite vn-civil, set up by the documented commands. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { settled } from './settle.ts';
import { writeFirstDocuments } from './steps.ts';
import { ClusterFixture, explained } from './with-cluster.ts';

const limit = 240_000;
let fixture: ClusterFixture;

beforeAll(async () => {
  fixture = await ClusterFixture.create({ route: 'relay', suite: 'vn-civil' });
  await writeFirstDocuments(fixture.cluster.folders[0]);
  fixture.cluster.start();
}, limit);

afterAll(() => fixture?.[Symbol.asyncDispose](), limit);

it('keeps them in step, both ways', { timeout: limit }, () =>
  explained(fixture.cluster, async () => {
    const { cluster } = fixture;
    const [a, b] = cluster.folders;
    await settled(cluster);
    await writeFile(join(b, 'Trả lời.txt'), 'Đồng ý');
    await cluster.until('the answer of B at A', async () => {
      return (await readFile(join(a, 'Trả lời.txt'), 'utf8')) === 'Đồng ý';
    });
    await settled(cluster);
    const { suite } = JSON.parse(
      await readFile(join(cluster.a.state, `agreements/${cluster.space}.json`), 'utf8'),
    ).agreement;
    expect(suite).toBe('vn-civil');
  }),
);

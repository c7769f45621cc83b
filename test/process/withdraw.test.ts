/** A raised label, with real programs: what was sent is gone at the relay and at the member, who signs that it is. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Cluster } from './cluster.ts';
import type { Daemon } from './daemon.ts';
import { seededBytes } from './seeded.ts';
import { withCluster } from './with-cluster.ts';

const limit = 240_000;
const low = ['    labels:', '      - path: "**"', '        sensitivity: PUBLIC'];
const high = ['      - path: "/tờ trình.bin"', '        sensitivity: INTERNAL'];

async function label(daemon: Daemon, lines: readonly string[]): Promise<void> {
  const text = await readFile(daemon.configFile, 'utf8');
  const bare = text.split('\n').filter((line) => ![...low, ...high].includes(line));
  const at = bare.findIndex((line) => line.startsWith('    folder:')) + 1;
  await writeFile(daemon.configFile, [...bare.slice(0, at), ...lines, ...bare.slice(at)].join('\n'));
}

const has = async (folder: string, name: string): Promise<boolean> => (await readdir(folder)).includes(name);
const withdrawals = async (a: Daemon) => (await a.status())?.spaces[0]?.withdrawals;

/** Bytes of the relay's packs, in their order. */
async function packs(relay: Daemon): Promise<Map<string, Buffer>> {
  const dir = join(relay.state, 'vault');
  const found = new Map<string, Buffer>();
  for (const name of await readdir(dir)) found.set(name, await readFile(join(dir, name)));
  return found;
}

/** How much of what the relay had then stands there still, byte for byte. */
async function left(relay: Daemon, before: ReadonlyMap<string, Buffer>): Promise<number> {
  const now = await packs(relay);
  let same = 0;
  for (const [name, bytes] of before)
    for (const [i, byte] of bytes.entries()) if (byte !== 0 && now.get(name)?.[i] === byte) same += 1;
  return same;
}

/** The audit log, as it lies on the disk. */
async function recorded(daemon: Daemon): Promise<string> {
  const dir = join(daemon.state, 'audit');
  const files = await readdir(dir, { recursive: true, withFileTypes: true });
  const texts = files.filter((f) => f.isFile()).map((f) => readFile(join(f.parentPath, f.name), 'utf8'));
  return (await Promise.all(texts)).join('');
}

async function raise(cluster: Cluster): Promise<void> {
  await cluster.a.stop();
  await label(cluster.a, [...low, ...high]);
  cluster.a.start();
}

it('is withdrawn from who is not cleared, and open until it has signed', { timeout: limit }, async () => {
  const drafted = (draft: { members: { highestLabel: string }[] }) => {
    const [, b] = draft.members;
    if (b) b.highestLabel = 'PUBLIC';
  };
  await withCluster({ route: 'relay', drafted }, async (cluster) => {
    const { a, b, relay } = cluster;
    const [folderA, folderB] = cluster.folders;
    if (!relay) throw new Error('no relay');
    await label(a, low);
    await writeFile(join(folderA, 'tờ trình.bin'), seededBytes('raised', 2_000_000));
    await writeFile(join(folderA, 'còn lại.txt'), 'còn lại');
    cluster.start();
    await cluster.until('both documents at B', async () => {
      const held = await readFile(join(folderB, 'tờ trình.bin'));
      return held.length === 2_000_000 && (await has(folderB, 'còn lại.txt'));
    });
    await cluster.until('what B has signed', async () => (await a.status())?.spaces[0]?.state === 'in-step');
    await b.stop();
    const before = await packs(relay);
    expect(await left(relay, before)).toBeGreaterThan(1_900_000);
    await raise(cluster);
    await cluster.until('the withdrawal at A', async () => (await withdrawals(a))?.open === 1);
    await cluster.until('the relay to let go', async () => (await left(relay, before)) < 100_000);
    b.start();
    await cluster.until('the word of B', async () => (await withdrawals(a))?.confirmed === 1);
    expect(await withdrawals(a)).toEqual({ open: 0, confirmed: 1 });
    expect([await has(folderB, 'tờ trình.bin'), await has(folderB, 'còn lại.txt')]).toEqual([false, true]);
    expect(await readdir(join(folderB, '.dongbo/trash'))).toEqual([]);
    for (const type of ['withdrawal.begun', 'withdrawal.confirmed', 'content.withdrawn'])
      expect(await recorded(a), type).toContain(`"${type}"`);
    expect(await recorded(relay)).toContain('"content.dropped"');
    expect(await recorded(b)).toContain('"withdrawn"');
  });
});

/** What an agreement's notices and revisions do to running nodes, within one cycle, and nothing lost by them. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Agreement, parseAgreement } from '#agent/core/agreement.ts';
import { nextRevision } from '#agent/core/amendment.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { exists } from '#agent/seal/files.ts';
import { loadIdentity } from '#agent/seal/identity.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { Cluster } from './cluster.ts';
import type { Daemon } from './daemon.ts';

const minutes = 4 * 60_000;

const reasonOf = async (daemon: Daemon) => (await daemon.status())?.spaces[0]?.reason;
const holds = (folder: string, name: string) => exists(join(folder, name));

const accept = (daemon: Daemon, file: string) =>
  daemon.dongbo('agreement', 'accept', '--state', daemon.state, file);

async function notice(cluster: Cluster, kind: string, file: string) {
  const { a, b, space } = cluster;
  const place = ['--state', a.state, '--space', space];
  await a.dongbo('agreement', kind, ...place, '--reason', 'Bảo trì', '--out', file);
  await accept(b, file);
}

async function arrives(cluster: Cluster, from: number, name: string): Promise<void> {
  const to = cluster.folders[1 - from] ?? '';
  await writeFile(join(cluster.folders[from] ?? '', name), name);
  await cluster.until(`${name} to arrive`, () => holds(to, name), 30);
}

test(
  'a suspension stops new data at once and keeps it for later; an amendment changes nothing of the data',
  async () => {
    await using dir = await temporaryDir();
    await using cluster = await Cluster.create({ dir: dir.path, route: 'direct' });
    const { a, b } = cluster;
    cluster.start();
    await cluster.ready();
    await arrives(cluster, 0, 'một.txt');
    await notice(cluster, 'suspend', join(dir.path, 'suspend.json'));
    for (const daemon of [a, b])
      await cluster.until(
        'the suspension',
        async () => (await reasonOf(daemon)) === 'AGREEMENT_SUSPENDED',
        10,
      );
    await writeFile(join(cluster.folders[0], 'hai.txt'), 'hai');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(await holds(cluster.folders[1], 'hai.txt')).toBe(false);
    expect((await a.status())?.spaces[0]).toMatchObject({ state: 'no-agreement', agreement: 'suspended' });
    await notice(cluster, 'resume', join(dir.path, 'resume.json'));
    await cluster.until('what waited', () => holds(cluster.folders[1], 'hai.txt'), 30);

    const file = join(dir.path, 'next.json');
    const draft = ['--state', a.state, '--space', cluster.space, '--term-days', '400', '--out', file];
    await a.dongbo('agreement', 'amend', ...draft);
    await a.dongbo('agreement', 'sign', '--state', a.state, file);
    for (const daemon of [a, b]) await accept(daemon, file);
    await arrives(cluster, 0, 'ba.txt');
    await arrives(cluster, 1, 'bốn.txt');
    for (const daemon of [a, b])
      await cluster.until(
        'both in step',
        async () => (await daemon.status())?.spaces[0]?.state === 'in-step',
        60,
      );
  },
  minutes,
);

/** Revises the agreement of a cluster as its owner, and has both accept it. */
async function revise(cluster: Cluster, dir: string, change: (before: Agreement) => object): Promise<void> {
  const { a, b, space } = cluster;
  const kept = await readFile(join(a.state, 'agreements', `${space}.json`), 'utf8');
  const before = parseAgreement(JSON.parse(kept).agreement);
  const next = parseAgreement({ ...nextRevision(before), ...change(before) });
  const file = join(dir, `revision-${next.revision}.json`);
  const signed = await signAgreement(next, await loadIdentity(join(a.state, 'keys')));
  await writeFile(file, JSON.stringify(signed));
  for (const daemon of [a, b]) await accept(daemon, file);
}

const approvedUntil = (ms: number) => (before: Agreement) => ({
  members: before.members.map((m) =>
    m.card.agency === 'H29.13' && m.system
      ? { ...m, system: { ...m.system, validUntil: new Date(ms).toISOString() } }
      : m,
  ),
});

test(
  "the end of a member's approval stops it alone; approved again it gets what it missed (R09)",
  async () => {
    await using dir = await temporaryDir();
    await using cluster = await Cluster.create({ dir: dir.path, route: 'direct' });
    const { a, b } = cluster;
    cluster.start();
    await cluster.ready();
    await arrives(cluster, 0, 'một.txt');
    await revise(cluster, dir.path, approvedUntil(Date.now() + 6_000));
    await cluster.until(
      'the end of the approval',
      async () => (await reasonOf(b)) === 'READER_SYSTEM_EXPIRED',
      20,
    );
    await writeFile(join(cluster.folders[0], 'hai.txt'), 'hai');
    await cluster.until('A to publish it', async () => ((await a.status())?.spaces[0]?.items ?? 0) >= 2, 20);
    expect((await a.status())?.spaces[0]?.agreement).toBe('in-force');
    const told = async () => /READER_SYSTEM_EXPIRED/.test(await readFile(a.logFile, 'utf8'));
    await cluster.until('A to tell of it', told, 10);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await holds(cluster.folders[1], 'hai.txt')).toBe(false);
    await revise(cluster, dir.path, approvedUntil(Date.now() + 365 * 86_400_000));
    await cluster.until('what it missed', () => holds(cluster.folders[1], 'hai.txt'), 60);
    for (const daemon of [a, b])
      await cluster.until(
        'both in step',
        async () => (await daemon.status())?.spaces[0]?.state === 'in-step',
        60,
      );
  },
  minutes,
);

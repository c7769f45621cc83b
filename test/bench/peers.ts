/** The peers on the same works, in the same run, on the same disk. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Material } from './main.ts';
import { insertByteAtFront } from './material.ts';
import type { Results } from './measured.ts';
import { seenAt } from './ours.ts';
import { runRsync } from './rsync.ts';
import { SshServer } from './ssh-server.ts';
import { SyncthingPair } from './syncthing.ts';

export async function rsyncWorks(m: Material, results: Results): Promise<void> {
  const mine: Results[string] = {};
  results['rsync over ssh'] = mine;
  await using ssh = await SshServer.start(join(m.dir, 'ssh'));
  const folder = async (name: string) => {
    const path = join(m.dir, `rsync-${name}`);
    await mkdir(path);
    return path;
  };
  if (m.wanted.has('first-sync') || m.wanted.has('edit')) {
    const [source, target] = [await folder('large'), await folder('large-copy')];
    const { name } = await m.large(source);
    const first = runRsync(ssh, source, target);
    if (m.wanted.has('first-sync')) mine['first-sync'] = first;
    await insertByteAtFront(join(source, name));
    if (m.wanted.has('edit')) mine.edit = runRsync(ssh, source, target);
  }
  if (m.wanted.has('small-files')) {
    const [source, target] = [await folder('small'), await folder('small-copy')];
    await m.small(source);
    mine['small-files'] = runRsync(ssh, source, target);
  }
}

export async function syncthingWorks(m: Material, results: Results): Promise<void> {
  const mine: Results[string] = {};
  results.Syncthing = mine;
  if (m.wanted.has('first-sync') || m.wanted.has('edit') || m.wanted.has('latency'))
    await largeAndLatency(m, mine);
  if (!m.wanted.has('small-files')) return;
  const dir = join(m.dir, 'syncthing-small');
  const { files, bytes } = await m.small(join(dir, 'source'));
  await using pair = await SyncthingPair.prepare(dir, join(dir, 'source'), join(dir, 'target'));
  mine['small-files'] = await untilInStep(pair, files, bytes);
}

async function untilInStep(pair: SyncthingPair, files: number, bytes: number) {
  const started = performance.now();
  pair.start();
  await pair.inStep(files, bytes);
  const seconds = (performance.now() - started) / 1000;
  return { seconds, wireBytes: await pair.wireBytes() };
}

async function largeAndLatency(m: Material, mine: Results[string]): Promise<void> {
  const dir = join(m.dir, 'syncthing-large');
  const [source, target] = [join(dir, 'source'), join(dir, 'target')];
  const { name, bytes } = await m.large(source);
  await using pair = await SyncthingPair.prepare(dir, source, target);
  const first = await untilInStep(pair, 1, bytes);
  if (m.wanted.has('first-sync')) mine['first-sync'] = first;
  if (m.wanted.has('edit')) {
    const before = await pair.wireBytes();
    await insertByteAtFront(join(source, name));
    const started = performance.now();
    await pair.inStep(1, bytes + 1);
    const seconds = (performance.now() - started) / 1000;
    mine.edit = { seconds, wireBytes: (await pair.wireBytes()) - before };
  }
  if (m.wanted.has('latency')) mine.latency = { seconds: await seenAt([source, target], m.rounds) };
}

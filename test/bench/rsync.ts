/** rsync over ssh: the peer of the first three works. It has no watcher, so it takes no part in latency. */
import { spawnSync } from 'node:child_process';
import type { Measured } from './measured.ts';
import type { SshServer } from './ssh-server.ts';

/** One run of `rsync -a` from `source` to `target`; `wireBytes` is what rsync says it sent and received. */
export function runRsync({ command, host }: SshServer, source: string, target: string): Measured {
  const started = performance.now();
  const args = ['-a', '--stats', '-e', command, `${source}/`, `${host}:${target}/`];
  const run = spawnSync('rsync', args, { encoding: 'utf8' });
  const seconds = (performance.now() - started) / 1000;
  if (run.status !== 0) throw new Error(`rsync failed: ${run.stderr}`);
  const number = (label: string): number =>
    Number((new RegExp(`${label}: ([\\d,.]+)`).exec(run.stdout)?.[1] ?? '0').replace(/[,.]/g, ''));
  return { seconds, wireBytes: number('Total bytes sent') + number('Total bytes received') };
}

/** The files in systemd/, as systemd reads them. */
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { temporaryDir } from '#test/sys/temporary-dir.ts';
import { root } from '#test/tidy/source.ts';
import { needs, run } from './tools.ts';

const unit = join(root, 'systemd/dongbo.service');
const program = '/usr/lib/dongbo/node_modules/.bin/node';

it('has a sandbox whose exposure systemd puts below 2.5', (context) => {
  needs(context, 'systemd-analyze', 'systemd');
  const { stdout } = run('systemd-analyze', 'security', '--offline=true', '--no-pager', unit);
  const exposure = /Overall exposure level for dongbo\.service: ([\d.]+)/.exec(stdout)?.[1];
  expect(Number(exposure)).toBeLessThan(2.5);
});

it('is understood by systemd without one warning', async (context) => {
  needs(context, 'systemd-analyze', 'systemd');
  await using image = await temporaryDir();
  const at = (path: string) => join(image.path, path);
  await mkdir(dirname(at(program)), { recursive: true });
  await symlink('/bin/sh', at(program));
  await mkdir(at('bin'));
  await writeFile(at('bin/sh'), '', { mode: 0o755 });
  await mkdir(at('etc/systemd/system'), { recursive: true });
  await copyFile(unit, at('etc/systemd/system/dongbo.service'));
  const options = ['--man=no', '--generators=no', '--recursive-errors=no', `--root=${image.path}`];
  const result = run('systemd-analyze', 'verify', ...options, '/etc/systemd/system/dongbo.service');
  expect(result).toEqual({ status: 0, stdout: '', stderr: '' });
});

it('gets its user and directories from sysusers and tmpfiles', async (context) => {
  needs(context, 'systemd-sysusers', 'systemd');
  needs(context, 'systemd-tmpfiles', 'systemd');
  await using image = await temporaryDir();
  await mkdir(join(image.path, 'etc'));
  const config = (name: string) => join(root, 'systemd', name);
  expect(run('systemd-sysusers', `--root=${image.path}`, config('dongbo.sysusers.conf')).status).toBe(0);
  const users = await readFile(join(image.path, 'etc/passwd'), 'utf8');
  expect(users).toMatch(/^dongbo:.*:\/var\/lib\/dongbo:\/usr\/sbin\/nologin$/m);
  if (process.getuid?.() !== 0) return context.skip('NOT RUN: giving directories to users needs root');
  const made = run('systemd-tmpfiles', `--root=${image.path}`, '--create', config('dongbo.tmpfiles.conf'));
  expect(made.status).toBe(0);
  const modes = { 'etc/dongbo': 0o750, 'etc/dongbo/keys': 0o700, 'var/lib/dongbo': 0o700 };
  for (const [dir, mode] of Object.entries(modes)) {
    expect((await nodeDisk.lstat(join(image.path, dir))).mode).toBe(mode);
  }
});

it('gives a reason for each line of the sandbox', async () => {
  const service = (await readFile(unit, 'utf8')).split(/\n\[(?:Service|Install)\]\n/)[1] ?? '';
  const groups = service.split('\n\n').map((group) => group.trim().split('\n'));
  const bare = groups
    .slice(1)
    .filter((lines) => lines.some((l) => /^[A-Z]/.test(l)) && !lines[0]?.startsWith('#'));
  expect(bare).toEqual([]);
});

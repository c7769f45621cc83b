/** The real process: node agent/main.ts, with the project's own runtime. */
import { execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const node = resolve('node_modules/.bin/node');
const main = resolve('agent/main.ts');
const env = { PATH: process.env.PATH, LANG: 'C.UTF-8' };

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function dongbo(
  argv: readonly string[],
  options: { env?: object; uid?: number; gid?: number } = {},
): Promise<Ended> {
  return new Promise((done) => {
    execFile(node, [main, ...argv], { ...options, env: { ...env, ...options.env } }, (error, out, err) =>
      done({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

const slow = 60_000;

describe('node agent/main.ts', { timeout: slow }, () => {
  it('shows its help and its version', async () => {
    const [help, version] = await Promise.all([dongbo(['--help']), dongbo(['version'])]);
    expect(help).toMatchObject({ code: 0, err: '' });
    for (const command of [
      'init',
      'card',
      'agreement',
      'check',
      'run',
      'status',
      'release',
      'scan',
      'version',
    ])
      expect(help.out).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    expect(version).toMatchObject({ code: 0, err: '' });
    expect(version.out).toMatch(/^dongbo \d+\.\d+\.\d+ \(node v2[6-9]\./);
  });

  it.runIf(process.getuid?.() === 0)('works for a user that has a number and no name', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'dongbo-main-'));
    await chmod(dir, 0o777);
    const argv = ['--lang', 'en', 'init', '--state', join(dir, 'state'), '--agency', 'H29.12', '--name', 'A'];
    const nobody = { uid: 54_321, gid: 54_321 };
    const { code, err } = await dongbo(argv, nobody);
    const shown = await dongbo(['card', '--state', join(dir, 'state'), '--out', join(dir, 'a.json')], nobody);
    expect([code, err, shown.code]).toEqual([0, '', 0]);
    await rm(dir, { recursive: true });
  });

  it('does not run with a faulty configuration: code 2, which the service knows not to try again', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'dongbo-main-'));
    const file = join(dir, 'agent.yaml');
    await writeFile(file, 'rolle: agent\n');
    const { code, out, err } = await dongbo(['run', '--config', file], { env: { LANG: 'C.UTF-8' } });
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`CONFIG_UNKNOWN_KEY: ${file}:1:1`);
    await rm(dir, { recursive: true });
  });

  it('checks a configuration: code 1, all faults on standard error, nothing else', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'dongbo-main-'));
    const file = join(dir, 'agent.yaml');
    await writeFile(file, 'rolle: agent\nstatus:\n  port: "1"\n');
    const { code, out, err } = await dongbo(['check', '--config', file], { env: { LANG: 'vi_VN.UTF-8' } });
    expect([code, out]).toEqual([1, '']);
    expect(err.split('\n').filter((line) => !line.startsWith('  '))).toEqual([
      `CONFIG_UNKNOWN_KEY: ${file}:1:1: khoá "rolle" không có trong quy định`,
      `CONFIG_TYPE: ${file}:3:9: "status.port" không đúng kiểu; yêu cầu: số nguyên, nhưng đang là: chuỗi ký tự (R34)`,
      `CONFIG_INVALID: Tệp cấu hình ${file} có 2 lỗi`,
      '',
    ]);
    await rm(dir, { recursive: true });
  });

  it('ends quietly when its reader has seen enough', async () => {
    const child = spawn('sh', ['-c', `"${node}" "${main}" --help | head -n 1`], { env });
    let err = '';
    child.stderr.on('data', (part) => {
      err += part;
    });
    child.stdout.resume();
    expect(await new Promise((done) => child.on('close', done))).toBe(0);
    expect(err).toBe('');
  });
});

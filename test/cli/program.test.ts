/** Arguments to commands and exit codes; the language; how failures are shown. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorLines } from '#agent/cli/error-text.ts';
import { runProgram } from '#agent/cli/program.ts';
import { languageOf } from '#agent/cli/program-io.ts';
import { DongboError } from '#agent/core/errors.ts';
import { captureIo } from './capture-io.ts';

describe('exit codes', () => {
  it.each([
    [['--help'], 0],
    [['help', 'run'], 0],
    [['version'], 0],
    [['nonsense'], 2],
    [['run', '--nonsense'], 2],
    [['release', '0011'], 2],
    [['init', '--agency', 'H29'], 2],
    [['check', '--config', '/nonexistent.yaml'], 1],
    [['run', '--config', '/nonexistent.yaml'], 1],
    [['init', '--agency', 'nonsense', '--name', 'x', '--state', '/nonexistent'], 1],
  ])('of %j is %d', async (argv, code) => {
    const io = captureIo();
    expect(await runProgram(argv, io)).toBe(code);
    expect(io.outLines.length > 0).toBe(code === 0);
    expect(io.errLines.length > 0).toBe(code !== 0);
  });
});

it('keys, card and agreement are made by the documented commands', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dongbo-program-'));
  const [state, card, file] = ['state', 'a.card.json', 'a.agreement.json'].map((name) => join(dir, name));
  const dongbo = async (...argv: (string | undefined)[]) => {
    const io = captureIo();
    expect(await runProgram(argv.map(String), io), io.errLines.join('\n')).toBe(0);
    return io.outLines.join('\n');
  };
  await dongbo('init', '--state', state, '--agency', 'H29.12', '--name', 'Sở Nội vụ');
  const fingerprint = /[0-9A-Z]{4}(-[0-9A-Z]{4}){4}/.exec(
    await dongbo('card', '--state', state, '--out', card),
  )?.[0];
  expect(await dongbo('card', 'show', card, '--expect', fingerprint)).toContain(fingerprint);
  await dongbo('agreement', 'new', '--state', state, '--name', 'Hồ sơ', '--term-days', '30', '--out', file);
  await dongbo('agreement', 'sign', '--state', state, file);
  expect(await dongbo('agreement', 'show', file)).toContain('Hồ sơ');
  const { space } = JSON.parse(await readFile(file ?? '', 'utf8')) as { space: string };
  expect(await dongbo('agreement', 'accept', '--state', state, file)).toContain(space);
  await rm(dir, { recursive: true });
}, 30_000);

describe('a failure', () => {
  it('is shown with its code, what happened and what to do; for English readers with a Vietnamese line', () => {
    const error = new DongboError('FILE_EXISTS', { file: 'a.json' });
    expect(errorLines(error, 'en')).toEqual([
      'FILE_EXISTS: The file a.json exists already; nothing was changed',
      '  → Choose another name, or move the old file away.',
      '  vi: Tệp a.json đã tồn tại; không có gì bị thay đổi',
    ]);
    expect(errorLines(error, 'vi')).toEqual([
      'FILE_EXISTS: Tệp a.json đã tồn tại; không có gì bị thay đổi',
      '  → Chọn tên khác, hoặc chuyển tệp cũ đi nơi khác.',
    ]);
  });

  it('of ours is shown with its stack', () => {
    const lines = errorLines(new TypeError('x is not a function'), 'en');
    expect(lines[0]).toMatch(/^UNEXPECTED: /);
    expect(lines).toContain('TypeError: x is not a function');
    expect(lines.some((line) => line.includes('program.test.ts'))).toBe(true);
  });
});

describe('the language', () => {
  it.each([
    [[], {}, 'en'],
    [[], { LANG: 'vi_VN.UTF-8' }, 'vi'],
    [[], { LANG: 'vi_VN.UTF-8', LC_ALL: 'C' }, 'en'],
    [[], { LANG: 'en_US.UTF-8', LC_MESSAGES: 'vi_VN' }, 'vi'],
    [['--lang', 'vi', 'status'], {}, 'vi'],
    [['status', '--lang=en'], { LANG: 'vi' }, 'en'],
    [['--lang'], { LANG: 'vi' }, 'vi'],
  ])('%j %j is %s', (argv, env, expected) => {
    expect(languageOf(argv, env)).toBe(expected);
  });

  it('of the help follows', async () => {
    const io = captureIo({ lang: 'vi' });
    await runProgram(['--help'], io);
    expect(io.outLines.join('\n')).toContain('chạy chương trình đồng bộ');
  });
});

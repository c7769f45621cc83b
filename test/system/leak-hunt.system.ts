/** Where no approved cipher is: 200 marked secrets of each level, and not one mark in anything that a thief could take. */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exists } from '#agent/seal/files.ts';
import { accessTimes, marksIn, writeMarked } from '#test/process/marked.ts';
import type { Daemon } from '#test/process/daemon.ts';
import { RecordingProxy } from '#test/process/recording-proxy.ts';
import { Trio } from '#test/process/trio.ts';
import { needs, runFor } from './tools.ts';

const levels = ['MAT', 'TOI_MAT', 'TUYET_MAT'];
const each = 200;
const limit = 600_000;
const decided = 'decidedBy: Trần Văn Bảo, decisionRef: 7/QĐ';

const labels = [
  '      - { path: "**", sensitivity: INTERNAL }',
  ...levels.map((s) => `      - { path: "/${s}/", sensitivity: INTERNAL, secrecy: ${s}, ${decided} }`),
];

it('nothing of a state secret is read, kept, told or sent', { timeout: limit }, async (context) => {
  needs(context, 'gcore', 'gdb');
  const mark = `zq${randomBytes(9).toString('hex')}`;
  const dir = await mkdtemp(join(tmpdir(), 'dongbo-hunt-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const tapes: RecordingProxy[] = [];
  await mkdir(join(dir, 'taps'));
  const via = async (url: string, from: string) => {
    const tape = stack.use(await RecordingProxy.to(url, join(dir, 'taps', from)));
    tapes.push(tape);
    return tape.url;
  };
  const trio = stack.use(await Trio.create({ dir: join(dir, 'nodes'), labels, label: 'INTERNAL', via }));
  const secrets = [];
  for (const level of levels) secrets.push(...(await writeMarked(trio.file(trio.a, level), mark, each)));
  const readBefore = await accessTimes(secrets);
  await writeFile(trio.file(trio.a, 'thường.txt'), 'không mật');
  await trio.start();
  await trio.until('the open item at C', () => exists(trio.file(trio.c, 'thường.txt')));
  // A second look, with edits: every road that an item can take is walked once.
  await writeFile(secrets[0] ?? '', `${mark} sửa`);
  await writeFile(trio.file(trio.a, 'thường 2.txt'), 'không mật');
  await trio.until('the second open item at C', () => exists(trio.file(trio.c, 'thường 2.txt')));
  await trio.settled();

  for (const daemon of trio.daemons) {
    const dump = dumpOf(daemon, join(dir, 'core'));
    expect(await marksIn(dump, mark), `memory of ${daemon.options.agency}`).toEqual([]);
    // The search finds what is there.
    if (daemon === trio.a) expect(await marksIn(dump, 'thường 2.txt')).toEqual([dump]);
    await rm(dump);
  }
  for (const daemon of trio.daemons) await daemon.stop();
  const places = [join(dir, 'taps'), ...trio.daemons.flatMap(({ state, logFile }) => [state, logFile])];
  places.push(...[trio.b, trio.c].map(({ options }) => options.folder ?? ''));
  for (const place of places) expect(await marksIn(place, mark), place).toEqual([]);
  expect((await accessTimes(secrets.slice(1))).map(String)).toEqual(readBefore.slice(1).map(String));

  // So does this: a secret where it lies, traffic that did pass, and the time of a reading.
  expect(await marksIn(trio.a.options.folder ?? '', mark)).toHaveLength(levels.length * each);
  expect(tapes.every(({ bytes }) => bytes > 0)).toBe(true);
  await readFile(secrets[1] ?? '');
  const [moved] = await accessTimes(secrets.slice(1, 2));
  if (moved === readBefore[1])
    console.warn('this file system keeps no access times: they prove nothing here');
  console.log(`${secrets.length} marked secrets, ${places.length} places, no mark`);
});

/** The memory of a running process, in one file. About a gigabyte, most of it holes. */
function dumpOf({ pid }: Daemon, prefix: string): string {
  const { status, stderr } = runFor(180_000, 'gcore', '-o', prefix, String(pid));
  expect(status, stderr).toBe(0);
  return `${prefix}.${pid}`;
}

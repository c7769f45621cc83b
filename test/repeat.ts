/**
 * `npm run test:repeat -- [--times N] [--load N] [what vitest takes]`: the suite again and again while the processors are
 * kept busy, and how often which test failed. Ends with 0 only if nothing ever did.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Takes `--name N` out of `argv`. */
function numberOf(argv: string[], name: string, otherwise: number): number {
  const at = argv.indexOf(name);
  if (at < 0) return otherwise;
  const value = Number(argv.splice(at, 2)[1]);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${name}: a whole number`);
  return value;
}

/** Each keeps one processor busy. */
function keepBusy(count: number): Disposable {
  const busy: ChildProcess[] = Array.from({ length: count }, () =>
    spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' }),
  );
  const stop = () => {
    for (const child of busy) child.kill('SIGKILL');
  };
  process.once('exit', stop);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  return { [Symbol.dispose]: stop };
}

/** One run; the names of what failed. A file that did not load, or a run without a report, counts as well. */
async function runOnce(dir: string, args: readonly string[]): Promise<readonly string[]> {
  const file = join(dir, 'report.json');
  await rm(file, { force: true });
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`];
  const child = spawn('npx', ['vitest', 'run', ...reporters, ...args], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  const report = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Report,
    () => undefined,
  );
  const failed = (report?.testResults ?? []).flatMap(({ name, status, assertionResults }) => {
    const tests = assertionResults.filter((one) => one.status === 'failed');
    if (tests.length > 0) return tests.map(({ fullName }) => `${name}: ${fullName}`);
    return status === 'failed' ? [name] : [];
  });
  return failed.length > 0 || code === 0 ? failed : ['the run itself'];
}

async function main(argv: string[]): Promise<void> {
  const times = numberOf(argv, '--times', 10);
  using _busy = keepBusy(numberOf(argv, '--load', availableParallelism()));
  const dir = await mkdtemp(join(tmpdir(), 'dongbo-repeat-'));
  const failures = new Map<string, number>();
  let badRuns = 0;
  for (let run = 1; run <= times; run += 1) {
    const failed = await runOnce(dir, argv);
    for (const name of failed) failures.set(name, (failures.get(name) ?? 0) + 1);
    if (failed.length > 0) badRuns += 1;
    console.log(`run ${run} of ${times}: ${failed.length} failed`);
  }
  await rm(dir, { recursive: true });
  for (const [name, count] of failures) console.log(`${count} of ${times}: ${name}`);
  console.log(`${times} runs, ${badRuns} with failures`);
  process.exitCode = badRuns === 0 ? 0 : 1;
}

await main(process.argv.slice(2));

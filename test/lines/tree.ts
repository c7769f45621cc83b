/** A copy of the project in which lines can be taken out, and vitest in it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { type SafetyLine, timesIn } from './list.ts';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

export interface Failure {
  readonly test: string;
  readonly why: string;
}

/** `failures` are tests; `broken` is a file that did not load, or a run without a report. */
export interface Outcome {
  readonly failures: readonly Failure[];
  readonly broken?: string;
}

const root = resolve(import.meta.dirname, '../..');
const left = new Set(['node_modules', '.git']);
/** A line that is gone may leave a test waiting for what never comes. */
const testTimeoutMs = 60_000;
const runTimeoutMs = 300_000;

const firstLine = (text: string | undefined): string => (text ?? '').split('\n', 1)[0] ?? '';

export class Tree implements AsyncDisposable {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async copy(): Promise<Tree> {
    const dir = await mkdtemp(join(tmpdir(), 'dongbo-lines-'));
    await cp(root, dir, { recursive: true, filter: (from) => !left.has(basename(from)) });
    await symlink(join(root, 'node_modules'), join(dir, 'node_modules'));
    return new Tree(dir);
  }

  /** Runs `work` while the edits are in. */
  async without<T>(edits: SafetyLine['edits'], work: () => Promise<T>): Promise<T> {
    const before = new Map<string, string>();
    try {
      for (const { file, take, put } of edits) {
        const path = join(this.#dir, file);
        const text = await readFile(path, 'utf8');
        if (timesIn(text, take) !== 1) throw new Error(`${file}: stands not exactly once: ${take}`);
        if (!before.has(path)) before.set(path, text);
        await writeFile(
          path,
          text.replace(take, () => put),
        );
      }
      return await work();
    } finally {
      for (const [path, text] of before) await writeFile(path, text);
    }
  }

  /** With `bail` up to the first red test, and not for ever. */
  async vitest(files: readonly string[], only: string | undefined, bail: boolean): Promise<Outcome> {
    const report = join(this.#dir, 'lines-report.json');
    await rm(report, { force: true });
    const args = [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...files,
    ];
    args.push(`--testTimeout=${testTimeoutMs}`, `--hookTimeout=${testTimeoutMs}`);
    if (bail) args.push('--bail=1');
    if (only !== undefined) args.push('-t', only);
    // Most of a run of one file is starting: what was compiled is kept between runs.
    const env = { ...process.env, NODE_COMPILE_CACHE: join(this.#dir, '.compiled') };
    const child = spawn(process.execPath, args, {
      env,
      cwd: this.#dir,
      stdio: 'ignore',
      timeout: bail ? runTimeoutMs : undefined,
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    return outcomeOf(await readFile(report, 'utf8').catch(() => undefined), code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }
}

function outcomeOf(report: string | undefined, code: number | null): Outcome {
  if (report === undefined) return { failures: [], broken: `no report, exit code ${code}` };
  const { testResults } = JSON.parse(report) as Report;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failures = tests
    .filter(({ status }) => status === 'failed')
    .map((one) => ({ test: one.fullName, why: firstLine(one.failureMessages[0]) }));
  if (failures.length > 0) return { failures };
  const file = testResults.find(({ status }) => status === 'failed');
  if (file) return { failures, broken: `${basename(file.name)} does not run: ${firstLine(file.message)}` };
  // Of a name that no test has nothing runs, which must not look like green.
  if (!tests.some(({ status }) => status === 'passed')) return { failures, broken: 'no test ran' };
  return code === 0 ? { failures } : { failures, broken: `exit code ${code}` };
}

#!/usr/bin/env -S MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=1048576 node --max-semi-space-size=4 --no-memory-pool --heap-growing-percent=100
/** The process: arguments, signals, exit codes. Everything else is in `cli/` and `agent.ts`. */
import { userInfo } from 'node:os';
import { errorLines, issueLines } from './cli/error-text.ts';
import { runProgram } from './cli/program.ts';
import { exitCodes, languageOf, type ProgramIo } from './cli/program-io.ts';
import { systemClock } from './sys/clock.ts';
import { systemRandom } from './sys/random.ts';

/** The agent drains within 10 s of the signal; what hangs longer is ended here, before the service manager does it. */
const drainLimitMs = 12_000;

const argv = process.argv.slice(2);
const lang = languageOf(argv, process.env);
const stop = new AbortController();
const ended = new AbortController();
const err = (line: string): void => void process.stderr.write(`${line}\n`);

function fail(error: unknown): never {
  for (const line of errorLines(error, lang)) err(line);
  process.exit(exitCodes.error);
}

/** The first signal asks for an orderly end, the second ends at once. */
function onSignal(signal: NodeJS.Signals): void {
  if (stop.signal.aborted) process.exit(exitCodes.stopped);
  stop.abort(new Error(signal));
  void systemClock.sleep(drainLimitMs, ended.signal).then(tooLong, () => undefined);
}

function tooLong(): never {
  const issue = { code: 'DRAIN_TIMEOUT', details: { seconds: drainLimitMs / 1000 } };
  for (const line of issueLines(issue, lang)) err(line);
  process.exit(exitCodes.error);
}

process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
process.on('unhandledRejection', fail).on('uncaughtException', fail);
/** Experimental parts of the runtime are ours to know about; other warnings are shown. */
process.removeAllListeners('warning').on('warning', ({ name, message }) => {
  if (name !== 'ExperimentalWarning') err(`${name}: ${message}`);
});
/** `dongbo status | head`: the reader has seen enough. */
process.stdout.on('error', () => process.exit(exitCodes.ok));

/** In a container the user may have a number and no line in the password file. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}

const io: ProgramIo = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err,
  screen: process.stdout,
  clock: systemClock,
  random: systemRandom,
  lang,
  signal: stop.signal,
  user: process.env.SUDO_USER ?? userName(),
};

const code = await runProgram(argv, io);
ended.abort();
process.stdout.write('', () => process.exit(code));

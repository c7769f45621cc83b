/** The real `dongbo` commands, run to their end; and the codes that they told a person. */
import { execFile } from 'node:child_process';
import { runProgram } from '#agent/cli/program.ts';
import { captureIo } from '#test/cli/capture-io.ts';
import { mainFile, nodeBinary } from '#test/process/daemon.ts';

export interface Ended {
  /** Exit code. */
  readonly code: number;
  readonly err: string;
  /** Of the messages on standard error, in their order. */
  readonly codes: readonly string[];
}

/** What should have ended by itself, and did not, is ended. */
const patienceMs = 90_000;

/** In this process: everything but `agent/main.ts`, in a fraction of the time. */
export async function dongbo(...argv: readonly string[]): Promise<Ended> {
  const io = captureIo({ signal: AbortSignal.timeout(patienceMs) });
  const code = await runProgram(argv, io);
  return ended(code, io.errLines.join('\n'));
}

/** In a process of its own, when asked under another account (only root can do that). */
export function dongboProcess(argv: readonly string[], uid?: number): Promise<Ended> {
  const account = uid === undefined ? {} : { uid, gid: uid };
  const env = { PATH: process.env.PATH, LANG: 'C.UTF-8' };
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const options = { env, timeout: patienceMs, killSignal: 'SIGKILL', ...account } as const;
  execFile(nodeBinary, [mainFile, ...argv], options, (error, _out, err) => {
    const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
    resolve(ended(code, err));
  });
  return promise;
}

const ended = (code: number, err: string): Ended => ({
  code,
  err,
  codes: err.split('\n').flatMap((line) => /^([A-Z][A-Z0-9_]+): /.exec(line)?.[1] ?? []),
});

/** A ProgramIo that keeps what is printed. */
import { PassThrough } from 'node:stream';
import type { ProgramIo } from '#agent/cli/program-io.ts';
import type { Language } from '#agent/core/messages/language.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { systemRandom } from '#agent/sys/random.ts';

export interface CapturedIo extends ProgramIo {
  readonly outLines: string[];
  readonly errLines: string[];
}

export function captureIo(
  options: { lang?: Language; signal?: AbortSignal; tty?: PassThrough } = {},
): CapturedIo {
  const outLines: string[] = [];
  const errLines: string[] = [];
  return {
    outLines,
    errLines,
    out: (line) => void outLines.push(line),
    err: (line) => void errLines.push(line),
    screen: options.tty ?? new PassThrough(),
    clock: systemClock,
    random: systemRandom,
    lang: options.lang ?? 'en',
    signal: options.signal ?? new AbortController().signal,
    user: 'tester',
  };
}

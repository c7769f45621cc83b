/** Programs of the system that a test needs and npm cannot give. */
import { spawnSync } from 'node:child_process';
import type { TestContext } from 'vitest';

/** Skips the test, saying plainly what was not run and which Debian package gives it. */
export function needs(context: TestContext, program: string, debianPackage: string): void {
  const found = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  if (found) return;
  const note = `NOT RUN: ${program} is missing (apt-get install ${debianPackage})`;
  console.warn(`${context.task.name}: ${note}`);
  context.skip(note);
}

export interface Output {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const run = (program: string, ...args: readonly string[]): Output => runFor(60_000, program, ...args);

/** `run` for what may take longer than a minute. */
export function runFor(timeout: number, program: string, ...args: readonly string[]): Output {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout });
  if (error) throw error;
  return { status, stdout, stderr };
}

/** A second process that runs a few lines of TypeScript, or a script, of the project. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Child {
  /** The next line of its output; throws when there is none left. */
  line(): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** Exit status, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals>;
}

export const startChild = (source: string): Child =>
  start(['--input-type=module-typescript', '--eval', source]);

/** `script` is a path from the root of the project. */
export const startScript = (script: string, args: readonly string[]): Child => start([script, ...args]);

function start(args: readonly string[]): Child {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async line() {
      const { done, value } = await lines.next();
      if (done) throw new Error('the process ended without another line');
      return value;
    },
    kill: (signal) => void child.kill(signal),
    exit: once(child, 'exit').then(([code, signal]) => code ?? signal),
  };
}

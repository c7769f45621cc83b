/** Runs the commands of a page as a reader would: `sh`, with `dongbo` on the path. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mainFile, nodeBinary } from './daemon.ts';

const endMs = 60_000;

/** Process groups that are still there; none outlives this process. */
const groups = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of groups) signalGroup(child, 'SIGKILL');
});

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** A script in a process group of its own, with what it printed. */
export class Script {
  readonly #child: ChildProcess;
  /** Exit code, once all its processes have ended; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  output = '';

  constructor(text: string, env: NodeJS.ProcessEnv) {
    const child = spawn('sh', ['-eu', '-c', text], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    groups.add(child);
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part) => {
        this.output += String(part);
      });
    this.ended = new Promise((done) =>
      child.once('close', (code) => {
        groups.delete(child);
        done(code);
      }),
    );
  }

  /** As Ctrl-C in its terminal. Resolves when all its processes have ended; what does not end is killed. */
  async interrupt(): Promise<void> {
    signalGroup(this.#child, 'SIGINT');
    const late = setTimeout(() => this.kill(), endMs);
    await this.ended;
    clearTimeout(late);
  }

  kill(): void {
    signalGroup(this.#child, 'SIGKILL');
  }
}

/** A folder with a `dongbo` command, to go first on the path. */
export async function commandFolder(dir: string): Promise<string> {
  const bin = join(dir, 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'dongbo'), `#!/bin/sh\nexec "${nodeBinary}" "${mainFile}" "$@"\n`);
  await chmod(join(bin, 'dongbo'), 0o755);
  return bin;
}

/** One real daemon: its folders, its configuration file, its process. Everything is done by the documented commands. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Snapshot } from '#agent/status/snapshot.ts';

const project = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The runtime that the project brings along, whatever Node the machine has. */
export const nodeBinary = join(project, 'node_modules/.bin/node');
export const mainFile = join(project, 'agent/main.ts');
const run = promisify(execFile);

export interface PeerEntry {
  readonly node: string;
  readonly url: string;
}

export interface DaemonOptions {
  readonly dir: string;
  readonly agency: string;
  readonly name: string;
  readonly role: 'agent' | 'relay';
  readonly statusPort: number;
  /** Listening port; an agent that only dials out has none. */
  readonly port?: number;
  readonly folder?: string;
}

export class Daemon implements AsyncDisposable {
  readonly options: DaemonOptions;
  #child: ChildProcess | undefined;
  #log: WriteStream | undefined;
  /** Largest resident memory seen over all its processes, bytes. */
  peakMemory = 0;

  constructor(options: DaemonOptions) {
    this.options = options;
  }

  get state(): string {
    return join(this.options.dir, 'state');
  }

  get cardFile(): string {
    return join(this.options.dir, `${this.options.agency}.card.json`);
  }

  get configFile(): string {
    return join(this.options.dir, 'agent.yaml');
  }

  get logFile(): string {
    return join(this.options.dir, 'log.txt');
  }

  get url(): string {
    return `https://127.0.0.1:${this.options.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Runs one `dongbo` command to its end and returns what it printed. */
  async dongbo(...args: readonly string[]): Promise<string> {
    const { stdout } = await run(nodeBinary, [mainFile, ...args], {
      env: { ...process.env, LANG: 'C.UTF-8' },
    });
    return stdout;
  }

  /** `dongbo init` and `dongbo card`. */
  async create(): Promise<void> {
    const { dir, agency, name, folder } = this.options;
    await mkdir(dir, { recursive: true });
    if (folder) await mkdir(folder, { recursive: true });
    await this.dongbo('init', '--state', this.state, '--agency', agency, '--name', name);
    await this.dongbo('card', '--state', this.state, '--out', this.cardFile);
  }

  async node(): Promise<string> {
    return (JSON.parse(await readFile(this.cardFile, 'utf8')) as { node: string }).node;
  }

  async configure(space: string, peers: readonly PeerEntry[]): Promise<void> {
    const { role, port, statusPort, folder } = this.options;
    const lines = [`state: ${this.state}`, `role: ${role}`, 'status:', `  port: ${statusPort}`];
    lines.push('log:', '  format: text', '  level: info');
    if (port !== undefined) lines.push('listen:', '  address: 127.0.0.1', `  port: ${port}`);
    if (folder) lines.push('spaces:', `  - space: ${space}`, `    folder: ${folder}`);
    if (peers.length > 0) lines.push('peers:');
    for (const peer of peers) lines.push(`  - node: ${peer.node}`, `    url: ${peer.url}`);
    await writeFile(this.configFile, `${lines.join('\n')}\n`);
  }

  start(): void {
    this.#log = createWriteStream(this.logFile, { flags: 'a' });
    const child = spawn(nodeBinary, [...(process.env.PROF ? ['--cpu-prof', '--cpu-prof-dir=' + process.env.PROF] : []), mainFile, 'run', '--config', this.configFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.pipe(this.#log, { end: false });
    child.stderr.pipe(this.#log, { end: false });
    this.#child = child;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends a signal and waits for the end; resolves with the exit code, null when the signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (!child || !this.running) return child?.exitCode ?? null;
    await this.noteMemory();
    const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
    child.kill(signal);
    return ended;
  }

  async status(): Promise<Snapshot | undefined> {
    try {
      const reply = await fetch(`http://127.0.0.1:${this.options.statusPort}/status`);
      return reply.ok ? ((await reply.json()) as Snapshot) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Waits until the daemon answers on its status port. */
  async ready(): Promise<void> {
    while (!(await this.status())) {
      if (!this.running) throw new Error(`daemon ${this.options.agency} ended: see ${this.logFile}`);
      await delay(50);
    }
  }

  /** Reads VmHWM, the kernel's own high-water mark of resident memory. */
  async noteMemory(): Promise<number> {
    const text = await readFile(`/proc/${this.pid}/status`, 'utf8').catch(() => '');
    const peak = Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1] ?? 0) * 1024;
    this.peakMemory = Math.max(this.peakMemory, peak);
    return this.peakMemory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGTERM');
    await new Promise<void>((done) => (this.#log ? this.#log.end(done) : done()));
  }
}

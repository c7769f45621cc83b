/** One real daemon: its folders, its configuration file, its process. Everything is done by the documented commands. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { runProgram } from '#agent/cli/program.ts';
import { fetchSnapshot, readListening } from '#agent/cli/status-client.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { Listening } from '#agent/status/listening.ts';
import type { Snapshot } from '#agent/status/snapshot.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { until } from './until.ts';

const project = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The runtime that the project brings along, whatever Node the machine has. */
export const nodeBinary = join(project, 'node_modules/.bin/node');
export const mainFile = join(project, 'agent/main.ts');
/** What the first line of main.ts asks for: `#!/usr/bin/env -S VARIABLE=value … node --flag …`. */
const words = readFileSync(mainFile, 'utf8').split('\n', 1)[0]?.split(' ').slice(2) ?? [];
export const runtimeFlags = words.slice(words.indexOf('node') + 1);
export const runtimeEnv = Object.fromEntries(
  words.slice(0, words.indexOf('node')).map((word) => word.split('=')),
);
/** `PROF=dir`: each daemon leaves a CPU profile there. */
const flags = process.env.PROF ? ['--cpu-prof', `--cpu-prof-dir=${process.env.PROF}`] : [];

/** No command takes so long; its end of a connection may. */
const commandMs = 120_000;
const startMs = 60_000;
const stopMs = 60_000;
const statusMs = 20_000;

/** However this process ends, no daemon outlives it. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export interface PeerEntry {
  readonly node: string;
  readonly url: string;
}

export interface DaemonOptions {
  readonly dir: string;
  readonly agency: string;
  readonly name: string;
  readonly role: 'agent' | 'relay';
  /** Of the status pages; any free one when absent, or 0. */
  readonly statusPort?: number;
  /** Listening port, 0 for any free one; an agent that only dials out has none. */
  readonly port?: number;
  /** Where it listens; 127.0.0.1 when absent. */
  readonly address?: string;
  readonly folder?: string;
  /** Of its process, beside what this one has. */
  readonly env?: Readonly<Record<string, string>>;
}

export class Daemon implements AsyncDisposable {
  readonly options: DaemonOptions;
  #child: ChildProcess | undefined;
  #listening: Listening | undefined;
  /** By us. */
  #toEnd = false;
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

  /** Where others call it. One that takes any port must be `ready`. */
  get url(): string {
    const { address = '127.0.0.1', port } = this.options;
    return `https://${address}:${port === 0 ? this.listening.exchange?.port : port}`;
  }

  /** The status pages. */
  get statusUrl(): string {
    const { statusPort = 0 } = this.options;
    return `http://127.0.0.1:${statusPort === 0 ? this.listening.status.port : statusPort}`;
  }

  /** What it has told since it was last started, and answered. */
  get listening(): Listening {
    if (!this.#listening) throw new Error(`${this.options.agency} has not told where it listens`);
    return this.#listening;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Runs one `dongbo` command to its end, in this process, and returns what it printed. */
  async dongbo(...args: readonly string[]): Promise<string> {
    const lines: string[] = [];
    const keep = (line: string): void => void lines.push(line);
    const signal = AbortSignal.timeout(commandMs);
    const io = {
      out: keep,
      err: keep,
      screen: new PassThrough(),
      signal,
      user: 'tester',
      lang: 'en',
    } as const;
    const code = await runProgram(args, { ...io, clock: systemClock, random: systemRandom });
    if (code !== 0) throw new Error(`dongbo ${args.join(' ')}: exit code ${code}\n${lines.join('\n')}`);
    return lines.join('\n');
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
    const { role, port, address = '127.0.0.1', statusPort = 0, folder } = this.options;
    const lines = [`state: ${this.state}`, `role: ${role}`, 'status:', `  port: ${statusPort}`];
    lines.push('log:', '  format: text', '  level: info');
    if (port !== undefined) lines.push('listen:', `  address: ${address}`, `  port: ${port}`);
    if (folder) lines.push('spaces:', `  - space: ${space}`, `    folder: ${folder}`);
    if (peers.length > 0) lines.push('peers:');
    for (const peer of peers) lines.push(`  - node: ${peer.node}`, `    url: ${peer.url}`);
    await writeFile(this.configFile, `${lines.join('\n')}\n`);
  }

  start(): void {
    const log = openSync(this.logFile, 'a');
    const argv = [...runtimeFlags, ...flags, mainFile, 'run', '--config', this.configFile];
    const env = { ...process.env, ...runtimeEnv, ...this.options.env };
    const child = spawn(nodeBinary, argv, { stdio: ['ignore', log, log], env });
    closeSync(log);
    children.add(child);
    child.once('exit', () => children.delete(child));
    this.#child = child;
    this.#toEnd = false;
    this.#listening = undefined;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** It was started, and ended without having been stopped. */
  get endedByItself(): boolean {
    return this.#child !== undefined && !this.#toEnd && !this.running;
  }

  /** What it said last, and how it ended, if it has. */
  async lastWords(): Promise<string> {
    const { agency } = this.options;
    const log = await readFile(this.logFile, 'utf8').catch(() => '');
    const child = this.#child;
    const end = child && !this.running ? ` ended (${child.signalCode ?? child.exitCode})` : '';
    return `--- ${agency}${end}, ${this.logFile}\n${log.trimEnd().split('\n').slice(-25).join('\n')}`;
  }

  /**
   * Sends a signal and waits for the end; resolves with the exit code, null when the signal ended it. One that does not
   * end is killed, and that is a failure.
   */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    this.#toEnd = true;
    if (!child || !this.running) return child?.exitCode ?? null;
    await this.noteMemory();
    const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), stopMs);
    const code = await ended;
    clearTimeout(late);
    if (child.signalCode !== 'SIGKILL' || signal === 'SIGKILL') return code;
    throw new Error(`${signal} did not end it within ${stopMs / 1000} s\n${await this.lastWords()}`);
  }

  /** As `dongbo status --json` has it; undefined while nothing answers. */
  async status(): Promise<Snapshot | undefined> {
    const { statusPort: port = 0 } = this.options;
    const asked = { state: this.state, status: { address: '127.0.0.1', port } } as const;
    try {
      const snapshot = await fetchSnapshot(asked, AbortSignal.timeout(statusMs));
      this.#listening ??= await readListening(this.state);
      return snapshot;
    } catch (error) {
      // Whoever else answers there will not become this one.
      if (error instanceof DongboError && error.code === 'STATUS_FOREIGN') throw error;
      return undefined;
    }
  }

  /** Waits until the daemon answers on its status port, and has told where it listens. */
  async ready(): Promise<void> {
    const answers = async () => (await this.status()) !== undefined && this.#listening !== undefined;
    await until('it to be ready', answers, { seconds: startMs / 1000, daemons: [this] });
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
  }
}

/** A node under test, and a member of its space that does as it pleases. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agreement } from '#agent/core/agreement.ts';
import { parseAgreement } from '#agent/core/agreement.ts';
import { type Identity, loadIdentity } from '#agent/seal/identity.ts';
import { Daemon, type DaemonOptions } from '#test/process/daemon.ts';
import { ownEndpoint } from '#test/process/own-endpoint.ts';
import { until } from '#test/process/until.ts';
import { type TemporaryDir, temporaryDir } from '#test/sys/temporary-dir.ts';

export class Pair implements AsyncDisposable {
  readonly daemon: Daemon;
  readonly other: Identity;
  readonly agreement: Agreement;
  readonly dir: string;
  readonly #temporary: TemporaryDir;

  private constructor(parts: Pick<Pair, 'daemon' | 'other' | 'agreement'>, temporary: TemporaryDir) {
    this.daemon = parts.daemon;
    this.other = parts.other;
    this.agreement = parts.agreement;
    this.dir = temporary.path;
    this.#temporary = temporary;
  }

  /** The node listens, has an agreement in force with the other, and is not started yet. */
  static async create(
    role: 'agent' | 'relay',
    listens: Pick<DaemonOptions, 'address' | 'port'> = ownEndpoint(),
  ): Promise<Pair> {
    const temporary = await temporaryDir();
    const { path } = temporary;
    const folder = role === 'agent' ? { folder: join(path, 'folder') } : {};
    const of = { dir: join(path, 'node'), agency: 'H29.13', name: 'Sở Tài chính' };
    const daemon = new Daemon({ ...of, role, ...listens, ...folder });
    const other = new Daemon({ ...of, dir: join(path, 'other'), agency: 'H29.12', role: 'agent' });
    await mkdir(path, { recursive: true });
    for (const node of [daemon, other]) await node.create();
    const file = join(path, 'agreement.json');
    const member = role === 'agent' ? ['--member', daemon.cardFile] : ['--relay', daemon.cardFile];
    const terms = ['--name', 'Hồ sơ chung', ...member, '--out', file];
    await other.dongbo('agreement', 'new', '--state', other.state, ...terms);
    await other.dongbo('agreement', 'sign', '--state', other.state, file);
    await daemon.dongbo('agreement', 'accept', '--state', daemon.state, file);
    const agreement = parseAgreement(JSON.parse(await readFile(file, 'utf8')));
    await daemon.configure(agreement.space, []);
    const identity = await loadIdentity(join(other.state, 'keys'));
    return new Pair({ daemon, other: identity, agreement }, temporary);
  }

  async identity(): Promise<Identity> {
    return loadIdentity(join(this.daemon.state, 'keys'));
  }

  /** A slow machine is not a failure. */
  until(what: string, condition: () => Promise<boolean>, seen?: () => unknown): Promise<void> {
    const more = seen ? { seen } : {};
    return until(what, condition, { seconds: 60, daemons: [this.daemon], ...more });
  }

  log(): Promise<string> {
    return readFile(this.daemon.logFile, 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.daemon[Symbol.asyncDispose]();
    await this.#temporary[Symbol.asyncDispose]();
  }
}

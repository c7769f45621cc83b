/** A private sshd on loopback with keys of its own, so that rsync is measured the way it is used: over ssh. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ownEndpoint } from '#test/process/own-endpoint.ts';

/** A guess: another may take it before it is used. For programs that cannot choose for themselves, and say what they chose. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no TCP port to be had');
  return address.port;
}

export class SshServer implements AsyncDisposable {
  readonly #process: ChildProcess;
  /** The command that reaches it, for `rsync -e`. */
  readonly command: string;

  /** Where it listens. */
  readonly host: string;

  private constructor(process: ChildProcess, command: string, host: string) {
    this.#process = process;
    this.command = command;
    this.host = host;
  }

  static async start(dir: string): Promise<SshServer> {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    mkdirSync('/run/sshd', { recursive: true });
    const key = (name: string) => {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, name)]);
      return join(dir, name);
    };
    const host = key('host');
    const user = key('user');
    const { address, port } = ownEndpoint();
    const keys = join(dir, 'authorized_keys');
    writeFileSync(keys, execFileSync('ssh-keygen', ['-y', '-f', user]), { mode: 0o600 });
    const config = join(dir, 'sshd_config');
    const lines = [
      `Port ${port}`,
      `ListenAddress ${address}`,
      `HostKey ${host}`,
      `AuthorizedKeysFile ${keys}`,
    ];
    lines.push('StrictModes no', 'UsePAM no', 'PasswordAuthentication no', `PidFile ${join(dir, 'pid')}`);
    writeFileSync(config, `${lines.join('\n')}\n`);
    const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: 'ignore' });
    const ssh = `ssh -p ${port} -i ${user} -o StrictHostKeyChecking=no -o UserKnownHostsFile=${join(dir, 'known')} -o LogLevel=ERROR`;
    for (let tries = 0; ; tries += 1) {
      try {
        execFileSync('sh', ['-c', `${ssh} ${address} true`], { stdio: 'ignore' });
        return new SshServer(child, ssh, address);
      } catch (error) {
        if (tries >= 50) throw error;
        await delay(100);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((done) => this.#process.once('exit', done));
    if (this.#process.kill('SIGTERM')) await ended;
  }
}

/** Two Syncthing nodes on loopback: no discovery, no relays, watcher delay 1 s (the least its settings allow). */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './ssh-server.ts';

const apiKey = 'bench';

interface Side {
  readonly home: string;
  readonly folder: string;
  readonly id: string;
  readonly api: number;
  readonly port: number;
}

async function makeSide(home: string, folder: string): Promise<Side> {
  mkdirSync(home, { recursive: true });
  mkdirSync(folder, { recursive: true });
  execFileSync('syncthing', ['generate', '--no-default-folder', `--home=${home}`], { stdio: 'ignore' });
  const id = execFileSync('syncthing', ['--device-id', `--home=${home}`], { encoding: 'utf8' }).trim();
  return { home, folder, id, api: await freePort(), port: await freePort() };
}

function configure(me: Side, other: Side): void {
  const device = (s: Side) =>
    `<device id="${s.id}" name="n" compression="metadata"><address>tcp://127.0.0.1:${s.port}</address></device>`;
  const folder = `<folder id="bench" label="bench" path="${me.folder}" type="sendreceive" rescanIntervalS="3600" fsWatcherEnabled="true" fsWatcherDelayS="1"><filesystemType>basic</filesystemType><device id="${me.id}"/><device id="${other.id}"/></folder>`;
  const options = `<options><listenAddress>tcp://127.0.0.1:${me.port}</listenAddress><globalAnnounceEnabled>false</globalAnnounceEnabled><localAnnounceEnabled>false</localAnnounceEnabled><relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled><urAccepted>-1</urAccepted><autoUpgradeIntervalH>0</autoUpgradeIntervalH><crashReportingEnabled>false</crashReportingEnabled><startBrowser>false</startBrowser></options>`;
  const gui = `<gui enabled="true" tls="false"><address>127.0.0.1:${me.api}</address><apikey>${apiKey}</apikey></gui>`;
  const body = `<configuration version="36">${folder}${device(me)}${device(other)}${gui}${options}</configuration>`;
  writeFileSync(join(me.home, 'config.xml'), body);
}

export class SyncthingPair implements AsyncDisposable {
  readonly #sides: readonly [Side, Side];
  #processes: ChildProcess[] = [];

  private constructor(sides: readonly [Side, Side]) {
    this.#sides = sides;
  }

  static async prepare(dir: string, source: string, target: string): Promise<SyncthingPair> {
    const a = await makeSide(join(dir, 'a'), source);
    const b = await makeSide(join(dir, 'b'), target);
    configure(a, b);
    configure(b, a);
    return new SyncthingPair([a, b]);
  }

  start(): void {
    const env = { ...process.env, STNOUPGRADE: '1', STNODEFAULTFOLDER: '1' };
    this.#processes = this.#sides.map((s) =>
      spawn('syncthing', ['serve', '--no-browser', '--no-restart', `--home=${s.home}`], {
        stdio: 'ignore',
        env,
      }),
    );
  }

  /** Bytes that side A has sent and received in all. */
  async wireBytes(): Promise<number> {
    const total = (await this.#get(this.#sides[0], '/rest/system/connections')) as {
      total: { inBytesTotal: number; outBytesTotal: number };
    };
    return total.total.inBytesTotal + total.total.outBytesTotal;
  }

  /** Resolves when B holds `bytes` bytes in `files` files and needs nothing more. */
  async inStep(files: number, bytes: number): Promise<void> {
    for (;;) {
      const s = (await this.#get(this.#sides[1], '/rest/db/status?folder=bench').catch(() => undefined)) as
        | { localFiles: number; localBytes: number; needTotalItems: number; state: string }
        | undefined;
      if (s && s.localFiles >= files && s.localBytes >= bytes && s.needTotalItems === 0 && s.state === 'idle')
        return;
      await delay(50);
    }
  }

  async #get(side: Side, path: string): Promise<unknown> {
    const reply = await fetch(`http://127.0.0.1:${side.api}${path}`, { headers: { 'X-API-Key': apiKey } });
    if (!reply.ok) throw new Error(`Syncthing answered ${reply.status} to ${path}`);
    return reply.json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#processes.map(async (child) => {
        const ended = new Promise((done) => child.once('exit', done));
        if (child.kill('SIGTERM')) await ended;
      }),
    );
  }
}

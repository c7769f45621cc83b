/** Two Syncthing nodes on loopback: no discovery, no relays, watcher delay 1 s (the least its settings allow). */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ownEndpoint } from '#test/process/own-endpoint.ts';

const apiKey = 'bench';
const limitMs = 900_000;

interface Side {
  readonly home: string;
  readonly folder: string;
  readonly id: string;
  /** `address:port` */
  readonly api: string;
  readonly listens: string;
}

const freePlace = (): string => {
  const { address, port } = ownEndpoint();
  return `${address}:${port}`;
};

async function makeSide(home: string, folder: string): Promise<Side> {
  mkdirSync(home, { recursive: true });
  mkdirSync(folder, { recursive: true });
  execFileSync('syncthing', ['generate', '--no-default-folder', `--home=${home}`], { stdio: 'ignore' });
  const id = execFileSync('syncthing', ['--device-id', `--home=${home}`], { encoding: 'utf8' }).trim();
  return { home, folder, id, api: freePlace(), listens: freePlace() };
}

function configure(me: Side, other: Side): void {
  const device = (s: Side) =>
    `<device id="${s.id}" name="n" compression="metadata"><address>tcp://${s.listens}</address></device>`;
  const folder = `<folder id="bench" label="bench" path="${me.folder}" type="sendreceive" rescanIntervalS="3600" fsWatcherEnabled="true" fsWatcherDelayS="1"><filesystemType>basic</filesystemType><device id="${me.id}"/><device id="${other.id}"/></folder>`;
  const options = `<options><listenAddress>tcp://${me.listens}</listenAddress><globalAnnounceEnabled>false</globalAnnounceEnabled><localAnnounceEnabled>false</localAnnounceEnabled><relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled><urAccepted>-1</urAccepted><autoUpgradeIntervalH>0</autoUpgradeIntervalH><crashReportingEnabled>false</crashReportingEnabled><startBrowser>false</startBrowser></options>`;
  const gui = `<gui enabled="true" tls="false"><address>${me.api}</address><apikey>${apiKey}</apikey></gui>`;
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
    const end = performance.now() + limitMs;
    while (performance.now() < end) {
      const s = (await this.#get(this.#sides[1], '/rest/db/status?folder=bench').catch(() => undefined)) as
        | { localFiles: number; localBytes: number; needTotalItems: number; state: string }
        | undefined;
      if (s && s.localFiles >= files && s.localBytes >= bytes && s.needTotalItems === 0 && s.state === 'idle')
        return;
      if (this.#processes.some(({ exitCode }) => exitCode !== null)) throw new Error('Syncthing has ended');
      await delay(50);
    }
    throw new Error(`Syncthing is not in step after ${limitMs / 1000} s`);
  }

  async #get(side: Side, path: string): Promise<unknown> {
    const reply = await fetch(`http://${side.api}${path}`, {
      headers: { 'X-API-Key': apiKey },
      signal: AbortSignal.timeout(60_000),
    });
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

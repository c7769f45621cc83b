/** Two agencies and a relay on loopback, set up by the documented commands alone. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daemon, type PeerEntry } from './daemon.ts';
import { ownEndpoint } from './own-endpoint.ts';
import { until } from './until.ts';

/** Through the relay; each calling the other; both of these at once; only A calling, B listening. */
export type Route = 'relay' | 'direct' | 'both' | 'one-way';

export interface ClusterOptions {
  readonly dir: string;
  readonly route: Route;
  /** Of the space; `nacl-pq` when absent. */
  readonly suite?: string;
  /** Changes the draft of the agreement before it is signed. */
  readonly drafted?: (draft: { members: { highestLabel: string }[] }) => void;
  /** Folder of agency A, when it exists already. */
  readonly source?: string;
  /** Rewrites a URL before it goes into a configuration: a test puts a counting proxy in between. */
  readonly via?: (url: string, from: string) => Promise<string>;
}

export class Cluster implements AsyncDisposable {
  readonly a: Daemon;
  readonly b: Daemon;
  readonly relay: Daemon | undefined;
  readonly space: string;

  private constructor(a: Daemon, b: Daemon, relay: Daemon | undefined, space: string) {
    this.a = a;
    this.b = b;
    this.relay = relay;
    this.space = space;
  }

  get daemons(): readonly Daemon[] {
    return [this.a, this.b, ...(this.relay ? [this.relay] : [])];
  }

  get folders(): readonly [string, string] {
    return [this.a.options.folder ?? '', this.b.options.folder ?? ''];
  }

  static async create(options: ClusterOptions): Promise<Cluster> {
    const { dir, route } = options;
    await mkdir(dir, { recursive: true });
    const a = makeAgency(dir, 'a', 'H29.12', 'Sở Nội vụ', route, options.source);
    const b = makeAgency(dir, 'b', 'H29.13', 'Sở Tài chính', route);
    const relay = route === 'relay' || route === 'both' ? makeRelay(dir) : undefined;
    const daemons = [a, b, ...(relay ? [relay] : [])];
    await Promise.all(daemons.map((daemon) => daemon.create()));
    const space = await agree(options, a, b, relay);
    await configure(options, space, a, b, relay);
    return new Cluster(a, b, relay, space);
  }

  start(): void {
    for (const daemon of this.daemons) daemon.start();
  }

  async ready(): Promise<void> {
    await Promise.all(this.daemons.map((daemon) => daemon.ready()));
  }

  async noteMemory(): Promise<void> {
    for (const daemon of this.daemons) await daemon.noteMemory();
  }

  /** Resolves when `condition` holds; fails after `seconds`, or when a daemon has ended by itself, with their last lines. */
  until(what: string, condition: () => Promise<boolean>, seconds = 120): Promise<void> {
    return until(what, condition, { seconds, daemons: this.daemons });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.daemons.map((daemon) => daemon[Symbol.asyncDispose]()));
  }
}

function makeAgency(
  dir: string,
  key: string,
  agency: string,
  name: string,
  route: Route,
  source?: string,
): Daemon {
  const home = join(dir, key);
  const folder = source ?? join(home, 'folder');
  const listens = route === 'relay' ? {} : ownEndpoint();
  return new Daemon({ dir: home, agency, name, role: 'agent', folder, ...listens });
}

function makeRelay(dir: string): Daemon {
  return new Daemon({
    dir: join(dir, 'relay'),
    agency: 'H29',
    name: 'Trạm trung chuyển',
    role: 'relay',
    ...ownEndpoint(),
  });
}

/** The agreement: drafted and signed by A, accepted by everybody. Returns the space's id. */
async function agree(options: ClusterOptions, a: Daemon, b: Daemon, relay?: Daemon): Promise<string> {
  const { dir, suite, drafted } = options;
  const file = join(dir, 'space.agreement.json');
  const members = ['--member', `${b.cardFile}:publish,subscribe`];
  if (relay) members.push('--relay', relay.cardFile);
  if (suite) members.push('--suite', suite);
  await a.dongbo('agreement', 'new', '--state', a.state, '--name', 'Hồ sơ chung', ...members, '--out', file);
  if (drafted) {
    const draft = JSON.parse(await readFile(file, 'utf8'));
    drafted(draft);
    await writeFile(file, JSON.stringify(draft));
  }
  await a.dongbo('agreement', 'sign', '--state', a.state, file);
  for (const daemon of [a, b, relay])
    await daemon?.dongbo('agreement', 'accept', '--state', daemon.state, file);
  return (JSON.parse(await readFile(file, 'utf8')) as { space: string }).space;
}

async function configure(
  options: ClusterOptions,
  space: string,
  a: Daemon,
  b: Daemon,
  relay?: Daemon,
): Promise<void> {
  const via = options.via ?? (async (url: string) => url);
  const entry = async (to: Daemon, from: string): Promise<PeerEntry> => ({
    node: await to.node(),
    url: await via(to.url, from),
  });
  const peersOf = async (other: Daemon, key: string): Promise<PeerEntry[]> => {
    const peers: PeerEntry[] = [];
    const calls = options.route === 'one-way' ? key === 'a' : options.route !== 'relay';
    if (calls) peers.push(await entry(other, key));
    if (relay) peers.push(await entry(relay, key));
    return peers;
  };
  await a.configure(space, await peersOf(b, 'a'));
  await b.configure(space, await peersOf(a, 'b'));
  await relay?.configure(space, []);
}

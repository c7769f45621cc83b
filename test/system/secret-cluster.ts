/** Two agencies with a device each and a relay: real daemons in a space that may carry MẬT. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sampleKey, sampleLabel } from '#test/contract/state-cipher.ts';
import { Daemon } from '#test/process/daemon.ts';
import { ownEndpoint } from '#test/process/own-endpoint.ts';
import { until } from '#test/process/until.ts';
import { sampleAgreed, sampleTerms } from '#test/trust/agreed.ts';
import { makeSoftToken, softModule, type SoftToken } from './soft-token.ts';

/** What the configuration says of the device, where that is not as it should be. */
export type CipherConfig = Readonly<Record<string, string>> | 'none';

export class Agency implements AsyncDisposable {
  readonly daemon: Daemon;
  readonly token: SoftToken;
  readonly #space: string;
  readonly #relay: Daemon;

  constructor(daemon: Daemon, token: SoftToken, space: string, relay: Daemon) {
    this.daemon = daemon;
    this.token = token;
    this.#space = space;
    this.#relay = relay;
  }

  at(path: string): string {
    return join(this.daemon.options.folder ?? '', path);
  }

  get pinFile(): string {
    return join(this.daemon.options.dir, 'pin');
  }

  /** Stops, writes the configuration anew and starts. */
  async restart(cipher: CipherConfig = {}): Promise<void> {
    await this.daemon.stop();
    await this.daemon.configure(this.#space, [{ node: await this.#relay.node(), url: this.#relay.url }]);
    const text = await readFile(this.daemon.configFile, 'utf8');
    const labels = [
      '    labels:',
      '      - { path: "**", sensitivity: INTERNAL }',
      '      - { path: /mat/, secrecy: MAT, decidedBy: Giám đốc Sở, decisionRef: 12/QĐ-SNV }',
    ];
    const labelled = text.replace(/^ {4}folder: .*$/m, (folder) => [folder, ...labels].join('\n'));
    await writeFile(this.daemon.configFile, labelled + this.#cipherText(cipher));
    this.daemon.start();
    await this.daemon.ready();
  }

  #cipherText(cipher: CipherConfig): string {
    if (cipher === 'none') return '';
    const own = { module: softModule, tokenLabel: this.token.tokenLabel, keyLabel: sampleLabel };
    const approved = {
      product: 'Thiết bị mẫu',
      approval: '01/GCN',
      highest: 'MAT',
      validUntil: '2099-12-31',
    };
    const all = Object.entries({ ...own, pinFile: this.pinFile, ...approved, ...cipher });
    return ['stateCipher:', ...all.map(([key, value]) => `  ${key}: "${value}"`), ''].join('\n');
  }

  async codes(): Promise<readonly string[]> {
    const status = await this.daemon.status();
    return Object.keys(status?.spaces[0]?.problemCodes ?? {});
  }

  text(path: string): Promise<string> {
    return readFile(this.at(path), 'utf8').catch(() => 'none');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.daemon[Symbol.asyncDispose]();
  }
}

export interface SecretCluster extends AsyncDisposable {
  readonly a: Agency;
  readonly b: Agency;
  readonly relay: Daemon;
  /** Fails with what was awaited after a minute. */
  readonly until: (what: string, holds: () => Promise<boolean>) => Promise<void>;
}

export async function makeSecretCluster(dir: string): Promise<SecretCluster> {
  const [a, tokenA] = await makeAgency(dir, 'a', 'H29.12');
  const [b, tokenB] = await makeAgency(dir, 'b', 'H29.13');
  const home = join(dir, 'relay');
  const relay = new Daemon({ dir: home, agency: 'H29', name: 'Trạm', role: 'relay', ...ownEndpoint() });
  for (const daemon of [a, b, relay]) await daemon.create();
  const space = await agree(dir, a, b, relay);
  await relay.configure(space, []);
  relay.start();
  const sides = [new Agency(a, tokenA, space, relay), new Agency(b, tokenB, space, relay)] as const;
  for (const { pinFile, token } of sides) await writeFile(pinFile, `${token.pin}\n`, { mode: 0o600 });
  const all = [...sides, relay];
  const dispose = async () => void (await Promise.all(all.map((one) => one[Symbol.asyncDispose]())));
  const daemons = [a, b, relay];
  const wait: SecretCluster['until'] = (what, holds) => until(what, holds, { seconds: 60, daemons });
  return { a: sides[0], b: sides[1], relay, until: wait, [Symbol.asyncDispose]: dispose };
}

async function makeAgency(dir: string, key: string, agency: string): Promise<[Daemon, SoftToken]> {
  const home = join(dir, key);
  await mkdir(join(home, 'device'), { recursive: true });
  const token = await makeSoftToken(join(home, 'device'), { key: sampleKey, keyLabel: sampleLabel });
  const env = { SOFTHSM2_CONF: token.conf };
  const options = { dir: home, agency, name: `Sở ${agency}`, role: 'agent', env } as const;
  return [new Daemon({ ...options, folder: join(home, 'folder') }), token];
}

async function agree(dir: string, a: Daemon, b: Daemon, relay: Daemon): Promise<string> {
  const validUntil = '2099-12-31';
  const system = { level: 3, decision: '12/QĐ', date: '2020-01-01', validUntil };
  const stateCipher = { name: 'Thiết bị mẫu', approval: '01/GCN', highest: 'MAT', validUntil };
  const { version: _v, revision: _r, previous: _p, suite: _s, ...agreed } = sampleAgreed;
  const contact = 'Nguyễn Văn An';
  const agencies = ['H29.12', 'H29.13'].map((member) => ({ member, contact, system, stateCipher }));
  const members = [...agencies, { member: 'H29', contact }];
  const terms = join(dir, 'terms.yaml');
  await writeFile(terms, JSON.stringify({ ...agreed, terms: sampleTerms, members }));
  const out = join(dir, 'space.agreement.json');
  const said = ['--label', 'INTERNAL+MAT', '--suite', 'vn-civil', '--terms', terms, '--out', out];
  const parties = ['--member', `${b.cardFile}:publish,subscribe`, '--relay', relay.cardFile];
  await a.dongbo('agreement', 'new', '--state', a.state, '--name', 'Hồ sơ mật', ...parties, ...said);
  await a.dongbo('agreement', 'sign', '--state', a.state, out);
  for (const one of [a, b, relay]) await one.dongbo('agreement', 'accept', '--state', one.state, out);
  return (JSON.parse(await readFile(out, 'utf8')) as { space: string }).space;
}

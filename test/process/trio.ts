/**
 * Three agencies and a relay in one space that may carry everything but state secrets: A publishes under labels, B is
 * cleared for all of it at security level 3, C is not, at level 2. Set up by the documented commands alone.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { leftFor } from '#agent/status/snapshot.ts';
import { Daemon } from './daemon.ts';
import { ownEndpoint } from './own-endpoint.ts';
import { until } from './until.ts';

export interface TrioOptions {
  readonly dir: string;
  /** Lines of YAML beneath `labels:` of A's space. */
  readonly labels: readonly string[];
  /** And of B's. */
  readonly readerLabels?: readonly string[];
  /** The highest label of the space; C's is RESTRICTED with basic personal data. */
  readonly label: string;
  /** More lines of an agency's configuration, by its key. */
  readonly more?: Readonly<Record<string, readonly string[]>>;
  /** The entry `stateCipher` of the members A and B in the terms. */
  readonly stateCipher?: string;
  /** Variables of an agency's process, by its key. */
  readonly env?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Rewrites a URL before it goes into a configuration: a test puts a proxy in between. */
  readonly via?: (url: string, from: string) => Promise<string>;
}

export const cLabel = 'RESTRICTED+PD:BASIC';

export class Trio implements AsyncDisposable {
  readonly a: Daemon;
  readonly b: Daemon;
  readonly c: Daemon;
  readonly relay: Daemon;
  readonly #options: TrioOptions;
  space = '';

  private constructor(options: TrioOptions, [a, b, c, relay]: readonly [Daemon, Daemon, Daemon, Daemon]) {
    this.#options = options;
    this.a = a;
    this.b = b;
    this.c = c;
    this.relay = relay;
  }

  static async create(options: TrioOptions): Promise<Trio> {
    await mkdir(options.dir, { recursive: true });
    const agency = (key: string, id: string, name: string) => makeAgency(options, key, id, name);
    const trio = new Trio(options, [
      agency('a', 'H29.12', 'Sở Nội vụ'),
      agency('b', 'H29.13', 'Sở Tài chính'),
      agency('c', 'H29.14', 'Sở Xây dựng'),
      makeRelay(options.dir),
    ]);
    for (const daemon of trio.daemons) await daemon.create();
    await trio.#agree();
    for (const daemon of trio.daemons) await trio.#configure(daemon);
    return trio;
  }

  get agencies(): readonly Daemon[] {
    return [this.a, this.b, this.c];
  }

  get daemons(): readonly Daemon[] {
    return [...this.agencies, this.relay];
  }

  readonly file = (daemon: Daemon, name: string): string => join(daemon.options.folder ?? '', name);

  /** The terms of the space with these agencies, as a file. */
  async terms(name: string, agencies: readonly Daemon[]): Promise<string> {
    const example = await readFile(new URL('../../config/agreement-terms.yaml', import.meta.url), 'utf8');
    const [texts] = example.split(/^# Mỗi thành viên/m);
    const file = join(this.#options.dir, name);
    const lines = agencies.map((daemon) => memberLine(daemon, this.#options));
    await writeFile(
      file,
      `${texts}members:\n${lines.join('\n')}\n  - { member: H29, contact: Trực vận hành }\n`,
    );
    return file;
  }

  async #agree(): Promise<void> {
    const { a, b, c, relay } = this;
    const file = join(this.#options.dir, 'space.agreement.json');
    const members = ['--member', `${b.cardFile}:publish,subscribe`, '--member', `${c.cardFile}:subscribe`];
    members.push('--relay', relay.cardFile, '--label', this.#options.label);
    const terms = ['--terms', await this.terms('terms.yaml', this.agencies)];
    await a.dongbo(
      'agreement',
      'new',
      '--state',
      a.state,
      '--name',
      'Hồ sơ chung',
      ...members,
      ...terms,
      '--out',
      file,
    );
    this.space = (JSON.parse(await readFile(file, 'utf8')) as { space: string }).space;
    await this.#signAndAccept(file, this.daemons);
  }

  async #signAndAccept(file: string, by: readonly Daemon[]): Promise<void> {
    const { a } = this;
    await a.dongbo('agreement', 'sign', '--state', a.state, file);
    for (const daemon of by) await daemon.dongbo('agreement', 'accept', '--state', daemon.state, file);
  }

  /** The revision without C, accepted by everybody else. */
  async removeC(): Promise<void> {
    const { a, b, relay, space } = this;
    const file = join(this.#options.dir, 'without-c.agreement.json');
    const terms = await this.terms('terms-without-c.yaml', [a, b]);
    const draft = [
      '--state',
      a.state,
      '--space',
      space,
      '--remove',
      'H29.14',
      '--terms',
      terms,
      '--out',
      file,
    ];
    await a.dongbo('agreement', 'amend', ...draft);
    await this.#signAndAccept(file, [a, b, relay]);
  }

  async #configure(daemon: Daemon): Promise<void> {
    const { relay, space } = this;
    const { via = async (url: string) => url, more = {}, labels, readerLabels } = this.#options;
    const key = keyOf(daemon);
    const peers = daemon === relay ? [] : [{ node: await relay.node(), url: await via(relay.url, key) }];
    await daemon.configure(space, peers);
    const plain = await readFile(daemon.configFile, 'utf8');
    const rules = daemon === this.a ? labels : daemon === this.b ? (readerLabels ?? []) : [];
    const own = rules.length > 0 ? `\n    labels:\n${rules.join('\n')}` : '';
    const text = plain.replace(/^ {4}folder: .*$/m, (line) => line + own);
    await writeFile(daemon.configFile, `${text}${(more[key] ?? []).map((line) => `${line}\n`).join('')}`);
  }

  async start(): Promise<void> {
    for (const daemon of this.daemons) daemon.start();
    await Promise.all(this.daemons.map((daemon) => daemon.ready()));
  }

  until(what: string, condition: () => Promise<boolean>, seconds = 90): Promise<void> {
    return until(what, condition, { seconds, daemons: this.daemons });
  }

  /** Until these have everything, and each has the receipts of the others of them. A problem of an item is no reason to wait. */
  async settled(agencies: readonly Daemon[] = this.agencies): Promise<void> {
    for (const daemon of agencies)
      await this.until(`${daemon.options.agency} to have everything confirmed`, async () => {
        const [space] = (await daemon.status())?.spaces ?? [];
        const known = space?.peers.every((peer) => leftFor(peer) === 0 && peer.heldSeq >= peer.theirSeq);
        return known === true && space?.pending === 0 && space.behind === 0;
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.daemons.map((daemon) => daemon[Symbol.asyncDispose]()));
  }
}

const keys: Readonly<Record<string, string>> = { 'H29.12': 'a', 'H29.13': 'b', 'H29.14': 'c', H29: 'relay' };
const keyOf = (daemon: Daemon): string => keys[daemon.options.agency] ?? '';

function memberLine(daemon: Daemon, { label, stateCipher }: TrioOptions): string {
  const { agency, name } = daemon.options;
  const isC = keyOf(daemon) === 'c';
  const system = `{ level: ${isC ? 2 : 3}, decision: 12/QĐ, date: "2026-07-15", validUntil: "2099-07-14" }`;
  const cipher = stateCipher && !isC ? `, stateCipher: ${stateCipher}` : '';
  const highest = isC ? cLabel : label;
  return `  - { member: ${agency}, contact: ${name}, highestLabel: ${highest}, system: ${system}${cipher} }`;
}

function makeAgency(options: TrioOptions, key: string, agency: string, name: string): Daemon {
  const home = join(options.dir, key);
  const env = options.env?.[key] ?? {};
  return new Daemon({ dir: home, agency, name, role: 'agent', folder: join(home, 'folder'), env });
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

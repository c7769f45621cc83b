/** A node with hostile names, agreements that end soon and are over, secret rules, an audit log; and its agent. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditLog } from '#agent/audit/audit-log.ts';
import { runDossier } from '#agent/cli/dossier.ts';
import { auditParts } from '#agent/cycle/audit-parts.ts';
import { signAgreement } from '#agent/seal/agreement.ts';
import { AgreementBook } from '#agent/seal/agreement-book.ts';
import { createIdentity, type Identity } from '#agent/seal/identity.ts';
import { signNotice } from '#agent/seal/notice.ts';
import { ControlServer } from '#agent/status/control.ts';
import { StatusServer } from '#agent/status/server.ts';
import { systemClock } from '#agent/sys/clock.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { facts, recording } from '#test/status/sample-facts.ts';
import { type TemporaryDir, temporaryDir } from '#test/sys/temporary-dir.ts';
import { sampleSystem } from '#test/trust/agreed.ts';
import { draft, makeParty } from '#test/trust/parties.ts';
import { captureIo } from './capture-io.ts';

export const hostile = `<script>alert(1)</script> | "B" & 'C' \`d\` [e](https://x.invalid)`;
/** Parts of names of items, and of patterns that name them. */
export const itemNames = ['Kế hoạch sáp nhập', 'Lương lãnh đạo', 'Đề án nhân sự'];
export const space = '00112233445566778899aabbccddeeff';

const io = { random: systemRandom, clock: systemClock };
const inDays = (days: number): string => new Date(Date.now() + days * 24 * 3_600_000).toISOString();

const labels = [
  '      - { path: "**", sensitivity: INTERNAL }',
  '      - { path: "/nhân sự/", sensitivity: RESTRICTED, personalData: BASIC }',
  `      - { path: "/${itemNames[1]}.xlsx", sensitivity: RESTRICTED }`,
  `      - { path: "${itemNames[2]}*", sensitivity: RESTRICTED }`,
  `      - { path: "/${itemNames[0]}/", secrecy: MAT, decidedBy: Ông A, decisionRef: 12/QĐ }`,
];

export class DossierNode implements AsyncDisposable {
  readonly identity: Identity;
  readonly #dir: TemporaryDir;

  private constructor(dir: TemporaryDir, identity: Identity) {
    this.#dir = dir;
    this.identity = identity;
  }

  static async create(): Promise<DossierNode> {
    const dir = await temporaryDir();
    const at = (name: string) => join(dir.path, name);
    await mkdir(at('state/keys'), { recursive: true });
    for (const name of ['state', 'state/keys']) await chmod(at(name), 0o700);
    await mkdir(at('folder'), { mode: 0o750 });
    for (const name of itemNames) await writeFile(at(`folder/${name}.txt`), name);
    const identity = await createIdentity(at('state/keys'), { agency: 'H29.12', name: hostile }, io);
    const node = new DossierNode(dir, identity);
    await node.#agree();
    await node.#log();
    await node.configure(1);
    return node;
  }

  at(name: string): string {
    return join(this.#dir.path, name);
  }

  get configFile(): string {
    return this.at('agent.yaml');
  }

  /** In force; H29.13's approval ends in 30 days, H29.14's is over. */
  async #agree(): Promise<void> {
    const others = [await makeParty('H29.13'), await makeParty('H29.14'), await makeParty('H29')] as const;
    const plain = draft(
      [
        [this.identity, 'publish'],
        [others[0], 'subscribe'],
        [others[1], 'subscribe'],
        [others[2], 'relay'],
      ],
      { name: hostile, notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2999-01-01T00:00:00.000Z' },
    );
    const ends = [inDays(400), inDays(30), '2026-01-02T00:00:00.000Z'];
    const members = plain.members.map((member, i) => ({
      ...member,
      contact: hostile,
      ...(ends[i] === undefined ? {} : { system: { ...sampleSystem, validUntil: ends[i] } }),
    }));
    const terms = { ...plain.terms, content: hostile };
    await (await this.#book()).accept(await signAgreement({ ...plain, members, terms }, this.identity));
  }

  #book(): Promise<AgreementBook> {
    return AgreementBook.open(this.at('state/agreements'), this.identity, systemClock);
  }

  async suspend(): Promise<void> {
    const book = await this.#book();
    const [agreement] = book.all();
    if (!agreement) throw new Error('no agreement');
    const words = { notice: 'suspend', reason: hostile, number: 1, now: Date.now() } as const;
    await book.acceptNotice(signNotice(agreement, words, this.identity));
  }

  async #log(): Promise<void> {
    const place = { state: this.at('state'), audit: { maxBytes: 2 ** 20 }, disk: nodeDisk, ...io };
    await using log = new AuditLog(auditParts(place, this.identity));
    await log.append('supplied', { agency: 'H29.13' });
    await log.append('supplied', { agency: 'H29.13' });
  }

  async configure(statusPort: number, more: readonly string[] = []): Promise<void> {
    const lines = [
      `state: ${this.at('state')}`,
      `status: { port: ${statusPort} }`,
      'listen: { port: 8443 }',
      'spaces:',
      `  - space: "${space}"`,
      `    folder: ${this.at('folder')}`,
      '    labels:',
      ...labels,
      'peers: [{ node: H29, url: "https://hub.invalid:8443" }]',
      ...more,
    ];
    await writeFile(this.configFile, lines.join('\n'));
  }

  /** An agent that answers, with a halt and problems; `reads` are those it put on record. */
  async serve() {
    const halt = {
      code: 'MASS_DELETE_LOCAL' as const,
      needsRelease: true,
      details: { items: 40, deletes: 30 },
    };
    const problemCodes = { NAME_CLASH: 3, STORE_READ_FAILED: 1 };
    const { recorder } = recording(() => [facts({ halt, problems: 4, problemCodes })]);
    recorder.emit({ type: 'agent.started', agency: 'H29.12', node: this.identity.node, role: 'agent' });
    const status = await StatusServer.listen({ port: 0, recorder, emit: () => {} });
    const reads: string[] = [];
    const commands = {
      release: async () => undefined,
      rescan: async () => {},
      auditRead: async (by: string, command: string) => void reads.push(`${by} ${command}`),
    };
    const control = await ControlServer.listen({ path: this.at('state/control.sock'), commands });
    await this.configure(status.port);
    const close = async () => {
      await status[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
    };
    return { reads, [Symbol.asyncDispose]: close };
  }

  /** What the command prints. */
  async dossier(format: string, lang: 'en' | 'vi' = 'en', more: object = {}) {
    const shown = captureIo({ lang });
    const places = {
      units: [this.at('units')],
      passwd: '/etc/passwd',
      group: '/etc/group',
    };
    const code = await runDossier({ config: this.configFile, format, ...more }, shown, places);
    return { code, out: shown.outLines.join('\n'), err: shown.errLines.join('\n') };
  }

  /** Every secret of the keys directory, as it may be written. */
  async secrets(): Promise<string[]> {
    const files = ['sign.key', 'wrap.key', 'p384-sign.key', 'p384-wrap.key', 'tls.key'];
    const texts = await Promise.all(files.map((file) => readFile(this.at(`state/keys/${file}`), 'utf8')));
    return texts.flatMap((text) =>
      text.split('\n').filter((line) => line.length > 20 && !line.includes('-----')),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dir[Symbol.asyncDispose]();
  }
}

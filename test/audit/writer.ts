/** An audit log in a directory of its own, signed by a key made for the test. */
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditLog, type AuditLogParts } from '#agent/audit/audit-log.ts';
import { verifyLog } from '#agent/audit/verify.ts';
import type { Witness } from '#agent/audit/witness-file.ts';
import { parseNodeId } from '#agent/core/ids.ts';
import { signingBytes } from '#agent/core/signing.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { systemRandom } from '#agent/sys/random.ts';
import { type TemporaryDir, temporaryDir } from '#test/sys/temporary-dir.ts';
import { SetClock } from '#test/trust/parties.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const node = parseNodeId('ab'.repeat(32));

export class LogUnderTest implements AsyncDisposable {
  readonly clock = new SetClock();
  readonly parts: AuditLogParts;
  readonly #dir: TemporaryDir;
  log: AuditLog;

  private constructor(dir: TemporaryDir, parts: Partial<AuditLogParts>) {
    this.#dir = dir;
    this.parts = {
      ...{ dir: join(dir.path, 'audit'), disk: nodeDisk, random: systemRandom, clock: this.clock, node },
      sign: (bytes) => new Uint8Array(sign(null, signingBytes('audit', bytes), privateKey)),
      verify: (_node, domain, bytes, signature) =>
        verify(null, signingBytes(domain, bytes), publicKey, signature),
      maxBytes: 1024 * 1024,
      ...parts,
    };
    this.log = new AuditLog(this.parts);
  }

  static async create(parts: Partial<AuditLogParts> = {}): Promise<LogUnderTest> {
    return new LogUnderTest(await temporaryDir(), parts);
  }

  get dir(): string {
    return this.parts.dir;
  }

  /** Ends the writer as a crash would for what was not acknowledged, and begins another. */
  async restart(disk: Disk = nodeDisk): Promise<void> {
    await this.log[Symbol.asyncDispose]();
    this.log = new AuditLog({ ...this.parts, disk });
  }

  async write(count: number, type = 'supplied'): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.clock.ms += 1000;
      await this.log.append(type, { n: i, agency: 'H29.13' });
    }
  }

  verify(witnesses: readonly Witness[] = []) {
    return verifyLog({ ...this.parts, disk: nodeDisk }, witnesses);
  }

  async files(): Promise<string[]> {
    return (await readdir(this.dir)).filter((name) => name.endsWith('.jsonl')).sort();
  }

  async only(): Promise<string> {
    return join(this.dir, (await this.files())[0] ?? 'none');
  }

  async lines(): Promise<string[]> {
    const texts = await Promise.all((await this.files()).map((f) => readFile(join(this.dir, f), 'utf8')));
    return texts.join('').trimEnd().split('\n');
  }

  async types(): Promise<string[]> {
    return (await this.lines()).map((line) => (JSON.parse(line) as { type: string }).type);
  }

  append = (text: string | Uint8Array): Promise<void> => this.only().then((f) => appendFile(f, text));
  put = (path: string, text: string | Uint8Array): Promise<void> => writeFile(path, text);

  async [Symbol.asyncDispose](): Promise<void> {
    await this.log[Symbol.asyncDispose]();
    await this.#dir[Symbol.asyncDispose]();
  }
}

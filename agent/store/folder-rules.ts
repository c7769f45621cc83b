/** The ignore rules of one folder, read again when `.dongboignore` changes. */
import { DongboError } from '#agent/core/errors.ts';
import type { DiskFacts } from '#agent/core/item.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { diskErrno } from './disk-errno.ts';
import { factsOf, sameFacts } from './facts.ts';
import { IgnoreRules, ignoreFile } from './ignore.ts';
import type { FoundKind } from './store.ts';

/** A longer file of rules is no file of rules. */
const maxBytes = 1024 * 1024;
/** An editor may empty or replace the file while it saves: the rules before stay until the new ones are this old. */
export const settleMs = 2000;

export type Reloaded = 'same' | 'unsettled' | 'changed';

export class FolderRules {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #file: string;
  readonly #configured: string;
  #rules: IgnoreRules;
  #loaded: { readonly facts: DiskFacts | undefined } | undefined;
  #coming: { readonly facts: DiskFacts | undefined; readonly since: number } | undefined;

  constructor(disk: Disk, clock: Clock, root: string, configured: readonly string[]) {
    this.#disk = disk;
    this.#clock = clock;
    this.#file = `${root}/${ignoreFile}`;
    this.#configured = configured.join('\n');
    this.#rules = new IgnoreRules([this.#configured]);
  }

  get loaded(): boolean {
    return this.#loaded !== undefined;
  }

  excludes(path: string, kind: FoundKind): boolean {
    return this.#rules.excludes(path, kind);
  }

  /**
   * Takes over new rules once they are settled. Throws STORE_RULES_UNREADABLE ({reason}) when a file of rules is there
   * and cannot be used: what was to be left out must not be shared by accident.
   */
  async reload(): Promise<Reloaded> {
    const facts = await this.#look();
    if (this.#loaded && same(this.#loaded.facts, facts)) {
      this.#coming = undefined;
      return 'same';
    }
    if (this.#loaded && !this.#settled(facts)) return 'unsettled';
    this.#rules = new IgnoreRules([this.#configured, facts ? await this.#read() : '']);
    this.#loaded = { facts };
    this.#coming = undefined;
    return 'changed';
  }

  #settled(facts: DiskFacts | undefined): boolean {
    const now = this.#clock.monotonic();
    if (this.#coming && same(this.#coming.facts, facts)) return now - this.#coming.since >= settleMs;
    this.#coming = { facts, since: now };
    return false;
  }

  async #look(): Promise<DiskFacts | undefined> {
    try {
      const stat = await this.#disk.lstat(this.#file);
      if (stat.kind !== 'file') throw unreadable(stat.kind);
      if (stat.size > maxBytes) throw unreadable('EFBIG');
      return factsOf(stat);
    } catch (error) {
      const errno = diskErrno(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
      throw errno === undefined ? error : unreadable(errno, error);
    }
  }

  async #read(): Promise<string> {
    try {
      await using file = await this.#disk.openRead(this.#file);
      const bytes = new Uint8Array(maxBytes);
      const count = await file.read(bytes, 0);
      return new TextDecoder().decode(bytes.subarray(0, count));
    } catch (error) {
      throw unreadable(diskErrno(error) ?? 'unknown', error);
    }
  }
}

const same = (a: DiskFacts | undefined, b: DiskFacts | undefined): boolean =>
  a === undefined || b === undefined ? a === b : sameFacts(a, b);

const unreadable = (reason: string, cause?: unknown): DongboError =>
  new DongboError('STORE_RULES_UNREADABLE', { reason }, { retry: 'later', cause });

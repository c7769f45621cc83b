/**
 * The ignore rules of one folder, read again when `.dongboignore` changes. What the file kept back is not shared because
 * the file is gone: its rules stay, over restarts too, until there is one again.
 */
import { DongboError } from '#agent/core/errors.ts';
import type { SpaceId } from '#agent/core/ids.ts';
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

/** Keeps the text of the last file of rules. */
export interface RulesMemory {
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

export type Reloaded = 'same' | 'unsettled' | 'changed';

export interface FolderRulesParts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly root: string;
  readonly configured: readonly string[];
  readonly memory: RulesMemory;
}

export class FolderRules {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #file: string;
  readonly #configured: string;
  readonly #memory: RulesMemory;
  #rules: IgnoreRules;
  #loaded: { readonly facts: DiskFacts | undefined } | undefined;
  #coming: { readonly facts: DiskFacts | undefined; readonly since: number } | undefined;

  /** Whether rules are in force whose file is gone. */
  gone = false;

  constructor({ disk, clock, root, configured, memory }: FolderRulesParts) {
    this.#disk = disk;
    this.#clock = clock;
    this.#file = `${root}/${ignoreFile}`;
    this.#configured = configured.join('\n');
    this.#memory = memory;
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
    const before = (await this.#memory.read()) ?? '';
    const text = facts ? await this.#read() : before;
    if (text !== before) await this.#memory.write(text);
    this.#rules = new IgnoreRules([this.#configured, text]);
    this.gone = facts === undefined && text.trim() !== '';
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

export function rulesInMemory(): RulesMemory {
  let kept: string | undefined;
  return {
    read: async () => kept,
    write: async (text) => {
      kept = text;
    },
  };
}

/** In the state of a node. */
export const rulesIn = (
  state: {
    getMeta(name: string): Promise<string | undefined>;
    putMeta(name: string, text: string): Promise<void>;
  },
  space: SpaceId,
): RulesMemory => ({
  read: () => state.getMeta(`ignored/${space}`),
  write: (text) => state.putMeta(`ignored/${space}`, text),
});

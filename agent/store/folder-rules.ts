/**
 * The ignore rules of one folder, read again when `.dongboignore` changes. A copy in our own folder is in force where that
 * file is gone or empty: an accident with one file must not share what it kept back. Only a file that says so ends them.
 */
import { DongboError, type Problem } from '#agent/core/errors.ts';
import type { DiskFacts } from '#agent/core/item.ts';
import { privateFolder } from '#agent/core/path.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { makeDirDurable, writeFileDurable } from '#agent/sys/durable.ts';
import { diskErrno } from './disk-errno.ts';
import { factsOf, sameFacts } from './facts.ts';
import { hasPatterns, IgnoreRules, ignoreFile, lockFiles } from './ignore.ts';
import type { FoundKind } from './store.ts';

/** A longer file of rules is no file of rules. */
const maxBytes = 1024 * 1024;
/**
 * An editor may empty or replace the file while it saves: what it left out stays left out until what it says now is this
 * old. What it leaves out now counts at once.
 */
export const settleMs = 2000;

export type Reloaded = 'same' | 'unsettled' | 'changed';

interface Coming {
  readonly facts: DiskFacts | undefined;
  readonly since: number;
  /** Beside those before. */
  readonly rules: IgnoreRules | undefined;
}

export class FolderRules {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #file: string;
  readonly #folder: string;
  readonly #configured: string;
  readonly #keeps: boolean;
  #rules: IgnoreRules;
  /** The text in force; undefined where there never was one. */
  #text: string | undefined;
  /** `facts`: of the file that says so; undefined where none does. */
  #loaded: { readonly facts: DiskFacts | undefined } | undefined;
  #coming: Coming | undefined;

  /** `keeps`: false for who only looks, and writes no copy. */
  constructor(disk: Disk, clock: Clock, root: string, configured: readonly string[], keeps = true) {
    this.#keeps = keeps;
    this.#disk = disk;
    this.#clock = clock;
    this.#file = `${root}/${ignoreFile}`;
    this.#folder = `${root}/${privateFolder}`;
    this.#configured = configured.join('\n');
    this.#rules = this.#rulesOf('');
  }

  get loaded(): boolean {
    return this.#loaded !== undefined;
  }

  /** While rules are in force that no file says any more. */
  get gone(): Problem | undefined {
    const isGone = this.#loaded?.facts === undefined && hasPatterns(this.#text ?? '');
    return isGone ? { code: 'IGNORE_FILE_GONE', path: ignoreFile, details: {} } : undefined;
  }

  excludes(path: string, kind: FoundKind): boolean {
    return this.#rules.excludes(path, kind) || (this.#coming?.rules?.excludes(path, kind) ?? false);
  }

  /**
   * Takes over new rules once they are settled. Throws STORE_RULES_UNREADABLE ({reason}) when a file of rules is there
   * and cannot be used: what was to be left out must not be shared by accident.
   */
  async reload(): Promise<Reloaded> {
    const before = this.#loaded ?? (await this.#begin());
    const found = await this.#look(this.#file);
    if (before && same(before.facts, found)) {
      const first = this.#loaded === undefined;
      this.#loaded = before;
      this.#coming = undefined;
      return first ? 'changed' : 'same';
    }
    // It may have been emptied since it was looked at.
    const text = (found && (await this.#read(this.#file))) || undefined;
    const facts = text === undefined ? undefined : found;
    this.#loaded = before;
    if (before && !this.#settled(facts, text)) return 'unsettled';
    await this.#take(facts, text);
    return 'changed';
  }

  /** What the folder was under when it was last looked at; undefined when it never was. */
  async #begin(): Promise<{ readonly facts: DiskFacts | undefined } | undefined> {
    const copy = `${this.#folder}/${ignoreFile}`;
    if (!(await this.#look(copy))) return undefined;
    const text = await this.#read(copy);
    this.#text = text;
    this.#rules = this.#rulesOf(text);
    const facts = await this.#look(this.#file);
    return { facts: facts && (await this.#read(this.#file)) === text ? facts : undefined };
  }

  /** The copy is durable before the rules before are over. */
  async #take(facts: DiskFacts | undefined, text: string | undefined): Promise<void> {
    if (text !== undefined && text !== this.#text && this.#keeps) {
      await makeDirDurable(this.#folder, 0o700, this.#disk);
      const of = { mode: 0o600, disk: this.#disk };
      await writeFileDurable(`${this.#folder}/${ignoreFile}`, new TextEncoder().encode(text), of);
    }
    this.#text = text ?? this.#text;
    this.#rules = this.#rulesOf(this.#text ?? '');
    this.#loaded = { facts };
    this.#coming = undefined;
  }

  #rulesOf(text: string): IgnoreRules {
    return new IgnoreRules([lockFiles, this.#configured, text]);
  }

  #settled(facts: DiskFacts | undefined, text: string | undefined): boolean {
    const now = this.#clock.monotonic();
    if (this.#coming && same(this.#coming.facts, facts)) return now - this.#coming.since >= settleMs;
    this.#coming = { facts, since: now, rules: text === undefined ? undefined : this.#rulesOf(text) };
    return false;
  }

  /** Undefined when it is not there, or says nothing: that a crash or a full disk leaves too. */
  async #look(path: string): Promise<DiskFacts | undefined> {
    try {
      const stat = await this.#disk.lstat(path);
      if (stat.kind !== 'file') throw unreadable(stat.kind);
      if (stat.size > maxBytes) throw unreadable('EFBIG');
      return stat.size === 0 ? undefined : factsOf(stat);
    } catch (error) {
      const errno = diskErrno(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
      throw errno === undefined ? error : unreadable(errno, error);
    }
  }

  async #read(path: string): Promise<string> {
    try {
      await using file = await this.#disk.openRead(path);
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

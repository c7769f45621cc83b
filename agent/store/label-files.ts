/**
 * The label files of a folder store, read before anything else of their folders. One that cannot be used hides what is
 * beneath it: it may have made a secret of anything there.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Problem } from '#agent/core/errors.ts';
import type { DiskFacts } from '#agent/core/item.ts';
import { isSecrecy, type LabelRule } from '#agent/core/label-rules.ts';
import type { Texts } from '#agent/core/label-texts.ts';
import { joinPath, parentOf } from '#agent/core/path.ts';
import type { PlacedRule } from '#agent/core/secret-rules.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk, DiskStat } from '#agent/sys/disk.ts';
import type { LstatAll } from '#agent/sys/lstat-all.ts';
import { diskErrno } from './disk-errno.ts';
import { factsOf, sameFacts } from './facts.ts';
import { labelFile } from './ignore.ts';
import { faultOf, type LabelFault, maxLabelFileBytes, parseLabelText } from './label-file.ts';
import { RuleSet } from './rule-set.ts';

export interface LabelFileParts {
  readonly disk: Disk;
  readonly lstatAll: LstatAll;
  readonly clock: Clock;
  readonly root: string;
}

/** An editor may empty a file while it saves: what it said before holds beside the new until that is this old. */
export const settleMs = 2000;
/** Beyond, the oldest go; what they made a secret stays one all the same. */
const maxSets = 16;
const maxFiles = 500;
const maxRulesOfAll = 2000;

interface Held {
  readonly facts: DiskFacts | undefined;
  readonly sets: readonly RuleSet[];
  /** As it said when it was last sound; of one that is gone, what of that is in force. */
  readonly rules: readonly LabelRule[];
  readonly fault?: LabelFault;
  /** Monotonic ms; undefined when nothing of before is among `sets`. */
  readonly since?: number;
}

type Read = Pick<Held, 'sets' | 'rules' | 'fault'>;

export class LabelFiles {
  readonly #parts: LabelFileParts;
  readonly #held = new Map<string, Held>();
  readonly #startedMs: number;

  /** `texts`: what those said that an earlier run has read. */
  constructor(parts: LabelFileParts, texts: Texts = new Map()) {
    this.#parts = parts;
    this.#startedMs = parts.clock.now();
    for (const [dir, rules] of texts)
      this.#held.set(dir, { facts: undefined, rules, sets: [goneSet(dir, rules)] });
  }

  get any(): boolean {
    return this.#held.size > 0;
  }

  /** Of the folders above `path`, from the root down. */
  *over(path: string): Generator<RuleSet> {
    if (!this.any) return;
    for (const dir of above(path)) yield* this.#held.get(dir)?.sets ?? [];
  }

  /** What each said when it was last sound, by its folder. */
  get texts(): Texts {
    return new Map(
      [...this.#held].flatMap(([dir, { rules }]) => (rules.length > 0 ? [[dir, rules] as const] : [])),
    );
  }

  /** The label file of `dir` is in force, and not there. */
  goneIn(dir: string): Problem | undefined {
    const held = this.#held.get(dir);
    if (!held || held.facts !== undefined || held.fault || held.since !== undefined) return undefined;
    if (held.sets.every(({ rules }) => rules.length === 0)) return undefined;
    return { code: 'LABEL_FILE_GONE', path: joinPath(dir, labelFile), details: {} };
  }

  /** Rules of theirs that make state secrets. */
  get secrets(): readonly PlacedRule[] {
    return [...this.#held.values()].flatMap(({ sets }) => sets.flatMap((set) => set.secrets));
  }

  /** The label file that hides `path`, and what is wrong with it. */
  brokenOver(path: string): Problem | undefined {
    if (!this.any) return undefined;
    for (const dir of above(path)) {
      const fault = this.#held.get(dir)?.fault;
      if (fault) return { code: 'LABEL_FILE_BROKEN', path: joinPath(dir, labelFile), details: fault };
    }
    return undefined;
  }

  /**
   * Reads those of `dir` and of every folder above it that are new or changed. `read`: there were such. `changed`: what
   * was looked at before may stand under other rules now. `unsettled`: old rules still hold beside new ones.
   */
  async enter(
    dir: string,
    signal: AbortSignal,
  ): Promise<{ read: boolean; changed: boolean; unsettled: boolean }> {
    // With the root all others too: one may be gone together with its folder.
    const dirs = [...new Set([...above(joinPath(dir, labelFile)), ...(dir === '' ? this.#held.keys() : [])])];
    const names = dirs.map((one) => joinPath(one, labelFile));
    const stats = await this.#parts.lstatAll(this.#parts.root, names, signal);
    const gone = await this.#foldersGone(
      dirs.filter((one, i) => isAbsent(stats[i]) && this.#held.has(one)),
      signal,
    );
    const taken = { read: false, changed: false, unsettled: false };
    for (const [i, one] of dirs.entries()) {
      const before = this.#held.get(one);
      const changed = await this.#take(one, stats[i], gone.has(one));
      taken.changed ||= changed;
      taken.read ||= before !== this.#held.get(one);
      taken.unsettled ||= this.#held.get(one)?.since !== undefined;
    }
    return taken;
  }

  /** Those that are gone themselves: what was said of them says nothing any more. */
  async #foldersGone(dirs: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    const below = dirs.filter((dir) => dir !== '');
    if (below.length === 0) return new Set();
    const stats = await this.#parts.lstatAll(this.#parts.root, below, signal);
    return new Set(below.filter((_, i) => isGone(stats[i])));
  }

  /** Whether its rules changed. */
  async #take(dir: string, stat: DiskStat | Error | undefined, folderGone: boolean): Promise<boolean> {
    const before = this.#held.get(dir);
    const isThere = stat !== undefined && !isAbsent(stat);
    if (!isThere && !before) return false;
    const facts = isThere && !(stat instanceof Error) ? factsOf(stat) : undefined;
    const isKnown = before && same(before.facts, facts) && (isThere || !before.fault);
    if (isKnown && !(folderGone && before.rules.length > 0)) return this.#settle(dir, before);
    const kept = before?.rules ?? [];
    const read = isThere ? await this.#read(dir, stat, kept) : goneOf(dir, folderGone ? [] : kept);
    // It is back, or found as it was before the start.
    const isBack =
      before !== undefined &&
      isThere &&
      !before.facts &&
      !before.fault &&
      isDeepStrictEqual(read.rules, kept);
    // What a broken one said before is hidden with all the rest; what it shared stays as it was.
    const old = before && !isBack ? before.sets : [];
    const since = old.length > 0 ? { since: this.#parts.clock.monotonic() } : {};
    this.#held.set(dir, { facts, ...read, sets: [...read.sets, ...old].slice(0, maxSets), ...since });
    if (!isThere && this.#held.get(dir)?.sets.length === 0) this.#held.delete(dir);
    return (before !== undefined && !isBack) || this.#isNew(facts);
  }

  /** At the start each file is new to us, and nothing has been looked at under other rules. */
  #isNew(facts: DiskFacts | undefined): boolean {
    return facts === undefined || Number(facts.ctimeNs / 1_000_000n) >= this.#startedMs - settleMs;
  }

  #settle(dir: string, held: Held): boolean {
    if (held.since === undefined || this.#parts.clock.monotonic() - held.since < settleMs) return false;
    const { since: _, ...rest } = held;
    const [newest] = held.sets;
    if (held.facts === undefined && !held.fault && held.rules.length === 0) this.#held.delete(dir);
    else this.#held.set(dir, { ...rest, sets: newest && !held.fault ? [newest] : [] });
    return true;
  }

  async #read(dir: string, stat: DiskStat | Error, rules: readonly LabelRule[]): Promise<Read> {
    const limit = maxLabelFileBytes;
    const unusable = { sets: [], rules, fault: faultOf([], 'label-file', { limit }) };
    if (stat instanceof Error || stat.kind !== 'file' || stat.size > limit) return unusable;
    const file = joinPath(dir, labelFile);
    const text = await this.#text(file, limit).catch(() => undefined);
    if (text === undefined) return unusable;
    const parsed = parseLabelText(text);
    if ('fault' in parsed) return { sets: [], rules, fault: parsed.fault };
    if (!this.#hasRoom(dir, parsed.rules.length)) {
      const details = { limit: maxFiles, rules: maxRulesOfAll };
      return { sets: [], rules, fault: faultOf([], 'label-files-few', details) };
    }
    return { sets: [new RuleSet(dir, parsed.rules, { file })], rules: parsed.rules };
  }

  #hasRoom(dir: string, rules: number): boolean {
    let all = rules;
    for (const [at, { sets }] of this.#held)
      if (at !== dir) all += sets.reduce((sum, set) => sum + set.rules.length, 0);
    return all <= maxRulesOfAll && (this.#held.has(dir) || this.#held.size < maxFiles);
  }

  async #text(file: string, limit: number): Promise<string> {
    await using opened = await this.#parts.disk.openRead(`${this.#parts.root}/${file}`);
    const bytes = new Uint8Array(limit + 1);
    let filled = 0;
    for (let n = 1; n > 0 && filled <= limit; filled += n)
      n = await opened.read(bytes.subarray(filled), filled);
    if (filled > limit) throw new RangeError('grown meanwhile');
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, filled));
  }
}

/** A file without a byte is none: so an editor, a crash or a full disk leaves it. */
const isAbsent = (stat: DiskStat | Error | undefined): boolean =>
  stat === undefined || isGone(stat) || (!(stat instanceof Error) && stat.kind === 'file' && stat.size === 0);

const isGone = (stat: DiskStat | Error | undefined): boolean =>
  stat instanceof Error && ['ENOENT', 'ENOTDIR'].includes(diskErrno(stat) ?? '');

/** What makes secrets stays in force by itself (`core/secret-rules.ts`), and a person lifts it there. */
function goneOf(dir: string, rules: readonly LabelRule[]): Read {
  const stay = rules.filter(({ secrecy }) => !isSecrecy(secrecy));
  return { rules: stay, sets: stay.length > 0 ? [goneSet(dir, stay)] : [] };
}

const goneSet = (dir: string, rules: readonly LabelRule[]): RuleSet =>
  new RuleSet(
    dir,
    rules.filter(({ secrecy }) => !isSecrecy(secrecy)),
    { file: joinPath(dir, labelFile), gone: true },
  );

/** The root, then each folder above `path`. */
function* above(path: string): Generator<string> {
  yield '';
  const dir = parentOf(path);
  for (let at = dir.indexOf('/'); at >= 0; at = dir.indexOf('/', at + 1)) yield dir.slice(0, at);
  if (dir !== '') yield dir;
}

const same = (a: DiskFacts | undefined, b: DiskFacts | undefined): boolean =>
  a === undefined || b === undefined ? a === b : sameFacts(a, b);

/**
 * Compares the disk with the index, directory by directory. Memory: one listing, and the directories still to be
 * visited. A delete is only reported where a whole listing of the known root misses an item (accident 3).
 */
import { DongboError, isCode, type Problem } from '#agent/core/errors.ts';
import type { Row } from '#agent/core/item.ts';
import { joinPath, parentOf } from '#agent/core/path.ts';
import { byteOrder } from './byte-order.ts';
import { isKnownDir, isLocal, isShort, kindOfRow, mayHold, sameAsRow } from './scan-row.ts';
import { type Found, isProblem, type Listing, type Store } from './store.ts';

/** Directories come before what they hold, for `changed` and for `gone`. */
export type Observation =
  | { readonly type: 'same'; readonly found: Found; readonly row: Row | undefined }
  /**
   * `replacesDir`: where the index has a directory; what was in it is reported gone. `short`: a file that holds less
   * than the index says, or that is held for that.
   */
  | {
      readonly type: 'changed';
      readonly found: Found;
      readonly replacesDir?: true;
      readonly short?: true;
    }
  | { readonly type: 'gone'; readonly path: string }
  | { readonly type: 'problem'; readonly problem: Problem };

export interface ScanIndex {
  row(path: string): Promise<Row | undefined>;
  /** Direct children in the order of the bytes of their names. */
  children(dir: string): AsyncIterable<readonly [name: string, row: Row]>;
}

export interface ScanOptions {
  readonly store: Pick<Store, 'check' | 'list' | 'look' | 'excludes' | 'isUnlisted'>;
  readonly index: ScanIndex;
  /** One directory, or the whole tree when undefined. */
  readonly under: string | undefined;
  /** False: only `under`, and below it what is new there, for the watch too, or gone. */
  readonly recursive: boolean;
  readonly signal: AbortSignal;
}

/** A directory to visit; `gone` when it is not on disk any more and only the index has something to say. */
interface Visit {
  readonly dir: string;
  readonly gone: boolean;
}

type Observations = AsyncGenerator<Observation, void, undefined>;

/**
 * Throws STORE_LIST_FAILED when the root (or `under`'s nearest known directory, if that is the root) cannot be listed,
 * and the code of a halt when the root stopped being ours meanwhile. A directory further down that cannot be listed is
 * one problem, and nothing beneath it is reported.
 */
export async function* scanTree(options: ScanOptions): Observations {
  const start = await scanStart(options);
  const stack: Visit[] = start === undefined ? [] : [{ dir: start, gone: false }];
  for (let visit = stack.pop(); visit; visit = stack.pop()) {
    options.signal.throwIfAborted();
    const below: Visit[] = [];
    yield* visit.gone ? visitGone(options, visit.dir, below) : visitDir(options, visit.dir, below);
    for (const next of below.reverse()) stack.push(next);
  }
}

/** A hint may name a directory that is new, gone or no directory any more: its parent's listing tells. */
export async function scanStart({
  store,
  index,
  under,
}: Pick<ScanOptions, 'store' | 'index' | 'under'>): Promise<string | undefined> {
  let dir = under ?? '';
  if (store.excludes(dir, 'dir')) return undefined;
  while (dir !== '') {
    const local = (await index.row(dir))?.local;
    const looked = local?.state.kind === 'dir' ? await store.look(dir) : undefined;
    if (looked && !isProblem(looked) && looked.kind === 'dir') return dir;
    dir = parentOf(dir);
  }
  return dir;
}

/** Hints for what is new or gone lead to the directory above: each is looked at once, or changes are published twice. */
export async function scanStarts({
  under,
  ...of
}: Pick<ScanOptions, 'store' | 'index'> & { readonly under: readonly string[] }): Promise<
  ReadonlySet<string>
> {
  const starts = new Set<string>();
  for (const dir of under) {
    const start = await scanStart({ ...of, under: dir });
    if (start !== undefined) starts.add(start);
  }
  return starts;
}

async function* visitDir(options: ScanOptions, dir: string, below: Visit[]): Observations {
  const listing = await listOrProblem(options, dir);
  if (!listing) return;
  if ('code' in listing) return yield { type: 'problem', problem: listing };
  for (const problem of listing.problems) yield { type: 'problem', problem };
  const troubled = new Set(listing.problems.map((problem) => problem.path));
  const { entries } = listing;
  let next = 0;
  let trusted = false;
  for await (const [path, row] of orderedChildren(options.index, dir)) {
    for (; next < entries.length && byteOrder(entryPath(entries, next), path) < 0; next++) {
      yield* present(options, entries[next], undefined, below);
    }
    if (next < entries.length && entryPath(entries, next) === path) {
      yield* present(options, entries[next++], row, below);
    } else if (!troubled.has(path) && (isLocal(row) || mayHold(row))) {
      if (!trusted) await requireKnownRoot(options);
      trusted = true;
      yield* missing(options, path, row, below);
    }
  }
  for (; next < entries.length; next++) yield* present(options, entries[next], undefined, below);
}

const entryPath = (entries: readonly Found[], i: number): string => entries[i]?.path ?? '';

/** Undefined when the directory went away since its parent was listed: the next look at the parent tells. */
async function listOrProblem(options: ScanOptions, dir: string): Promise<Listing | Problem | undefined> {
  try {
    return await options.store.list(dir, options.signal);
  } catch (error) {
    if (dir === '' || !isCode(error, 'STORE_LIST_FAILED')) throw error;
    if (error.details.errno === 'ENOENT') return undefined;
    return { code: error.code, path: dir, details: error.details };
  }
}

/** An index out of order would make deletes of what is there. */
async function* orderedChildren(index: ScanIndex, dir: string): AsyncGenerator<readonly [string, Row]> {
  let before = '';
  for await (const [name, row] of index.children(dir)) {
    if (byteOrder(name, before) <= 0) throw new DongboError('INVARIANT', { what: 'index out of order' });
    before = name;
    yield [joinPath(dir, name), row];
  }
}

async function requireKnownRoot({ store }: ScanOptions): Promise<void> {
  const halt = await store.check();
  if (halt) throw new DongboError(halt.code, halt.details, { retry: 'later' });
}

function* present(
  options: ScanOptions,
  found: Found | undefined,
  row: Row | undefined,
  below: Visit[],
): Generator<Observation, void, undefined> {
  if (!found) return;
  const replacesDir = found.kind !== 'dir' && row?.local?.state.kind === 'dir';
  const more = { ...(replacesDir && { replacesDir }), ...(isShort(found, row) && { short: true as const }) };
  yield sameAsRow(found, row) ? { type: 'same', found, row } : { type: 'changed', found, ...more };
  const enters = () => options.recursive || !isKnownDir(found, row) || options.store.isUnlisted?.(found.path);
  if (found.kind === 'dir' && enters()) below.push({ dir: found.path, gone: false });
  if (found.kind !== 'dir' && row && mayHold(row)) below.push({ dir: found.path, gone: true });
}

/** The listing missed it. A last look makes sure, for the index may have learnt of it after the listing. */
async function* missing(options: ScanOptions, path: string, row: Row, below: Visit[]): Observations {
  if (options.store.excludes(path, kindOfRow(row))) return;
  const looked = await options.store.look(path);
  if (looked) {
    if (isProblem(looked)) yield { type: 'problem', problem: looked };
    else yield* present(options, looked, row, below);
    return;
  }
  if (isLocal(row)) yield { type: 'gone', path };
  if (mayHold(row)) below.push({ dir: path, gone: true });
}

async function* visitGone(options: ScanOptions, dir: string, below: Visit[]): Observations {
  for await (const [path, row] of orderedChildren(options.index, dir)) {
    if (options.store.excludes(path, kindOfRow(row))) continue;
    if (isLocal(row)) yield { type: 'gone', path };
    if (mayHold(row)) below.push({ dir: path, gone: true });
  }
}

/**
 * Counts the directories of a tree against what the kernel allows, before the first watch is set. Accident 15: a limit
 * that is met silently makes a watcher blind, and nobody knows how many watches a tree needs.
 */
import { joinPath } from '#agent/core/path.ts';
import type { Disk, DiskStat } from '#agent/sys/disk.ts';
import type { LstatAll } from '#agent/sys/lstat-all.ts';

export interface WatchLimits {
  /** fs.inotify.max_user_watches: directories that all programs of this user may watch together. */
  readonly watches: number;
  /** fs.inotify.max_user_instances. */
  readonly instances: number;
  /** fs.inotify.max_queued_events: beyond, the kernel drops events. */
  readonly queued: number;
}

/** Infinity where the kernel does not say. */
export async function readWatchLimits(disk: Disk): Promise<WatchLimits> {
  const [watches, instances, queued] = await Promise.all(
    ['max_user_watches', 'max_user_instances', 'max_queued_events'].map((name) => readLimit(disk, name)),
  );
  return { watches: watches ?? Infinity, instances: instances ?? Infinity, queued: queued ?? Infinity };
}

async function readLimit(disk: Disk, name: string): Promise<number> {
  try {
    await using file = await disk.openRead(`/proc/sys/fs/inotify/${name}`);
    const bytes = new Uint8Array(32);
    const count = await file.read(bytes, 0);
    const limit = Number.parseInt(new TextDecoder().decode(bytes.subarray(0, count)), 10);
    return Number.isNaN(limit) ? Infinity : limit;
  } catch {
    return Infinity;
  }
}

/** Part of the kernel's limit that is left to the other programs of this user. */
const ours = 0.9;
/** Each watched directory costs about 11 KB here: at most this many, so that memory stays bounded. */
export const maxWatched = 10_000;

export interface WatchPlan {
  readonly plan: 'watch' | 'scan';
  /** Counted; with 'scan' only as far as the limit. */
  readonly directories: readonly string[];
  readonly limit: number;
  /** True when it is the kernel's limit that is too low, so that raising it helps. */
  readonly kernel: boolean;
}

export interface CountParts {
  readonly disk: Disk;
  readonly lstatAll: LstatAll;
  readonly root: string;
  readonly excludes: (path: string, kind: 'dir') => boolean;
  /** Called before a directory is listed. False: nothing in it may be looked at. */
  readonly enter?: (dir: string) => Promise<boolean>;
}

/** `known` is the stat of the root; without it the root is asked, and what the disk throws is thrown. */
export async function planWatch(
  parts: CountParts,
  limits: WatchLimits,
  signal: AbortSignal,
  known?: DiskStat,
): Promise<WatchPlan> {
  const top = known ?? (await parts.disk.lstat(parts.root));
  const byKernel = Math.floor(limits.watches * ours);
  const limit = Math.min(byKernel, maxWatched);
  const directories: string[] = [];
  for await (const dir of directoriesOf(parts, top, signal)) {
    directories.push(dir);
    if (directories.length > limit)
      return { plan: 'scan', directories, limit, kernel: byKernel <= maxWatched };
  }
  return { plan: 'watch', directories, limit, kernel: byKernel <= maxWatched };
}

/** Directories that a listing would show, parents first. One that cannot be listed counts, and hides what is below. */
async function* directoriesOf(parts: CountParts, top: DiskStat, signal: AbortSignal): AsyncGenerator<string> {
  const stack: { path: string; nlink: number }[] = [{ path: '', nlink: top.nlink }];
  for (let dir = stack.pop(); dir; dir = stack.pop()) {
    signal.throwIfAborted();
    yield dir.path;
    // Where link counts count subdirectories, 2 says that there is none; a wrong one is mended by the first scan.
    if (dir.nlink === 2) continue;
    for (const below of await subDirectories(parts, dir.path, top, signal)) stack.push(below);
  }
}

async function subDirectories(parts: CountParts, dir: string, top: DiskStat, signal: AbortSignal) {
  const at = dir === '' ? parts.root : `${parts.root}/${dir}`;
  if ((await parts.enter?.(dir)) === false) return [];
  const names = await namesIn(parts.disk, at);
  const stats = await parts.lstatAll(at, names, signal);
  const found: { path: string; nlink: number }[] = [];
  for (const [i, stat] of stats.entries()) {
    if (stat instanceof Error || stat.kind !== 'dir' || stat.dev !== top.dev) continue;
    const path = joinPath(dir, names[i] ?? '');
    if (!parts.excludes(path, 'dir')) found.push({ path, nlink: stat.nlink });
  }
  return found;
}

async function namesIn(disk: Disk, at: string): Promise<string[]> {
  try {
    return (await disk.list(at)).flatMap(({ name }) => (name === undefined ? [] : [name]));
  } catch {
    return [];
  }
}

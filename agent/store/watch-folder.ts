/** One watch of one root: plan by the budget, watch what may be watched, hint; say so where it is blind. */
import type { Emit } from '#agent/core/event.ts';
import { nameOf, parentOf } from '#agent/core/path.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { Disk, DiskStat } from '#agent/sys/disk.ts';
import { Flood } from './flood.ts';
import { HintQueue } from './hints.ts';
import type { Hint } from './store.ts';
import {
  type CountParts,
  planWatch,
  readWatchLimits,
  type WatchLimits,
  type WatchPlan,
} from './watch-budget.ts';
import type { DirectoryEvents } from './watch-directory.ts';
import { WatchSet } from './watch-set.ts';

export interface WatchParts extends CountParts {
  /** The disk as a whole: what the kernel says of itself is not in the root. */
  readonly system: Disk;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly openWatch: (absolute: string, events: DirectoryEvents) => Promise<AsyncDisposable>;
  /** Told of the watched directories while they are watched, so that listings can keep them up to date. */
  readonly attach: (set: WatchSet | undefined) => void;
}

/** A burst of new watches larger than this is answered with one look at everything. */
const hintEach = 64;
/** How often a missing root is looked for. */
const absentMs = 2000;

/** Ends when the signal aborts, or when the root itself was replaced or went away: then watch again. */
export async function* watchFolder(parts: WatchParts, signal: AbortSignal): AsyncGenerator<Hint> {
  const top = await waitForRoot(parts, signal);
  if (!top) return;
  const limits = await readWatchLimits(parts.system);
  const plan = await planWatch(parts, limits, signal, top);
  tellPlan(parts.emit, plan, limits);
  const hints = new HintQueue(parts.clock);
  hints.all('watch begins');
  if (plan.plan === 'scan') return yield* hints.read(signal);
  const lost = new AbortController();
  await using set = openSet(parts, hints, { plan, limits, top, lost });
  for (const path of plan.directories) set.add({ path });
  parts.attach(set);
  try {
    yield* hints.read(AbortSignal.any([signal, lost.signal]));
  } finally {
    parts.attach(undefined);
  }
}

async function waitForRoot(parts: WatchParts, signal: AbortSignal): Promise<DiskStat | undefined> {
  while (!signal.aborted) {
    const top = await dirStat(parts.disk, parts.root);
    if (top) return top;
    await parts.clock.sleep(absentMs, signal).catch(() => undefined);
  }
  return undefined;
}

async function dirStat(disk: Disk, path: string): Promise<DiskStat | undefined> {
  const stat = await disk.lstat(path).catch(() => undefined);
  return stat?.kind === 'dir' ? stat : undefined;
}

function tellPlan(emit: Emit, { plan, directories, limit, kernel }: WatchPlan, limits: WatchLimits): void {
  const counted = { directories: directories.length, limit, instances: limits.instances };
  const scanOnly = kernel ? 'STORE_WATCH_SCAN_ONLY' : 'STORE_WATCH_TOO_LARGE';
  const code = plan === 'watch' ? 'STORE_WATCH_BUDGET' : scanOnly;
  emit({ type: 'note', code, details: { ...counted, suggested: Math.max(524_288, limit * 4) } });
}

interface Session {
  readonly plan: WatchPlan;
  readonly limits: WatchLimits;
  readonly top: DiskStat;
  readonly lost: AbortController;
}

function openSet(parts: WatchParts, hints: HintQueue, session: Session): WatchSet {
  const { root, emit, disk } = parts;
  const told = new Set<string>();
  /** Said once a session; each time is answered by a look at everything, unless it would come of that look itself. */
  const note = (code: string, reason: string): void => {
    if (told.has(reason)) return;
    told.add(reason);
    emit({ type: 'note', code, details: { reason, watched: set.size } });
    hints.all(reason);
  };
  const flood = new Flood(session.limits.queued, () => {
    note('STORE_WATCH_OVERFLOW', 'events lost');
    hints.all('events lost');
  });
  const rootMoved = async (): Promise<void> => {
    const now = await dirStat(disk, root);
    if (now?.ino !== session.top.ino || now.dev !== session.top.dev) session.lost.abort();
  };
  const set = new WatchSet({
    open: (dir, events) => parts.openWatch(dir === '' ? root : `${root}/${dir}`, events),
    limit: session.plan.limit,
    changed: (dir, renamed) => {
      hints.dir(dir);
      flood.event();
      if (dir === '' && renamed === nameOf(root)) void rootMoved();
    },
    watching: (dirs) => {
      if (dirs.length > hintEach) hints.all('watching more directories');
      else for (const dir of dirs) hints.dir(dir);
    },
    failed: (reason, dir) => {
      if (reason === 'ENOENT' && dir === '') session.lost.abort();
      else if (reason === 'ENOENT') hints.dir(parentOf(dir));
      else note('STORE_WATCH_PARTIAL', reason);
    },
  });
  return set;
}

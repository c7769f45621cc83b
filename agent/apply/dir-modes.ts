/** The modes of directories, last of all, when what goes into them is in: a read-only one could take nothing more. */
import type { Row } from '#agent/core/item.ts';
import { type Planner, planItem } from '#agent/core/plan.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { setIfPossible } from './attributes.ts';
import { Committer, type Written } from './commit.ts';
import { factsOf, isAsKnown } from './facts.ts';
import { durably, setbackOf } from './failure.ts';
import { Interims } from './interim.ts';
import { type Layout, lstatIfAny } from './layout.ts';
import { Parents } from './parents.ts';
import type { ApplyState } from './ports.ts';
import type { Tally } from './tally.ts';
import { type PutTask, type Setback, stale } from './task.ts';

const groupItems = 256;
const specialBits = 0o7000;

export interface ModeParts {
  readonly disk: Disk;
  readonly layout: Layout;
  readonly state: ApplyState;
  readonly me: Planner;
}

/** `paths` with children before parents. */
export async function setDirModes(
  parts: ModeParts,
  paths: readonly string[],
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const committer = new Committer(parts.state, parts.me, tally);
  const interims = new Interims(parts.state, parts.me, tally);
  let written: Written[] = [];
  for (const [i, path] of paths.entries()) {
    signal.throwIfAborted();
    const row = (await parts.state.row(path)) ?? {};
    const action = planItem(row, parts.me);
    if (action.do === 'apply' && action.remote.state.kind === 'dir') {
      const placed = await setMode(parts, { path, row, action }, interims);
      if ('item' in placed) written.push(placed);
      else tally.setback(path, placed);
    }
    if (written.length < groupItems && i < paths.length - 1) continue;
    await committer.written(written, []);
    written = [];
  }
  // Those that have their mode again: it is the record's word now.
  const interim = [...tally.interim];
  for (let at = 0; at < interim.length; at += groupItems)
    await committer.noted(interim.slice(at, at + groupItems));
}

async function setMode(parts: ModeParts, task: PutTask, interims: Interims): Promise<Written | Setback> {
  try {
    // One at a time: a parent may be in the list too, and must not get its old mode back afterwards.
    await using parents = new Parents(parts, interims);
    const blocked = await parents.ready(task.path);
    if (blocked) return blocked === 'missing' ? stale : blocked;
    return await setOne(parts, task, task.row);
  } catch (error) {
    return setbackOf(error);
  }
}

async function setOne({ disk, layout }: ModeParts, task: PutTask, row: Row): Promise<Written | Setback> {
  const at = layout.at(task.path);
  const here = await lstatIfAny(disk, at);
  const { state } = task.action.remote;
  if (!here || state.kind !== 'dir' || !isAsKnown(here, row.local)) return stale;
  if ((here.mode & 0o777) !== state.mode)
    await setIfPossible(() => disk.chmod(at, (here.mode & specialBits) | state.mode));
  const readable = (state.mode & 0o400) !== 0;
  await durably(() => (readable ? disk.syncDir(at) : disk.syncFs(layout.root)));
  const facts = factsOf(await disk.lstat(at));
  return { item: { task, shape: 'dir' }, placed: { outcome: 'placed', facts } };
}

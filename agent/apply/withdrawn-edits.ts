/** Copies that were withdrawn and are not their author's alone: a person decides what becomes of them, and until then they are shown. */
import { join, posix } from 'node:path';
import type { Emit } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import { privateFolder } from '#agent/core/path.ts';
import type { Disk } from '#agent/sys/disk.ts';
import { type Layout, lstatIfAny } from './layout.ts';
import type { ApplyState } from './ports.ts';

/** There is work of this node in it; or another brought it too, or who did is not known. */
const codes = ['WITHDRAWN_BUT_EDITED', 'WITHDRAWN_NOT_ALONE'] as const;
const folder = posix.join(privateFolder, 'withdrawn');

/** Where it will be found, and no name of an item: nothing that happens to the item ends it. */
const placeOf = (path: string): string => posix.join(folder, path);

export interface NoteParts {
  readonly state: ApplyState;
  readonly space: SpaceId;
  readonly emit: Emit;
}

/** Durable before the copy is moved, or a crash would hide it. */
export async function noteSetAside(
  { state, space, emit }: NoteParts,
  path: string,
  code: (typeof codes)[number],
): Promise<void> {
  const problem = { code, path: placeOf(path), details: { folder } };
  const batch = state.batch();
  batch.putProblem(problem);
  await batch.commit();
  emit({ type: 'problem', space, problem });
}

export interface EditsParts {
  readonly state: ApplyState;
  readonly disk: Disk;
  readonly layout: Layout;
}

/** Ends the problems of copies that a person has taken away. Returns their paths. */
export async function clearTaken({ state, disk, layout }: EditsParts): Promise<readonly string[]> {
  const over: string[] = [];
  let bins: string[] | undefined;
  for await (const problem of state.problems()) {
    if (!codes.some((code) => code === problem.code)) continue;
    bins ??= await namesIn(disk, layout.withdrawn);
    const item = problem.path.slice(folder.length + 1);
    let there = false;
    for (const bin of bins)
      there ||= (await lstatIfAny(disk, join(layout.withdrawn, bin, item))) !== undefined;
    if (!there) over.push(problem.path);
  }
  if (over.length === 0) return over;
  const batch = state.batch();
  for (const path of over) batch.clearProblem(path);
  await batch.commit();
  return over;
}

async function namesIn(disk: Disk, dir: string): Promise<string[]> {
  if (!(await lstatIfAny(disk, dir))) return [];
  return (await disk.list(dir)).flatMap(({ name }) => (name === undefined ? [] : [name]));
}

/** Problems of the disk that the last look did not meet again are over: their records go. */
import type { Emit } from '#agent/core/event.ts';
import type { SpaceId } from '#agent/core/ids.ts';
import { parentOf } from '#agent/core/path.ts';
import type { SpaceState } from '#agent/feed/space-state.ts';

/** Looked at in one go; what is beyond waits for the next look. */
const maxCleared = 10_000;

export interface Looked {
  /** Undefined for the whole tree, else the directories that were listed. */
  readonly under: ReadonlySet<string> | undefined;
  /** Paths with a problem in this look. */
  readonly met: ReadonlySet<string>;
}

const isOfTheDisk = (code: string): boolean =>
  code === 'FILES_CHANGING' || ['STORE_', 'LABEL_', 'IGNORE_'].some((start) => code.startsWith(start));

/** Only problems that a look at the disk finds are its to clear: those of feeds and of the apply step have other ends. */
export async function clearStaleProblems(
  { state, space, emit }: { readonly state: SpaceState; readonly space: SpaceId; readonly emit: Emit },
  { under, met }: Looked,
): Promise<void> {
  if (state.counts().problems === 0) return;
  const over: string[] = [];
  for await (const { code, path } of state.problems()) {
    if (!isOfTheDisk(code) || met.has(path)) continue;
    if (under && !under.has(parentOf(path))) continue;
    over.push(path);
    if (over.length === maxCleared) break;
  }
  if (over.length === 0) return;
  const batch = state.batch();
  for (const path of over) batch.clearProblem(path);
  await batch.commit();
  for (const path of over) emit({ type: 'problem.cleared', space, path });
}

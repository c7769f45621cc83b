/** Looks through a package by the names of its parts, so that the whole of it gets the highest of their labels (R04). */
import type { Problem } from '#agent/core/errors.ts';
import { joinPath } from '#agent/core/path.ts';
import type { Disk } from '#agent/sys/disk.ts';
import type { LstatAll } from '#agent/sys/lstat-all.ts';
import { diskErrno } from './disk-errno.ts';
import type { LabelRules } from './label-rules.ts';
import type { FoundKind } from './store.ts';

export interface PackageParts {
  readonly disk: Disk;
  readonly lstatAll: LstatAll;
  readonly root: string;
  readonly labels: LabelRules;
  /** Patterns of what is left out: that is no part of it. */
  readonly ignores: (path: string, kind: FoundKind) => boolean;
  /** State secrets that may not be handled now. */
  readonly hides: (path: string, kind: FoundKind) => boolean;
  /** Reads the label files that count in a folder. */
  readonly enter: (dir: string) => Promise<boolean>;
  readonly limit?: number;
}

/** Each look at a folder of a package goes through the whole of it. */
const maxParts = 10_000;

/**
 * Remembers what `dir` must carry, durably. Returns why it cannot be told; then nothing of the package is shared.
 * Names are looked at, and nothing is opened but label files.
 */
export async function measurePackage(
  parts: PackageParts,
  dir: string,
  signal: AbortSignal,
): Promise<Problem | undefined> {
  const problem = await lookThrough(parts, dir, signal);
  parts.labels.withhold(dir, problem !== undefined);
  return problem;
}

async function lookThrough(
  parts: PackageParts,
  root: string,
  signal: AbortSignal,
): Promise<Problem | undefined> {
  const { labels, limit = maxParts } = parts;
  const refused = (reason: string): Problem => ({
    code: 'LABEL_PACKAGE_REFUSED',
    path: root,
    details: { reason, limit },
  });
  const stack = [root];
  let count = 0;
  for (let dir = stack.pop(); dir !== undefined; dir = stack.pop()) {
    signal.throwIfAborted();
    await parts.enter(dir);
    const broken = labels.brokenOver(joinPath(dir, '.'));
    if (broken) return broken;
    const entries = await entriesOf(parts, dir, signal);
    if (typeof entries === 'string') return refused(entries);
    count += entries.length;
    if (count > limit) return refused('too many parts');
    for (const { path, kind } of entries) {
      const { label } = labels.of(path, kind);
      const raised = label && (await labels.memory.raise(root, label));
      if (label && raised === undefined) return refused('too many packages');
      if (raised) labels.changed();
      if (kind === 'dir' && !parts.hides(path, kind)) stack.push(path);
    }
  }
  return undefined;
}

/** An errno when they cannot be told. What went away meanwhile is no part. */
async function entriesOf(
  { disk, lstatAll, root, ignores }: PackageParts,
  dir: string,
  signal: AbortSignal,
): Promise<{ path: string; kind: FoundKind }[] | string> {
  const at = dir === '' ? root : `${root}/${dir}`;
  try {
    const names = (await disk.list(at)).flatMap(({ name }) => (name === undefined ? [] : [name]));
    const stats = await lstatAll(at, names, signal);
    return stats.flatMap((stat, i) => {
      const path = joinPath(dir, names[i] ?? '');
      if (stat instanceof Error) return [];
      const kind = stat.kind === 'dir' || stat.kind === 'link' ? stat.kind : 'file';
      return ignores(path, kind) ? [] : [{ path, kind }];
    });
  } catch (error) {
    const errno = diskErrno(error);
    if (errno === undefined) throw error;
    return errno === 'ENOENT' || errno === 'ENOTDIR' ? [] : errno;
  }
}

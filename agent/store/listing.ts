/** Lists one directory: what each entry is, and what about it cannot be shared. */
import { maxFileBytes } from '#agent/core/bounds.ts';
import { checkTarget } from '#agent/core/change-codec.ts';
import { DongboError, type Problem } from '#agent/core/errors.ts';
import { checkPath, joinPath, privateFolder } from '#agent/core/path.ts';
import type { DirEntry, Disk, DiskStat } from '#agent/sys/disk.ts';
import type { LstatAll } from '#agent/sys/lstat-all.ts';
import { diskErrno } from './disk-errno.ts';
import { factsOf } from './facts.ts';
import type { RealPath } from './real-path.ts';
import type { Found, FoundKind, Listing } from './store.ts';

export interface ListParts {
  readonly disk: Disk;
  readonly lstatAll: LstatAll;
  readonly real: RealPath;
  readonly excludes: (path: string, kind: FoundKind) => boolean;
  /** Whether it is this node's state, configuration or keys. */
  readonly isOwn: (stat: DiskStat) => boolean;
}

/** Throws STORE_LIST_FAILED: an empty listing always means an empty directory. */
export async function listDirectory(parts: ListParts, dir: string, signal: AbortSignal): Promise<Listing> {
  try {
    const here = await parts.real.stat(dir);
    if (here?.kind !== 'dir') throw listFailed('ENOTDIR');
    const raw = await parts.disk.list(parts.real.at(dir));
    const problems: Problem[] = [];
    const paths = sharable(dir, raw, problems);
    const names = paths.map((path) => path.slice(dir === '' ? 0 : dir.length + 1));
    const stats = await parts.lstatAll(parts.real.at(dir), names, signal);
    const entries: Found[] = [];
    for (const [i, path] of paths.entries()) {
      const looked = await lookAt(parts, path, stats[i]);
      if (looked && 'code' in looked) problems.push(looked);
      else if (looked) entries.push(looked);
    }
    return { entries, problems };
  } catch (error) {
    const errno = diskErrno(error);
    throw errno === undefined ? error : listFailed(errno, error);
  }
}

const listFailed = (errno: string, cause?: unknown): DongboError =>
  new DongboError('STORE_LIST_FAILED', { errno }, { retry: 'later', cause });

/** Paths of the entries whose names can travel; the others become problems. Accident 13. */
function sharable(dir: string, raw: readonly DirEntry[], problems: Problem[]): string[] {
  const paths: string[] = [];
  for (const { name, raw: bytes } of raw) {
    if (dir === '' && name === privateFolder) continue;
    const path = joinPath(dir, name ?? escaped(bytes));
    const broken = name === undefined ? undefined : checkPath(path);
    if (name === undefined) problems.push({ code: 'STORE_NAME_NOT_UTF8', path, details: {} });
    else if (broken) problems.push({ code: 'STORE_NAME_UNUSABLE', path, details: { rule: broken } });
    // A faulty file system may name one entry twice, and there is but one item.
    else if (paths.at(-1) !== path) paths.push(path);
  }
  return paths;
}

/** A name to show for bytes that are no text: each byte beyond ASCII as `\xNN`. */
function escaped(raw: Uint8Array): string {
  const text = (byte: number): string =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  return Array.from(raw, text).join('');
}

/** Undefined when it went away meanwhile, or is excluded. */
export async function lookAt(
  parts: ListParts,
  path: string,
  stat: DiskStat | Error | undefined,
): Promise<Found | Problem | undefined> {
  if (stat === undefined || stat instanceof Error) return failed(parts, path, stat);
  const { kind } = stat;
  if (parts.isOwn(stat)) return { code: 'STORE_OWN_PLACE', path, details: {} };
  if (kind !== 'file' && kind !== 'dir' && kind !== 'link') {
    return parts.excludes(path, 'file') ? undefined : { code: 'STORE_SPECIAL_FILE', path, details: { kind } };
  }
  if (parts.excludes(path, kind)) return undefined;
  if (kind === 'file' && stat.size > maxFileBytes) {
    return { code: 'STORE_FILE_TOO_LARGE', path, details: { bytes: stat.size } };
  }
  if (kind === 'link') return lookAtLink(parts, path, stat);
  if (kind === 'dir' && (await isMount(parts, path))) return otherFilesystem(path);
  return { path, kind, facts: factsOf(stat) };
}

/** Into what is mounted nothing can be renamed, and it may be another thing, or gone, at any time. */
const otherFilesystem = (path: string): Problem => ({ code: 'STORE_OTHER_FILESYSTEM', path, details: {} });

/** Also where a directory of the same file system is mounted. */
async function isMount({ real }: ListParts, path: string): Promise<boolean> {
  try {
    await real.stat(path);
    return false;
  } catch (error) {
    return diskErrno(error) === 'EXDEV';
  }
}

function failed(parts: ListParts, path: string, error: Error | undefined): Problem | undefined {
  const errno = diskErrno(error) ?? 'unknown';
  if (errno === 'EXDEV') return otherFilesystem(path);
  if (errno === 'ENOENT' || parts.excludes(path, 'file')) return undefined;
  return { code: 'STORE_LOOK_FAILED', path, details: { errno } };
}

async function lookAtLink(
  parts: ListParts,
  path: string,
  stat: DiskStat,
): Promise<Found | Problem | undefined> {
  try {
    const target = await parts.disk.readlink(parts.real.at(path));
    if (target === undefined) return { code: 'STORE_LINK_NOT_UTF8', path, details: {} };
    const rule = checkTarget(target);
    if (rule) return { code: 'STORE_LINK_UNUSABLE', path, details: { rule } };
    return { path, kind: 'link', facts: factsOf(stat), target };
  } catch (error) {
    // EINVAL: it became something else between the two looks; the next look tells.
    if (diskErrno(error) === 'EINVAL')
      return { code: 'STORE_LOOK_FAILED', path, details: { errno: 'EINVAL' } };
    return failed(parts, path, error instanceof Error ? error : undefined);
  }
}
